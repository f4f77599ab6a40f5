package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/pace"
	"vpn-attach/function/internal/standin/fault"
)

// neighbourhood has a router and a connection for the event whose outcome nobody may hold up, and what holds it up.
const neighbourhood = `
transitRouters:
  - {id: tr-core, cen: cen-core, name: core, cidrs: [10.255.0.0/24],
     tags: {"vpn-attach:accept": "1234567890123456,6543210987654321"}}
  - {id: tr-busy, cen: cen-busy, name: busy, cidrs: [10.254.0.0/24], tags: {"vpn-attach:accept": any}}
  - {id: tr-blocked, cen: cen-blocked, name: blocked, cidrs: [10.253.0.0/24], status: Modifying,
     tags: {"vpn-attach:accept": any}}
vpnConnections:
  - {id: vco-free, name: free, psk: canary, tags: {"vpn-attach:transit-router": tr-core}}
  - {id: vco-none, name: none, psk: canary, tags: {"vpn-attach:transit-router": none}}
  - {id: vco-busy#, name: busy-#, psk: canary, tags: {"vpn-attach:transit-router": tr-busy}, count: 40}
  - {id: vco-blocked#, name: blocked-#, psk: canary, tags: {"vpn-attach:transit-router": tr-blocked}, count: 40}
  - {id: vco-other#, name: other-#, psk: canary, tags: {"vpn-attach:transit-router": tr-core},
     owner: "6543210987654321", crossAccountAuthorized: true, count: 40}
members: [{account: "6543210987654321", role: vpn-attach-reader, externalId: vpn-attach}]
function:
  environment: # and quotas that nothing has to wait for
    ALLOWED_ACCOUNTS: "1234567890123456,6543210987654321"
    QUOTAS: CreateTransitRouterVpnAttachment=6000
    QUOTA_SHARE: "1"
`

// blocked has tr-blocked pass every check and answer Operation.Blocking all the time.
const blocked = `
faults:
  - {action: ListTransitRouters, times: 1000000, rewrite: {pattern: '"Status":"Modifying"', with: '"Status":"Active"'}}
  - {action: CreateTransitRouterVpnAttachment, times: 1000000,
     rewrite: {pattern: IncorrectStatus.TransitRouter, with: Operation.Blocking}}
`

// slowFor answers the calls of an action that contain a text after a time, if the caller still waits.
func slowFor(next http.Handler, action, contains string, after time.Duration) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		is := r.Header.Get("x-acs-action") == action || strings.Contains(r.URL.Path, action)
		if is && strings.Contains(r.URL.RawQuery+string(body), contains) {
			_ = pace.Sleep(r.Context(), after) // a caller that has left gets nothing either way
		}
		next.ServeHTTP(w, r)
	})
}

// told notes when the topic got the first outcome about each connection, and how many calls the queue and CBN got.
type told struct {
	mu             sync.Mutex
	at             map[string]time.Time
	sends, creates int
}

func (o *told) exchange(x fault.Exchange) {
	o.mu.Lock()
	defer o.mu.Unlock()
	switch x.Action {
	case cloud.ActionSend:
		o.sends++
	case cloud.ActionCreate:
		o.creates++
	case cloud.ActionPublish:
		_, after, _ := strings.Cut(html.UnescapeString(string(x.Body)), `"subject":"`)
		if about, _, found := strings.Cut(after, `"`); found && o.at[about].IsZero() {
			o.at[about] = x.Arrived
		}
	}
}

// elements are deliveries of messages by the queue trigger.
func elements(t *testing.T, messages ...string) []byte {
	t.Helper()
	var all []map[string]any
	for i, message := range messages {
		all = append(all, map[string]any{"messageId": fmt.Sprint("m-", i), "messageBody": message})
	}
	payload, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return payload
}

func requests(format string, count int) (all []string) {
	for i := range count {
		all = append(all, fmt.Sprintf(format, i))
	}
	return all
}

// Within how long neighbours are told: beside so few events that all have a lane at once, and beside more of them than
// there are lanes, so that the line of the neighbours begins later.
const (
	atOnce     = 5 * time.Second
	afterLines = 15 * time.Second
)

// TestNeighboursAreToldAtOnceInVirtualTime: an event that is refused at once, and one that is attached, are told soon
// after the invocation begins, whatever happens to the events around them.
func TestNeighboursAreToldAtOnceInVirtualTime(t *testing.T) {
	const blockedOnes, busyOnes = `{"vpnConnectionId":"vco-blocked%d"}`, `{"vpnConnectionId":"vco-busy%d"}`
	const others = `{"vpnConnectionId":"vco-other%d","ownerId":"6543210987654321"}`
	const stsHangs = `faults: [{action: AssumeRole, times: 1000, delay: 30s}]`
	rpc := func(c *Cloud) { c.rpc = slowFor(c.rpc, cloud.ActionCreate, "tr-busy", 30*time.Second) }
	late := func(c *Cloud) {
		c.mns = slowFor(c.mns, "/topics", "vco-blocked0", time.Minute)
		c.rpc = slowFor(c.rpc, cloud.ActionCreate, "vco-free", 4*time.Second)
	}
	topic := func(c *Cloud) { c.mns = slowFor(c.mns, "/topics", "vco-blocked0", time.Minute) }
	for name, s := range map[string]struct {
		more   string
		around []string
		slow   func(*Cloud)
		within time.Duration
	}{
		"beside twelve events of a router that is blocked": {blocked, requests(blockedOnes, 12), nil, atOnce},
		"beside forty events of a router that is blocked":  {blocked, requests(blockedOnes, 40), nil, afterLines},
		"beside twelve events of a slow router":            {"", requests(busyOnes, 12), rpc, atOnce},
		"beside forty events of a slow router":             {"", requests(busyOnes, 40), rpc, afterLines},
		"while STS hangs":                                  {stsHangs, requests(others, 12), nil, atOnce},
		"while STS hangs for forty":                        {stsHangs, requests(others, 40), nil, afterLines},
		"while the topic hangs for an outcome":             {"", requests(blockedOnes, 1), topic, atOnce},
		"while the topic hangs for an earlier outcome": {"", requests(blockedOnes, 1), late,
			atOnce + 4*time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			playNeighbours(t, neighbourhood+s.more, s.slow, s.around, s.within)
		})
	}
}

// inNeighbourhood plays on a cloud of its own, in virtual time, and notes who is told when.
func inNeighbourhood(t *testing.T, text string, play func(t *testing.T, c *Cloud, seen *told)) {
	spec, err := ReadSpec([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		seen := &told{at: map[string]time.Time{}}
		c, err := StartInProcess(spec, Options{Deployed: TheStack(), Watch: Watch{Exchange: seen.exchange}})
		if err != nil {
			t.Fatal(err)
		}
		play(t, c, seen)
	})
}

func playNeighbours(t *testing.T, text string, slow func(*Cloud), around []string,
	within time.Duration) {
	inNeighbourhood(t, text, func(t *testing.T, c *Cloud, seen *told) {
		if slow != nil {
			slow(c)
		}
		started := time.Now()
		messages := append(around, `{"vpnConnectionId":"vco-none"}`, `{"vpnConnectionId":"vco-free"}`)
		done, err := c.Runtime.Invoke(t.Context(), elements(t, messages...))
		c.Close()
		time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
		if err != nil || done.Failure != nil {
			t.Errorf("the invocation failed: %v, %+v", err, done.Failure)
		}
		if seen.creates >= 4*len(around) { // all tries of all events
			t.Errorf("%d creates for %d events, though nobody waits for a busy router", seen.creates, len(around))
		}
		for _, id := range []string{"vco-none", "vco-free"} {
			if at := seen.at[id]; at.IsZero() || at.Sub(started) > within {
				t.Errorf("%s was told at %v, of an invocation that began at %v", id, at, started)
			}
		}
	})
}

// TestAQuietBatchNeedsOneCallOfTheQueueInVirtualTime: what is told early costs a batch in which nothing takes long no
// call more.
func TestAQuietBatchNeedsOneCallOfTheQueueInVirtualTime(t *testing.T) {
	inNeighbourhood(t, neighbourhood, func(t *testing.T, c *Cloud, seen *told) {
		messages := append(requests(`{"vpnConnectionId":"vco-busy%d"}`, 12), `{"vpnConnectionId":"vco-none"}`)
		done, err := c.Runtime.Invoke(t.Context(), elements(t, messages...))
		c.Close()
		time.Sleep(time.Minute)
		if err != nil || done.Failure != nil || seen.sends != 1 || len(seen.at) != 13 {
			t.Errorf("%d calls of the queue, %d outcomes; %v, %+v", seen.sends, len(seen.at), err, done.Failure)
		}
	})
}
