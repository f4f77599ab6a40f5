package mns

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"time"
)

// namespace is that of every document the service writes. The vendor's Java SDK reads no error with a slash behind it.
const namespace = "http://mns.aliyuncs.com/doc/v1"

// reply is what the service answers. Without a name it has no body.
type reply struct {
	status   int
	name     string // of the body's outermost element
	value    any
	location string // of what was made
}

// done answers a call that returns nothing.
func done() reply { return reply{status: http.StatusNoContent} }

// ok answers with a value.
func ok(name string, value any) (reply, *Error) {
	return reply{status: http.StatusOK, name: name, value: value}, nil
}

// created answers a create with the location of what was asked for: 201, or 204 when the same existed already.
func (c request) created(made bool, err *Error) (reply, *Error) {
	if err != nil {
		return reply{}, err
	}
	status := http.StatusNoContent
	if made {
		status = http.StatusCreated
	}
	return reply{status: status, location: c.url(c.resource)}, nil
}

// refusal answers with an error.
func (c request) refusal(err *Error) reply {
	return reply{status: err.Status, name: "Error", value: struct {
		Code, Message string
		RequestID     string `xml:"RequestId"`
		HostID        string `xml:"HostId"`
	}{err.Code, err.Message, c.id, "http://" + c.host}}
}

// WriteError answers a request with an error of the given status and code, in the service's form and with the
// documented message of the code if it has one. It is for faults that are injected in front of the service.
func (s *Service) WriteError(w http.ResponseWriter, r *http.Request, status int, code string) {
	c, _ := s.read(r)
	c.write(w, c.refusal(&Error{Status: status, Code: code, Message: refuse(code).Message}))
}

// write sends an answer in the form of the service's: indented, since the vendor's PHP SDK loses properties that have
// nothing between them. The names of its own headers are in lower case on the wire, since
// some clients look for them so.
func (c request) write(w http.ResponseWriter, answer reply) {
	header := w.Header()
	header.Set("Content-Type", "text/xml;charset=utf-8")
	header.Set("Server", "AliyunMQS")
	header["x-mns-version"] = []string{"2015-06-06"}
	header["x-mns-request-id"] = []string{c.id}
	if answer.location != "" {
		header.Set("Location", answer.location)
	}
	w.WriteHeader(answer.status)
	if answer.name != "" {
		text, _ := xml.MarshalIndent(answer, "", "  ")      // structs of texts and numbers always encode
		_, _ = w.Write(append([]byte(xml.Header), text...)) // the client may be gone
	}
}

// MarshalXML puts everything that the service writes under its namespace. What clients send comes without one.
func (r reply) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	attribute := xml.Attr{Name: xml.Name{Local: "xmlns"}, Value: namespace}
	return e.EncodeElement(r.value, xml.StartElement{Name: xml.Name{Local: r.name}, Attr: []xml.Attr{attribute}})
}

// url is where a client that calls as this one did finds a path of the service.
func (c request) url(path string) string { return "http://" + c.host + c.prefix + path }

// requestID has 24 characters.
func (s *Service) requestID() string {
	return bodyMD5(strconv.FormatInt(s.ids.Add(1), 10) + time.Now().Format(time.RFC3339Nano))[:24]
}
