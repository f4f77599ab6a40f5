package operate_test

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/valyala/fasthttp"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/operate"
	"vpn-attach/function/internal/standin/estate"
)

// site is a local cloud inside this process, in virtual time, with an operator in front of it.
type site struct {
	operate.Operator
	t     *testing.T
	cloud *local.Cloud
	used  int // commands
}

// inProcess hands requests to the cloud as if they came from this machine.
type inProcess struct{ cloud *local.Cloud }

func (p inProcess) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	r.RemoteAddr = "127.0.0.1:1"
	p.cloud.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// messages reaches the cloud's queues for the SDK.
func (p inProcess) messages(q *fasthttp.Request, a *fasthttp.Response) error {
	r := httptest.NewRequest(string(q.Header.Method()), q.URI().String(), bytes.NewReader(q.Body()))
	for name, value := range q.Header.All() {
		r.Header.Set(string(name), string(value))
	}
	r.Host = string(q.Host())
	answer := httptest.NewRecorder()
	p.cloud.ServeHTTP(answer, r)
	a.SetStatusCode(answer.Code)
	for name := range answer.Header() {
		a.Header.Set(name, answer.Header().Get(name))
	}
	a.SetBody(answer.Body.Bytes())
	return nil
}

// drill plays on a cloud that the file describes, which changes the default one.
func drill(t *testing.T, file string, play func(t *testing.T, s *site)) {
	t.Helper()
	base, err := os.ReadFile("../../../events/clouds/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 23, 3, 10, 0, 0, time.UTC)))
		spec, err := local.ReadSpec([]byte(string(base) + "\n---\n" + file))
		if err != nil {
			t.Fatal(err)
		}
		cloud, err := local.StartInProcess(spec, local.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- cloud.Serve(ctx, func(string) {}) }()
		defer func() {
			stop()
			if err := <-ended; err != nil {
				t.Error(err)
			}
			cloud.Close()
			time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
		}()
		reach := inProcess{cloud}
		play(t, &site{t: t, cloud: cloud, Operator: operate.Operator{
			Console: operate.Local{Address: "127.0.0.1:1", Over: reach}, Stack: "vpn-attach", Keys: operate.LocalKeys,
			Reach: reach.messages, Folder: "../../..", Prefix: "vpn-attach",
		}})
	})
}

// connect makes a connection with a tag, as a person does.
func (s *site) connect(name, router string) (id string) {
	s.t.Helper()
	id, err := s.cloud.Estate.CreateConnection(estate.VPNConnection{
		Name: name, Tags: map[string]string{"vpn-attach:transit-router": router},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return id
}

func (s *site) tag(id, key, value string) {
	s.t.Helper()
	if err := s.cloud.Estate.Tag(id, map[string]string{"vpn-attach:" + key: value}); err != nil {
		s.t.Fatal(err)
	}
}

// rings are the alarms of CloudMonitor that ring, by what stands after the stack's name.
func (s *site) rings() string {
	var names []string
	for _, alarm := range s.cloud.Alarms() {
		name, isMetric := strings.CutPrefix(alarm.Name, "vpn-attach: ")
		if isMetric && alarm.State == local.AlarmRinging {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

// mustBe fails unless an alarm of the log is in a state.
func (s *site) mustBe(name, state string) {
	s.t.Helper()
	for _, alarm := range s.cloud.Alarms() {
		if alarm.Name == name && alarm.State == state {
			return
		}
	}
	s.t.Errorf("alarm %s is not %s: %+v", name, state, s.cloud.Alarms())
}

// says runs a command, and fails unless its text has all the words.
func (s *site) says(result operate.Result, err error, words ...string) {
	s.t.Helper()
	if s.used++; s.used > 4 {
		s.t.Errorf("more than four commands were needed")
	}
	if err != nil {
		s.t.Fatal(err)
	}
	text := result.Text()
	for _, word := range words {
		if !strings.Contains(text, word) {
			s.t.Errorf("it does not say %q:\n%s", word, text)
		}
	}
}

// attached tells whether a connection is.
func (s *site) attached(id string) bool {
	for _, a := range s.cloud.Estate.Attachments() {
		if a.Connection == id && a.Status == "Attached" {
			return true
		}
	}
	return false
}

func (s *site) mustRing(want string) {
	s.t.Helper()
	if got := s.rings(); got != want {
		letters, _ := s.Letters(s.t.Context(), operate.Choice{})
		s.t.Fatalf("alarms ring for %q, want %q\n%s", got, want, letters.Text())
	}
}
