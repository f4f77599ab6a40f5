package mns

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// request is a call as it was read: which resource, which operation, and its body.
type request struct {
	resource string // path and query from /queues or /topics on, as sent
	parts    []string
	query    map[string]string // names in lower case
	body     []byte
	key      string // the access key, once verified
}

// ServeHTTP serves the API. Every request is verified before anything else.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c, err := read(r)
	if err == nil {
		c.key, err = s.verify(r, c)
	}
	if err != nil {
		s.refuse(w, err)
		return
	}
	operation := s.operations()[c.operation(r.Method)]
	if operation == nil {
		s.refuse(w, refuse("InvalidRequestURL"))
		return
	}
	if err := operation(w, r, c); err != nil {
		s.refuse(w, err)
	}
}

type operation func(w http.ResponseWriter, r *http.Request, c request) *Error

// operations are the calls by the names of the API reference.
func (s *Service) operations() map[string]operation {
	return map[string]operation{
		"CreateQueue": s.serveCreateQueue, "SetQueueAttributes": s.serveSetQueue, "GetQueueAttributes": s.serveGetQueue, "DeleteQueue": s.serveDeleteQueue,
		"SendMessage": s.serveSend, "BatchSendMessage": s.serveBatchSend,
		"ReceiveMessage": s.serveReceive, "BatchReceiveMessage": s.serveReceive,
		"PeekMessage": s.servePeek, "BatchPeekMessage": s.servePeek,
		"DeleteMessage": s.serveDelete, "BatchDeleteMessage": s.serveBatchDelete,
		"ChangeMessageVisibility": s.serveChangeVisibility,
		"CreateTopic":             s.serveCreateTopic, "SetTopicAttributes": s.serveSetTopic, "GetTopicAttributes": s.serveGetTopic, "DeleteTopic": s.serveDeleteTopic,
		"ListQueue": s.serveListQueues, "ListTopic": s.serveListTopics, "ListSubscriptionByTopic": s.serveListSubscriptions,
		"SetSubscriptionAttributes": s.serveSetSubscription, "GetSubscriptionAttributes": s.serveGetSubscription,
		"Subscribe": s.serveSubscribe, "Unsubscribe": s.serveUnsubscribe, "PublishMessage": s.servePublish,
	}
}

// Action names the operation that a request is for, by the names of the API reference;
// "" when there is none. The request can be served afterwards.
func (s *Service) Action(r *http.Request) string {
	c, err := read(r)
	if err != nil {
		return ""
	}
	return c.operation(r.Method)
}

// read takes a request apart and leaves its body in place for another reader.
func read(r *http.Request) (request, *Error) {
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 2<<20))
	if err != nil {
		return request{}, invalid("The body is too large or broke off.")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	uri := r.URL.RequestURI()
	at := strings.Index(uri, "/queues")
	if i := strings.Index(uri, "/topics"); at < 0 || i >= 0 && i < at {
		at = i
	}
	if at < 0 {
		return request{}, refuse("InvalidRequestURL")
	}
	c := request{resource: uri[at:], body: body, query: map[string]string{}}
	path, query, _ := strings.Cut(c.resource, "?")
	c.parts = strings.Split(strings.Trim(path, "/"), "/")
	for _, pair := range strings.Split(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" {
			continue
		}
		// Handles come unescaped from some clients: a plus sign is a plus sign.
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		c.query[strings.ToLower(name)] = value
	}
	return c, nil
}

// operation tells by method, path and query which call it is.
func (c request) operation(method string) string {
	kind := map[string]string{"queues": "Queue", "topics": "Topic"}[c.parts[0]]
	switch {
	case kind == "":
		return ""
	case len(c.parts) == 1 && method == http.MethodGet:
		return "List" + kind
	case len(c.parts) == 3 && c.parts[2] == "subscriptions" && kind == "Topic" && method == http.MethodGet:
		return "ListSubscriptionByTopic"
	case len(c.parts) == 2:
		switch {
		case method == http.MethodPut && c.set():
			return "Set" + kind + "Attributes"
		case method == http.MethodPut:
			return "Create" + kind
		case method == http.MethodGet:
			return "Get" + kind + "Attributes"
		case method == http.MethodDelete:
			return "Delete" + kind
		}
	case len(c.parts) == 3 && c.parts[2] == "messages" && kind == "Topic" && method == http.MethodPost:
		return "PublishMessage"
	case len(c.parts) == 3 && c.parts[2] == "messages" && kind == "Queue":
		return c.messageOperation(method)
	case len(c.parts) == 4 && c.parts[2] == "subscriptions" && kind == "Topic" && c.set():
		return map[string]string{http.MethodPut: "SetSubscriptionAttributes"}[method]
	case len(c.parts) == 4 && c.parts[2] == "subscriptions" && kind == "Topic":
		return map[string]string{http.MethodPut: "Subscribe", http.MethodDelete: "Unsubscribe", http.MethodGet: "GetSubscriptionAttributes"}[method]
	}
	return ""
}

// set tells whether a PUT changes what is there instead of making it.
func (c request) set() bool { return c.query["metaoverride"] == "true" }

func (c request) messageOperation(method string) string {
	_, many := c.query["numofmessages"]
	root := c.root()
	batch := ""
	if many || root == "Messages" || root == "ReceiptHandles" {
		batch = "Batch"
	}
	switch method {
	case http.MethodPost:
		return batch + "SendMessage"
	case http.MethodGet:
		if c.query["peekonly"] == "true" {
			return batch + "PeekMessage"
		}
		return batch + "ReceiveMessage"
	case http.MethodDelete:
		return batch + "DeleteMessage"
	case http.MethodPut:
		return "ChangeMessageVisibility"
	}
	return ""
}

// root is the name of the body's outermost element, "" when there is none.
func (c request) root() string {
	for decoder := xml.NewDecoder(bytes.NewReader(c.body)); ; {
		token, err := decoder.Token()
		if err != nil {
			return ""
		}
		if element, ok := token.(xml.StartElement); ok {
			return element.Name.Local
		}
	}
}

// number reads a whole number of the query within bounds.
func (c request) number(name string, preset, least, most int) (int, *Error) {
	value, given := c.query[name]
	if !given {
		return preset, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		return 0, &Error{Status: http.StatusBadRequest, Code: "InvalidQueryString", Message: fmt.Sprintf("Http request URL contains invalid querystring item %q.", name)}
	}
	return n, nil
}

// decode reads the body's XML.
func (c request) decode(into any) *Error {
	if err := xml.Unmarshal(c.body, into); err != nil {
		return refuse("MalformedXML")
	}
	return nil
}

// answer writes a value as the service does.
func (s *Service) answer(w http.ResponseWriter, status int, value any) {
	header := w.Header()
	header.Set("Content-Type", "text/xml;charset=utf-8")
	header.Set("Server", "AliyunMQS")
	header.Set("x-mns-version", "2015-06-06")
	header.Set("x-mns-request-id", s.requestID())
	if value == nil {
		w.WriteHeader(status)
		return
	}
	text, _ := xml.Marshal(value) // structs of texts and numbers always encode
	w.WriteHeader(status)
	_, _ = w.Write(append([]byte(xml.Header), text...)) // a client that left is no matter
}

// requestID has 24 characters.
func (s *Service) requestID() string {
	id := bodyMD5(strconv.FormatInt(s.ids.Add(1), 10) + s.options.Now().Format(time.RFC3339Nano))
	return id[:24]
}

// refuse writes an error in the service's form.
func (s *Service) refuse(w http.ResponseWriter, err *Error) {
	s.answer(w, err.Status, struct {
		XMLName xml.Name `xml:"http://mns.aliyuncs.com/doc/v1/ Error"`
		Code    string
		Message string
		ID      string `xml:"RequestId"`
		HostID  string `xml:"HostId"`
	}{Code: err.Code, Message: err.Message, ID: s.requestID(), HostID: "http://" + s.options.Account + ".mns." + s.options.Region + ".aliyuncs.com"})
}

// WriteError answers a request with an error of the given status and code, in the
// service's form and with the documented message of the code if it has one, for a fault
// that stands in front of the service.
func (s *Service) WriteError(w http.ResponseWriter, _ *http.Request, status int, code string) {
	_, message := documented(code)
	s.refuse(w, &Error{Status: status, Code: code, Message: message})
}
