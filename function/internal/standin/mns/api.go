package mns

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"vpn-attach/function/internal/standin/ram"
)

// request is a call as it was read: which resource, which operation, and its body.
type request struct {
	id       string // of the call, in the answer's header and body
	host     string // that was asked, as the client wrote it
	prefix   string // of the path, before the resource
	method   string
	resource string // path and query from /queues or /topics on, as sent
	parts    []string
	query    map[string]string // names in lower case
	header   http.Header
	body     []byte
	key      string // the access key, once verified
}

// operation is a call of the API. The service is locked while it is served, except where it waits for messages.
type operation struct {
	action string // its name in the API reference
	serve  func(*Service, request) (reply, *Error)
}

// operations are the calls by their routes. A receive has none to serve it: see Service.serve.
func operations() map[string]operation {
	return map[string]operation{
		"GET account":                      {"GetAccountAttributes", (*Service).serveGetAccount},
		"PUT account":                      {"SetAccountAttributes", (*Service).serveSetAccount},
		"GET queues":                       {"ListQueue", (*Service).serveListQueues},
		"PUT queues/*":                     {"CreateQueue", (*Service).serveCreateQueue},
		"PUT queues/* set":                 {"SetQueueAttributes", (*Service).serveSetQueue},
		"GET queues/*":                     {"GetQueueAttributes", (*Service).serveGetQueue},
		"DELETE queues/*":                  {"DeleteQueue", (*Service).serveDeleteQueue},
		"POST queues/*/messages":           {"SendMessage", (*Service).serveSend},
		"POST queues/*/messages batch":     {"BatchSendMessage", (*Service).serveBatchSend},
		"GET queues/*/messages":            {"ReceiveMessage", nil},
		"GET queues/*/messages batch":      {"BatchReceiveMessage", nil},
		"GET queues/*/messages peek":       {"PeekMessage", (*Service).servePeek},
		"GET queues/*/messages peek batch": {"BatchPeekMessage", (*Service).servePeek},
		"DELETE queues/*/messages":         {"DeleteMessage", (*Service).serveDelete},
		"DELETE queues/*/messages batch":   {"BatchDeleteMessage", (*Service).serveBatchDelete},
		"PUT queues/*/messages":            {"ChangeMessageVisibility", (*Service).serveChangeVisibility},
		"GET topics":                       {"ListTopic", (*Service).serveListTopics},
		"PUT topics/*":                     {"CreateTopic", (*Service).serveCreateTopic},
		"PUT topics/* set":                 {"SetTopicAttributes", (*Service).serveSetTopic},
		"GET topics/*":                     {"GetTopicAttributes", (*Service).serveGetTopic},
		"DELETE topics/*":                  {"DeleteTopic", (*Service).serveDeleteTopic},
		"POST topics/*/messages":           {"PublishMessage", (*Service).servePublish},
		"GET topics/*/subscriptions":       {"ListSubscriptionByTopic", (*Service).serveListSubscriptions},
		"PUT topics/*/subscriptions/*":     {"Subscribe", (*Service).serveSubscribe},
		"PUT topics/*/subscriptions/* set": {"SetSubscriptionAttributes", (*Service).serveSetSubscription},
		"GET topics/*/subscriptions/*":     {"GetSubscriptionAttributes", (*Service).serveGetSubscription},
		"DELETE topics/*/subscriptions/*":  {"Unsubscribe", (*Service).serveUnsubscribe},
	}
}

// ServeHTTP serves the API. Every request is verified before anything else.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, CertificatePath) {
		s.serveCertificate(w)
		return
	}
	c, err := s.read(r)
	var answer reply
	if err == nil {
		answer, err = s.serve(r, c)
	}
	if err != nil {
		answer = c.refusal(err)
	}
	c.write(w, answer)
}

func (s *Service) serve(r *http.Request, c request) (_ reply, err *Error) {
	if c.key, err = s.verify(r, c); err != nil {
		return reply{}, err
	}
	called, found := s.operations[c.route()]
	if !found {
		return reply{}, refuse("InvalidRequestURL")
	}
	if err := s.notAllowed(c, called.action); err != nil {
		return reply{}, err
	}
	if called.serve == nil {
		return s.serveReceive(r.Context(), c)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return called.serve(s, c)
}

// notAllowed refuses a call that the policies of its key do not allow.
func (s *Service) notAllowed(c request, action string) *Error {
	if s.options.Allow == nil {
		return nil
	}
	denied := s.options.Allow(c.key, ram.Request{
		API: "mns", Operation: action, Account: s.options.Account, Region: s.options.Region, Get: c.named,
	})
	if denied == nil {
		return nil
	}
	err := refuse("AccessDenied")
	err.Message += " " + denied.String()
	return err
}

// named gives the names in the path: the queue, or the topic and its subscription.
func (c request) named(kind string) string {
	at := map[string]int{c.parts[0]: 1}
	if len(c.parts) > 2 {
		at[c.parts[2]] = 3
	}
	if i := at[kind+"s"]; i > 0 && i < len(c.parts) {
		return c.parts[i]
	}
	return ""
}

// Action names the operation of a request as the API reference does; "" when there is none. The request can be served
// afterwards.
func (s *Service) Action(r *http.Request) string {
	c, err := s.read(r)
	if err != nil {
		return ""
	}
	return s.operations[c.route()].action
}

// read parses a request and leaves its body in place for another reader. What it returns with an error is enough to
// answer that.
func (s *Service) read(r *http.Request) (request, *Error) {
	c := request{id: s.requestID(), host: r.Host, method: r.Method, header: r.Header, query: map[string]string{}}
	body, err := io.ReadAll(http.MaxBytesReader(nil, r.Body, 2<<20))
	if err != nil {
		return c, invalid("The body is too large or incomplete.")
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	c.body = body
	if !c.locate(r.URL.RequestURI()) {
		return c, refuse("InvalidRequestURL")
	}
	_, query, _ := strings.Cut(c.resource, "?")
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" {
			continue
		}
		// Some clients do not escape receipt handles: a plus sign is a plus sign.
		if plain, err := url.PathUnescape(value); err == nil {
			value = plain
		}
		c.query[strings.ToLower(name)] = value
	}
	return c, nil
}

// locate splits the address of a request into prefix and resource. The attributes of the account are at the root.
func (c *request) locate(uri string) (found bool) {
	at := strings.Index(uri, "/queues")
	if i := strings.Index(uri, "/topics"); at < 0 || i >= 0 && i < at {
		at = i
	}
	if path, query, _ := strings.Cut(uri, "?"); at < 0 && query == accountQuery {
		c.prefix, c.resource, c.parts = strings.TrimSuffix(path, "/"), "/?"+query, []string{"account"}
		return true
	}
	if at < 0 {
		return false
	}
	c.prefix, c.resource = uri[:at], uri[at:]
	path, _, _ := strings.Cut(c.resource, "?")
	c.parts = strings.Split(strings.Trim(path, "/"), "/")
	return true
}

// route is the form of a request: its method, its path with * for names, and what its query and body say of its kind.
func (c request) route() string {
	parts := slices.Clone(c.parts)
	for i := 1; i < len(parts); i += 2 {
		parts[i] = "*"
	}
	path := strings.Join(parts, "/")
	route := c.method + " " + path
	if c.method == http.MethodPut && c.query["metaoverride"] == "true" {
		route += " set"
	}
	if c.method == http.MethodGet && c.query["peekonly"] == "true" {
		route += " peek"
	}
	if c.method != http.MethodPut && path == "queues/*/messages" && c.batch() {
		route += " batch"
	}
	return route
}

// batch tells whether a call is about several messages.
func (c request) batch() bool {
	_, many := c.query["numofmessages"]
	return many || slices.Contains([]string{"Messages", "ReceiptHandles"}, c.root())
}

// root is the name of the body's outermost element; "" when there is none.
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

// number reads an integer of the query within bounds.
func (c request) number(name string, preset, least, most int) (int, *Error) {
	value, given := c.query[name]
	if !given {
		return preset, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < least || n > most {
		message := fmt.Sprintf("Http request URL contains invalid querystring item %q.", name)
		return 0, &Error{Status: http.StatusBadRequest, Code: "InvalidQueryString", Message: message}
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
