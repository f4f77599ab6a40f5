package mns

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"time"
)

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

// created answers a create: 201 with the location of what was made, or 204 when the same existed already.
func (s *Service) created(c request, made bool, err *Error) (reply, *Error) {
	if err != nil || !made {
		return done(), err
	}
	return reply{status: http.StatusCreated, location: s.url(c.resource)}, nil
}

// refusal answers with an error.
func (s *Service) refusal(err *Error) reply {
	return reply{status: err.Status, name: "Error", value: struct {
		Code, Message string
		RequestID     string `xml:"RequestId"`
		HostID        string `xml:"HostId"`
	}{err.Code, err.Message, s.requestID(), s.url("")}}
}

// WriteError answers a request with an error of the given status and code, in the service's form and with the
// documented message of the code if it has one. It is for faults that are injected in front of the service.
func (s *Service) WriteError(w http.ResponseWriter, _ *http.Request, status int, code string) {
	s.write(w, s.refusal(&Error{Status: status, Code: code, Message: refuse(code).Message}))
}

// write sends an answer in the form of the service's.
func (s *Service) write(w http.ResponseWriter, answer reply) {
	header := w.Header()
	header.Set("Content-Type", "text/xml;charset=utf-8")
	header.Set("Server", "AliyunMQS")
	header.Set("x-mns-version", "2015-06-06")
	header.Set("x-mns-request-id", s.requestID())
	if answer.location != "" {
		header.Set("Location", answer.location)
	}
	w.WriteHeader(answer.status)
	if answer.name != "" {
		text, _ := xml.Marshal(answer)                      // structs of texts and numbers always encode
		_, _ = w.Write(append([]byte(xml.Header), text...)) // the client may be gone
	}
}

// MarshalXML puts everything that the service writes under its namespace. What clients send comes without one.
func (r reply) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	namespace := xml.Attr{Name: xml.Name{Local: "xmlns"}, Value: "http://mns.aliyuncs.com/doc/v1/"}
	return e.EncodeElement(r.value, xml.StartElement{Name: xml.Name{Local: r.name}, Attr: []xml.Attr{namespace}})
}

func (s *Service) url(path string) string {
	return "http://" + s.options.Account + ".mns." + s.options.Region + ".aliyuncs.com" + path
}

// requestID has 24 characters.
func (s *Service) requestID() string {
	return bodyMD5(strconv.FormatInt(s.ids.Add(1), 10) + time.Now().Format(time.RFC3339Nano))[:24]
}
