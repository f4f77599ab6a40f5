package fc

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

func TestATriggerThatIsStoppedReceivesNothingUntilItIsStarted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(newQueue("one"))
		r.Gate = &Gate{}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- r.Run(ctx) }()
		pushed := func() int {
			time.Sleep(time.Minute)
			r.mu.Lock()
			defer r.mu.Unlock()
			return len(r.payloads)
		}
		for i, step := range []struct {
			open bool
			want int
		}{{true, 1}, {false, 1}, {false, 1}, {true, 2}, {true, 3}} {
			r.Gate.Set(step.open)
			time.Sleep(time.Second) // a receive that is under way ends
			if i > 0 && i != 3 {
				r.queue.send("more")
			}
			if got := pushed(); step.open && got < step.want || !step.open && got != step.want {
				t.Errorf("step %d: %d pushes, want %d", i, got, step.want)
			}
		}
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

func TestATriggerIsListedAndChangedByTheAPI(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	d.api.Unsigned = true
	gate := &Gate{}
	d.api.Triggers = []*Managed{
		{Name: "queue", Type: "eventbridge", Gate: gate,
			Config: map[string]any{"triggerEnable": true, "kept": "as it is"}},
		{Name: "sweep", Type: "timer", Gate: &Gate{}, Config: map[string]any{"enable": true}},
	}
	path := strings.TrimSuffix(invocations, "invocations")
	body, _ := json.Marshal(map[string]string{"triggerConfig": `{"triggerEnable":false,"kept":"as it is"}`})
	if w := d.local("PUT", path+"triggers/queue", string(body), nil); w.Code != 200 {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	if gate.Open() {
		t.Error("the trigger was not stopped")
	}
	w := d.local("GET", path+"triggers", "", nil)
	for _, want := range []string{`\"triggerEnable\":false`, `\"kept\":\"as it is\"`, `\"enable\":true`} {
		if w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("the list, %d %s, does not say %s", w.Code, w.Body, want)
		}
	}
	for _, c := range []struct {
		path, body string
		want       int
	}{
		{"triggers/none", string(body), 404}, {"triggers/queue", `{"triggerConfig":"none"}`, 400}, {"", `{}`, 400},
	} {
		if w := d.local("PUT", path+c.path, c.body, nil); w.Code != c.want {
			t.Errorf("PUT %s: got %d %s, want %d", c.path, w.Code, w.Body, c.want)
		}
	}
}

func TestTheFunctionIsGivenOtherVariablesByTheAPI(t *testing.T) {
	d := newDoor(t, "serves", Function{Environment: map[string]string{"A": "1"}})
	d.api.Unsigned = true
	path := strings.TrimSuffix(invocations, "/invocations")
	w := d.local("PUT", path, `{"environmentVariables":{"A":"2"}}`, nil)
	if w.Code != 200 || !strings.Contains(w.Body.String(), `"A":"2"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
	if w := d.local("GET", path+"/versions", "", nil); !strings.Contains(w.Body.String(), `"versionId":"LATEST"`) {
		t.Errorf("the versions are %s", w.Body)
	}
}
