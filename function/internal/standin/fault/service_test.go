package fault_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/fault"
)

// What the service of these tests answers: a success, and its form of an error.
const (
	created = `{"RequestId":"C1221A1F-2ACD-4592-8F27-474E02883159","TransitRouterAttachmentId":"tr-attach-ca4dnmjz"}`
	refused = `{"RequestId":"0F2B1A7C-8D3E-4A59-9C60-71F5D2E8B3A4","HostId":"cbn.aliyuncs.com","Code":"%s",` +
		`"Message":"The request failed.","Recommend":""}`
)

// service is a stand-in whose every call has one effect: its action is added to a list.
type service struct {
	mu      sync.Mutex
	effects []string
	message chan struct{} // ReceiveMessage waits for it, until the client leaves
}

func (s *service) Action(r *http.Request) string { return r.Header.Get("x-acs-action") }

func (s *service) WriteError(w http.ResponseWriter, _ *http.Request, status int, code string) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	fmt.Fprintf(w, refused, code)
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		s.WriteError(w, r, http.StatusBadRequest, "InvalidParameter")
		return
	}
	switch s.Action(r) {
	case "ReceiveMessage":
		s.effect("waiting")
		select {
		case <-s.message:
			s.effect("received")
		case <-r.Context().Done():
			s.effect("left")
		}
	case "DeleteMessage":
		s.effect("DeleteMessage")
		w.WriteHeader(http.StatusNoContent)
		return
	case "UnknownAction":
		s.WriteError(w, r, http.StatusNotFound, "InvalidAction.NotFound")
		return
	default:
		s.effect(s.Action(r))
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("x-acs-request-id", "C1221A1F-2ACD-4592-8F27-474E02883159")
	if ago, ok := fault.Stale(r.Context()); ok {
		w.Header().Set("X-Stale", ago.String())
	}
	if fault.Emptied(r.Context()) {
		w.Header().Set("X-Empty", "true")
	}
	if len(body) > 0 {
		w.Header().Set("X-Received", string(body))
	}
	fmt.Fprint(w, created)
}

func (s *service) effect(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.effects = append(s.effects, name)
}

func (s *service) record() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.effects)
}

// bench is an injector in front of one service behind a real listener.
type bench struct {
	*fault.Injector
	service *service
	url     string
}

func newBench(t *testing.T, o fault.Options) bench {
	t.Helper()
	injector, err := fault.New(o)
	if err != nil {
		t.Fatal(err)
	}
	s := &service{message: make(chan struct{})}
	server := httptest.NewServer(injector.Wrap("openapi", s))
	t.Cleanup(server.Close)
	return bench{Injector: injector, service: s, url: server.URL}
}

// view is what a client sees of one call.
type view struct {
	status int
	header http.Header
	body   string
	err    string // "" or what went wrong: "no answer", "broken body"
}

// post calls the action as the access key "local", on a connection of its own.
func post(ctx context.Context, url, action string) view {
	return postAs(ctx, "local", url, action)
}

func postAs(ctx context.Context, accessKeyID, url, action string) view {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/?VpnId=vco-1", strings.NewReader("body"))
	if err != nil {
		return view{err: err.Error()}
	}
	r.Header.Set("x-acs-action", action)
	r.Header.Set("X-Access-Key", accessKeyID)
	r.Close = true
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return view{err: "no answer"}
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	v := view{status: response.StatusCode, header: response.Header, body: string(body)}
	if err != nil {
		v.err = "broken body"
	}
	return v
}

func caller(r *http.Request) string { return r.Header.Get("X-Access-Key") }

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("never came true: %s", what)
		}
	}
}
