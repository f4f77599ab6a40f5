package local

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

// upServed is a served cloud without a function: nothing here invokes one.
func upServed(t *testing.T, file *string) *Served {
	t.Helper()
	read := func() (Spec, error) { return ReadSpec([]byte(*file)) }
	spec, err := read()
	if err != nil {
		t.Fatal(err)
	}
	served, err := StartServed(spec, read, Options{Speed: 100, Binary: "none"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(served.Close)
	return served
}

// change asks for a change as the page does, and reads the answer.
func (c *Cloud) change(t *testing.T, method, path, body string, answer any) int {
	t.Helper()
	status, _, text := c.ask(t, method, "/local/"+path, body, map[string]string{
		"Origin": "http://" + c.Address, "Content-Type": "application/json",
	})
	if status < 300 && answer != nil {
		if err := json.Unmarshal([]byte(text), answer); err != nil {
			t.Fatalf("%s %s answered %s", method, path, text)
		}
	}
	return status
}

func TestAResetReadsTheFileAgainBehindTheSamePort(t *testing.T) {
	file := aCloud
	s := upServed(t, &file)
	first := s.Cloud()
	if status := first.change(t, "POST", "connections", `{"name":"gone"}`, nil); status != 201 {
		t.Fatal(status)
	}
	file = strings.ReplaceAll(aCloud, "vco-1", "vco-new")
	if status := first.change(t, "POST", "reset", `{}`, nil); status != 200 {
		t.Fatal(status)
	}
	second := s.Cloud()
	ids := ""
	for _, v := range second.Estate.Seed().VPNConnections {
		ids += v.ID + " "
	}
	if second == first || ids != "vco-2 vco-new " || second.Address != first.Address {
		t.Errorf("there are %sat %s", ids, second.Address)
	}
	if second.FollowUpKey != first.FollowUpKey {
		t.Error("the environment that was printed is worth nothing")
	}
	file = "no: cloud\n"
	if status := second.change(t, "POST", "reset", `{}`, nil); status != 400 || s.Cloud() != second {
		t.Errorf("a file that is wrong answered %d, and took the place of what is there", status)
	}
}

func TestAStateIsSavedAndLoadedWithItsMessages(t *testing.T) {
	file := aCloud
	s := upServed(t, &file)
	key := s.Cloud().FollowUpKey
	for _, delay := range []time.Duration{0, time.Hour} {
		if _, err := s.Cloud().Queues.Send(s.Cloud().EventQueue, fmt.Sprint("after ", delay), delay); err != nil {
			t.Fatal(err)
		}
	}
	s.Cloud().outcomes.add(`{"subject":"vco-1","data":{"status":"failed"}}`)
	var saved struct{ Cloud string }
	if status := s.Cloud().change(t, "POST", "save", `{}`, &saved); status != 200 {
		t.Fatal(status)
	}
	s.Cloud().change(t, "POST", "reset", `{}`, nil)
	if n := len(s.Cloud().Queues.Look(s.Cloud().EventQueue, 10)); n != 0 {
		t.Errorf("%d messages outlived the reset", n)
	}
	wish, err := json.Marshal(map[string]string{"cloud": saved.Cloud})
	if err != nil {
		t.Fatal(err)
	}
	if status := s.Cloud().change(t, "POST", "load", string(wish), nil); status != 200 {
		t.Fatalf("%d:\n%s", status, saved.Cloud)
	}
	c := s.Cloud()
	seen := c.Queues.Look(c.EventQueue, 10)
	if len(seen) != 2 || seen[0].State != mns.Visible || seen[1].State != mns.Delayed ||
		seen[1].Body != "after 1h0m0s" {
		t.Errorf("the queue holds %+v", seen)
	}
	if c.FollowUpKey != key || c.state().Connections[0].Condition != ConditionFailed {
		t.Error("the key or the outcomes are others")
	}
	for _, wrong := range []string{
		`{"cloud":"a: [`, `{"cloud":"no: cloud"}`, `{"file":"/etc/passwd"}`, `{"cloud":" "}`, `{}`, `null`,
	} {
		if status := c.change(t, "POST", "load", wrong, nil); status != 400 || s.Cloud() != c {
			t.Errorf("%s answered %d", wrong, status)
		}
	}
}

func TestALongPollEndsWhenAnotherCloudTakesThePlace(t *testing.T) {
	file := aCloud
	s := upServed(t, &file)
	request := strings.NewReplacer("ADDRESS", s.Cloud().Address).Replace("http://ADDRESS/slow")
	ended := make(chan error, 1)
	arrived := make(chan bool)
	s.Cloud().desk.serve = http.NotFoundHandler()
	s.Cloud().mns = http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	go func() {
		answer, err := http.DefaultTransport.RoundTrip(mustRequest(t, strings.Replace(request, "/slow", "/queues", 1)))
		if err == nil {
			err = answer.Body.Close()
		}
		ended <- err
	}()
	<-arrived
	if err := s.Reset(); err != nil {
		t.Fatal(err)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func mustRequest(t *testing.T, url string) *http.Request {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// What is no object, or has fields that nothing reads, may have been meant for another address: nothing comes of it.
func TestARequestThatIsNotMeantChangesNothing(t *testing.T) {
	file := aCloud
	s := upServed(t, &file)
	c := s.Cloud()
	before := fmt.Sprint(c.Estate.Seed(), c.Faults.Planned())
	for _, path := range []string{"connections", "tags", "redrive", "faults", "save", "reset", "load"} {
		for body, want := range map[string]string{
			"": "", "null": "", "1": "", `"x"`: "", "[]": "", "{": "", `{"nobody":1}`: "nobody",
			`{"cloud":"{}"}{}`: "", strings.Repeat(`{"a":`, 1000): "", `{"name":"` + strings.Repeat("a", 200<<10): "",
		} {
			if path == "load" && strings.HasPrefix(body, `{"name"`) {
				continue // as long as a cloud file may be
			}
			status, _, text := c.ask(t, "POST", "/local/"+path, body, map[string]string{
				"Origin": "http://" + c.Address, "Content-Type": "application/json",
			})
			if status != 400 && status != 413 || !strings.Contains(text, want) || strings.Contains(text, "struct") {
				t.Errorf("%s %.40s answered %d %s", path, body, status, text)
			}
		}
	}
	if after := fmt.Sprint(c.Estate.Seed(), c.Faults.Planned()); s.Cloud() != c || after != before {
		t.Error("something changed")
	}
}

// TestNothingChangesWithoutTheOriginOfThePage asks for every change as another site would make a browser ask.
func TestNothingChangesWithoutTheOriginOfThePage(t *testing.T) {
	file := aCloud
	s := upServed(t, &file)
	c := s.Cloud()
	before := fmt.Sprint(c.Estate.Seed(), c.Faults.Planned())
	for _, path := range []string{
		"connections", "tags", "invocations", "redrive", "faults", "save", "reset", "load",
	} {
		for name, headers := range map[string]map[string]string{
			"another site": {"Origin": "http://evil.example", "Content-Type": "application/json"},
			"no origin":    {"Content-Type": "application/json"},
			"a form":       {"Origin": "http://" + c.Address, "Content-Type": "text/plain"},
			"a name that leads there": {
				"Origin": "http://evil.example", "Host": "evil.example", "Content-Type": "application/json",
			},
		} {
			status, _, text := c.ask(t, "POST", "/local/"+path, `{}`, headers)
			if status != 403 && status != 421 {
				t.Errorf("%s from %s answered %d %s", path, name, status, text)
			}
			if strings.Contains(text, "do-not-show") {
				t.Errorf("%s from %s tells a secret", path, name)
			}
		}
		if status, _, _ := c.ask(t, "GET", "/local/"+path, "", nil); path != "faults" && status < 400 {
			t.Errorf("GET %s answered %d", path, status)
		}
	}
	if status, _, _ := c.ask(t, "DELETE", "/local/faults/1", "", nil); status != 403 {
		t.Errorf("DELETE answered %d", status)
	}
	if after := fmt.Sprint(c.Estate.Seed(), c.Faults.Planned()); s.Cloud() != c || after != before {
		t.Error("something changed")
	}
}
