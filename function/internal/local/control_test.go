package local

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/mns"
)

func TestFaultsAreChangedByHTTPWithTheFieldsOfACloudFile(t *testing.T) {
	c := up(t)
	var list struct{ Faults []FaultState }
	body := `{"action":"ListTransitRouters","delay":"2s","probability":0.5,"for":"5m","headers":{"x-a":"\u00e9"}}`
	if status := c.change(t, "POST", "faults", body, &list); status != 201 || len(list.Faults) != 1 {
		t.Fatalf("%d %+v", status, list)
	}
	const want = "{action: ListTransitRouters, for: 5m0s, probability: 0.5, headers: {x-a: é}, delay: 2s}"
	if list.Faults[0].Fault != want {
		t.Errorf("the fault is %s", list.Faults[0].Fault)
	}
	for _, wrong := range []string{
		"", "[", "action: A", `{"action":"A"}`, `{"action":"A","drop":"before","once":true}`,
		`{"action":"A","probability":2,"drop":"before"}`,
	} {
		if status := c.change(t, "POST", "faults", wrong, nil); status != 400 {
			t.Errorf("%s answered %d", wrong, status)
		}
	}
	one := fmt.Sprint("faults/", list.Faults[0].ID)
	if status := c.change(t, "DELETE", one, "", &list); status != 200 || len(list.Faults) != 0 {
		t.Errorf("%d %+v", status, list)
	}
	if status := c.change(t, "DELETE", one, "", nil); status != 400 {
		t.Errorf("what is gone was removed: %d", status)
	}
}

func TestTheQueuesAreLookedIntoWithoutTakingAnythingOrTellingAKey(t *testing.T) {
	c := up(t)
	for _, body := range []string{
		`{"psk":"do-not-show","id":"e-1"}`, "<b>no markup</b>", `{"password":"do-not-show"`, "plain words",
	} {
		if _, err := c.Queues.Send(c.EventQueue, body, 0); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		status, headers, text := c.ask(t, "GET", "/local/queues/"+c.EventQueue, "", nil)
		if status != 200 || strings.Contains(text, "do-not-show") || !strings.Contains(text, `\"id\":\"e-1\"`) {
			t.Errorf("%d %s", status, text)
		}
		if headers.Get("Content-Type") != "application/json" || strings.Contains(text, "<b>") ||
			!strings.Contains(text, `"plain words"`) {
			t.Errorf("%v %s", headers, text)
		}
	}
	if stats := c.Queues.Stats(c.EventQueue); stats != (mns.Stats{Active: 4}) {
		t.Errorf("the queue has %+v", stats)
	}
	if status, _, text := c.ask(t, "GET", "/local/queues/no-such-queue", "", nil); status != 404 {
		t.Errorf("a queue that is not there: %d %s", status, text)
	}
}

func TestTagsAreEditedAsAPersonDoes(t *testing.T) {
	c := up(t)
	body := `{"id":"vco-1","set":{"env":"prod"},"remove":["vpn-attach:transit-router"]}`
	if status := c.change(t, "POST", "tags", body, nil); status != 200 {
		t.Fatal(status)
	}
	if tags := c.Estate.Seed().VPNConnections[0].Tags; len(tags) != 1 || tags["env"] != "prod" {
		t.Errorf("the tags are %v", tags)
	}
	if n := c.Queues.Stats(c.EventQueue).Active; n != 2 {
		t.Errorf("%d events are in the queue", n)
	}
	if status := c.change(t, "POST", "tags", `{"id":"tr-core","set":{"a":"b"}}`, nil); status != 200 {
		t.Error(status)
	}
	for _, wrong := range []string{
		`{}`, `{"id":"vco-9","set":{"a":"b"}}`, `{"id":"vco-1","set":{"acs:a":"b"}}`, `{"tags":{}}`,
	} {
		if status := c.change(t, "POST", "tags", wrong, nil); status != 400 {
			t.Errorf("%s answered %d", wrong, status)
		}
	}
}

func TestDeadLettersAreMovedBack(t *testing.T) {
	c := up(t)
	for _, letter := range []string{`{"vpnConnectionId":"vco-1"}`, "what nobody understands"} {
		if _, err := c.Queues.Send(c.DeadLetters, letter, 0); err != nil {
			t.Fatal(err)
		}
	}
	var said struct {
		Moved, Left int
		Lines       []string
	}
	if c.change(t, "POST", "redrive", `{"dryRun":true}`, &said); said.Moved+said.Left != 2 || len(said.Lines) != 2 {
		t.Errorf("a dry run said %+v", said)
	}
	moved := said.Moved
	if n := c.Queues.Stats(c.EventQueue).Active; n != 0 {
		t.Errorf("a dry run sent %d", n)
	}
	c.change(t, "POST", "redrive", `{}`, &said)
	if said.Moved != moved || c.Queues.Stats(c.EventQueue).Active != moved {
		t.Errorf("it said %+v", said)
	}
	if status := c.change(t, "POST", "redrive", `{"max":-1}`, nil); status != 400 {
		t.Errorf("%d", status)
	}
}

// inProcess asks for a change of a cloud that nobody can reach, and gives the status of the answer.
func inProcess(c *Cloud, path, body string) int {
	r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/local/"+path, strings.NewReader(body))
	r.Header.Set("Origin", "http://127.0.0.1")
	r.Header.Set("Content-Type", "application/json")
	answer := httptest.NewRecorder()
	c.ServeHTTP(answer, r)
	return answer.Code
}

func TestTheRequestLogIsFiltered(t *testing.T) {
	var log calls
	for i := range 3 * maxCalls {
		log.add(CallState{Caller: "function", Action: "DescribeVpnConnection", About: fmt.Sprint("vco-", i)})
	}
	log.add(CallState{Caller: "page", Action: "TagResources", About: "vco-1"})
	log.add(CallState{Caller: "local", Action: "ListTransitRouters", Code: "Throttling.User"})
	for name, test := range map[string]struct {
		filter callFilter
		want   int
	}{
		"all that are kept":   {callFilter{most: 1 << 20}, maxCalls},
		"as many as asked":    {callFilter{most: 7}, 7},
		"a caller":            {callFilter{caller: "PAGE", most: 9}, 1},
		"a part of a code":    {callFilter{code: "throttling", most: 9}, 1},
		"an action and about": {callFilter{action: "Tag", about: "vco-1", most: 9}, 1},
		"nobody":              {callFilter{caller: "x", most: 9}, 0},
	} {
		found := log.find(test.filter)
		if len(found) != test.want {
			t.Errorf("%s: %d calls", name, len(found))
		}
	}
	if latest := log.find(callFilter{most: 1})[0]; latest.Caller != "local" {
		t.Errorf("the latest is %+v", latest)
	}
}
