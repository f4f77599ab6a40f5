package mns_test

import (
	"bufio"
	"crypto"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

// endpoint is an HTTP endpoint that keeps what is pushed, and refuses the first pushes.
type endpoint struct {
	*httptest.Server
	mu      sync.Mutex
	refuses int
	pushes  []pushed
}

type pushed struct {
	path, body string
	header     http.Header
	kind       string
}

func newEndpoint(t *testing.T, refuses int) *endpoint {
	e := &endpoint{refuses: refuses}
	e.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		e.mu.Lock()
		defer e.mu.Unlock()
		e.pushes = append(e.pushes, pushed{r.URL.RequestURI(), string(body), r.Header, r.Header.Get("Content-Type")})
		if len(e.pushes) <= e.refuses {
			w.WriteHeader(http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	}))
	t.Cleanup(e.Close)
	return e
}

// settled waits until nothing is pushed any more.
func settled(t *testing.T, s *mns.Service) []mns.Notice {
	t.Helper()
	for range 1000 {
		notices := s.Notices()
		if len(notices) > 0 && !slices.ContainsFunc(notices, func(n mns.Notice) bool {
			return strings.HasPrefix(n.Result, "pushing")
		}) {
			return notices
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it is still pushed: %+v", s.Notices())
	return nil
}

func TestAnEndpointGetsAMessageInTheFormatOfItsSubscription(t *testing.T) {
	for format, want := range map[string]struct{ kind, begins, tag string }{
		"XML":        {"text/xml;charset=utf-8", `<Notification xmlns="http://mns.aliyuncs.com/doc/v1">`, ""},
		"JSON":       {"application/json;charset=utf-8", `{"TopicOwner":"` + account + `"`, ""},
		"SIMPLIFIED": {"text/plain;charset=utf-8", "hello", "ok"},
	} {
		t.Run(format, func(t *testing.T) {
			s, e := newService(t, 1), newEndpoint(t, 0)
			t.Cleanup(s.Close)
			subscribe(t, s, "hook", mns.Subscription{Endpoint: e.URL + "/in?a=1", NotifyContentFormat: format})
			id := publish(t, s, "hello", "ok").value("MessageId")
			if notice := settled(t, s)[0]; notice.Result != "delivered" || notice.Tries != 1 || notice.MessageID != id {
				t.Errorf("the notice is %+v", notice)
			}
			got := e.pushes[0]
			if got.path != "/in?a=1" || got.kind != want.kind || !strings.HasPrefix(got.body, want.begins) {
				t.Errorf("pushed %+v", got)
			}
			named, tag := got.header.Get("x-mns-message-id"), got.header.Get("x-mns-message-tag")
			if (named == id) != (want.tag != "") || tag != want.tag {
				t.Errorf("the headers are %v", got.header)
			}
			checkPush(t, s, got)
		})
	}
}

// checkPush checks a signature as the documentation tells an endpoint to.
func checkPush(t *testing.T, s *mns.Service, p pushed) {
	t.Helper()
	at, _ := base64.StdEncoding.DecodeString(p.header.Get("x-mns-signing-cert-url"))
	if !strings.HasPrefix(string(at), host) {
		t.Fatalf("the certificate is at %q", at)
	}
	served := serve(s, httptest.NewRequest("GET", string(at), nil))
	block, _ := pem.Decode([]byte(served.text))
	certificate, err := x509.ParseCertificate(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for name, values := range p.header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-mns-") {
			own = append(own, lower+":"+values[0]+"\n")
		}
	}
	slices.Sort(own)
	text := "POST\n" + p.header.Get("Content-MD5") + "\n" + p.kind + "\n" + p.header.Get("Date") + "\n" +
		strings.Join(own, "") + p.path
	sum := sha1.Sum([]byte(text))
	signature, _ := base64.StdEncoding.DecodeString(p.header.Get("Authorization"))
	public, _ := certificate.PublicKey.(*rsa.PublicKey)
	if err := rsa.VerifyPKCS1v15(public, crypto.SHA1, sum[:], signature); err != nil {
		t.Errorf("the signature of %q: %v", text, err)
	}
}

func TestAPushIsTriedAgainByTheStrategy(t *testing.T) {
	for name, c := range map[string]struct {
		strategy string
		refuses  int
		tries    int
		want     string
	}{
		"until it succeeds":                 {"BACKOFF_RETRY", 2, 3, "delivered"},
		"four times in all, then given up":  {"BACKOFF_RETRY", 99, 4, "given up: the endpoint answered 500 Internal"},
		"far more often with other pauses":  {"EXPONENTIAL_DECAY_RETRY", 20, 21, "delivered"},
		"177 times in all, within one day":  {"EXPONENTIAL_DECAY_RETRY", 999, 177, "given up: the endpoint"},
		"not again after the first success": {"BACKOFF_RETRY", 0, 1, "delivered"},
	} {
		t.Run(name, func(t *testing.T) {
			s, e := newService(t, 1e6), newEndpoint(t, c.refuses)
			t.Cleanup(s.Close)
			subscribe(t, s, "hook", mns.Subscription{Endpoint: e.URL, NotifyStrategy: c.strategy})
			publish(t, s, "hello", "")
			notice := settled(t, s)[0]
			if !strings.HasPrefix(notice.Result, c.want) || notice.Tries != c.tries || len(e.pushes) != c.tries {
				t.Errorf("%d pushes, and the notice %+v", len(e.pushes), notice)
			}
			if e.pushes[0].path != "/notifications" {
				t.Errorf("pushed to %q", e.pushes[0].path)
			}
		})
	}
}

func TestClosingGivesUpWhatIsToBePushed(t *testing.T) {
	s, e := newService(t, 1), newEndpoint(t, 99)
	subscribe(t, s, "hook", mns.Subscription{Endpoint: e.URL})
	publish(t, s, "hello", "")
	s.Close()
	if notice := s.Notices()[0]; !strings.HasPrefix(notice.Result, "given up") {
		t.Errorf("the notice is %+v", notice)
	}
}

func TestWhatIsNotForThisMachineIsNotedAndNotSent(t *testing.T) {
	for _, at := range []string{
		"mail:directmail:ops@example.com", "sms:directsms:anonymous", "sms:directsms:13800000000,13900000000",
		"http://example.com/hook", "https://example.com", "https://127.0.0.1:1/hook", "http://192.0.2.1/",
	} {
		t.Run(at, func(t *testing.T) {
			s := newService(t, 1)
			t.Cleanup(s.Close)
			subscribe(t, s, "away", mns.Subscription{Endpoint: at})
			call(s, "POST /topics/outcomes/messages", message("hello",
				`<MessageAttributes><DirectMail>{"Subject":"s"}</DirectMail>`+
					`<DirectSMS>{"FreeSignName":"f"}</DirectSMS></MessageAttributes>`)).want(t, "201")
			notices := s.Notices()
			if len(notices) != 1 || notices[0].Result != "would be sent" || notices[0].Endpoint != at ||
				notices[0].Body != "hello" || notices[0].Tries != 0 || notices[0].Mail != `{"Subject":"s"}` ||
				notices[0].SMS != `{"FreeSignName":"f"}` {
				t.Errorf("the notices are %+v", notices)
			}
		})
	}
}

func TestAnEndpointOfNoKindIsRefused(t *testing.T) {
	for _, at := range []string{
		"", "ftp://localhost/", "mail:directmail:nobody", "sms:directsms:later", "http://", "acs:mns:x", "localhost/in",
	} {
		wantCode(t, newService(t, 1).Subscribe("outcomes", "s", mns.Subscription{Endpoint: at}), "EndpointInvalid")
	}
}

// The vendor's sample of an endpoint looks names of headers up as they are on the wire.
func TestAPushSpellsItsHeadersAsTheServiceDoes(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	s := newService(t, 1)
	t.Cleanup(s.Close)
	subscribe(t, s, "hook", mns.Subscription{Endpoint: "http://" + listener.Addr().String()})
	publish(t, s, "hello", "")
	connection, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	raw, err := bufio.NewReader(connection).ReadString('<')
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{
		"Authorization", "Content-md5", "Content-Type", "Date", "x-mns-request-id", "x-mns-signing-cert-url",
		"x-mns-version",
	} {
		if !strings.Contains(raw, "\r\n"+name+": ") {
			t.Errorf("no header %s in %q", name, raw)
		}
	}
	if _, err := io.WriteString(connection, "HTTP/1.1 204 No Content\r\n\r\n"); err != nil {
		t.Error(err)
	}
	settled(t, s)
}
