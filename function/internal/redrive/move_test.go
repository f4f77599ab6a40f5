package redrive_test

import (
	"context"
	"fmt"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/redrive"
	"vpn-attach/function/internal/standin/fault"
	standin "vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/standin/sign"
)

// queues is a service with both queues, behind faults.
func queues(t *testing.T, faults ...fault.Fault) (service *standin.Service, from redrive.Queue, to mns.Queue) {
	t.Helper()
	keys := &sign.Keyring{}
	keys.Add("ak", "sk", "")
	service = standin.New(standin.Options{Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys})
	for _, name := range []string{"letters", "events"} {
		if err := service.CreateQueue(name, standin.QueueAttributes{}); err != nil {
			t.Fatal(err)
		}
	}
	injector, err := fault.New(fault.Options{Faults: faults})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(injector.Wrap("mns", service))
	t.Cleanup(server.Close)
	at, _ := url.Parse(server.URL)
	endpoint, err := url.Parse("http://localhost:" + at.Port() + "/1234567890123456.mns.cn-hangzhou.local.test")
	if err != nil {
		t.Fatal(err)
	}
	client, err := mns.New(endpoint, aliyun.NewCredentials("ak", "sk", ""), time.Second, nil)
	if err != nil {
		t.Fatal(err)
	}
	return service, redrive.Queue{Queue: mns.Queue{Client: client, Name: "letters"}},
		mns.Queue{Client: client, Name: "events"}
}

// fill puts letters into the dead-letter queue.
func fill(t *testing.T, service *standin.Service, n int) {
	t.Helper()
	for i := range n {
		body := fmt.Sprintf(`{"type":"vpn-attach.deadletter.v1","id":"x","data":{`+
			`"event":{"id":"e-%03d"},"vpnConnectionId":"vco-1"}}`, i)
		if _, err := service.Send("letters", body, 0); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(2 * time.Millisecond) // letters have times in whole milliseconds
}

// waiting is what a queue holds, whether it can be received or not.
func waiting(service *standin.Service, name string) int {
	s := service.Stats(name)
	return s.Active + s.Inactive + s.Delayed
}

func TestLettersAreMovedTheOldestFirst(t *testing.T) {
	service, from, to := queues(t)
	fill(t, service, 40)
	var out strings.Builder
	count, err := redrive.Move(t.Context(), from, to, redrive.Options{Out: &out})
	if err != nil || count.Moved != 40 || count.Left != 0 || waiting(service, "letters") != 0 {
		t.Fatalf("%+v, %v", count, err)
	}
	got, err := service.Receive(t.Context(), "events", 100, 0)
	if err != nil || len(got) != 40 {
		t.Fatalf("%d messages, %v", len(got), err)
	}
	for i, m := range got {
		if want := fmt.Sprintf(`"id":"e-%03d"`, i); !strings.Contains(m.Body, want) {
			t.Errorf("message %d is %s", i, m.Body)
		}
	}
	if !strings.Contains(out.String(), "moved  what was given up: e-007  vco-1\n") {
		t.Errorf("it said %s", out.String())
	}
}

func TestNotMoreAreMovedThanAsked(t *testing.T) {
	service, from, to := queues(t)
	fill(t, service, 20)
	count, err := redrive.Move(t.Context(), from, to, redrive.Options{Max: 3, Out: &strings.Builder{}})
	if err != nil || count.Moved != 3 || waiting(service, "events") != 3 || waiting(service, "letters") != 17 {
		t.Errorf("%+v, %v, %d moved, %d left", count, err, waiting(service, "events"), waiting(service, "letters"))
	}
}

func TestADryRunChangesNothing(t *testing.T) {
	service, from, to := queues(t)
	fill(t, service, 5)
	var out strings.Builder
	count, err := redrive.Move(t.Context(), from, to, redrive.Options{DryRun: true, Out: &out})
	if err != nil || count.Moved != 5 || strings.Count(out.String(), "would move") != 5 {
		t.Errorf("%+v, %v: %s", count, err, out.String())
	}
	if letters := waiting(service, "letters"); letters != 5 || waiting(service, "events") != 0 {
		t.Errorf("%d letters are left, %d events are there", letters, waiting(service, "events"))
	}
}

func TestWhatIsNotUnderstoodStays(t *testing.T) {
	service, from, to := queues(t)
	if _, err := service.Send("letters", `psk-of-somebody`, 0); err != nil {
		t.Fatal(err)
	}
	fill(t, service, 2)
	var out strings.Builder
	count, err := redrive.Move(t.Context(), from, to, redrive.Options{Out: &out})
	if err != nil || count != (redrive.Count{Moved: 2, Left: 1}) || waiting(service, "letters") != 1 {
		t.Errorf("%+v, %v: %d letters are left", count, err, waiting(service, "letters"))
	}
	if strings.Contains(out.String(), "psk-of") {
		t.Errorf("%+v, %v: %s", count, err, out.String())
	}
}

func TestALetterIsThereTwiceRatherThanLost(t *testing.T) {
	for name, c := range map[string]struct {
		fault           fault.Fault
		letters, events int
	}{
		"the event queue refuses": {
			fault.Fault{Action: "BatchSendMessage", Status: 404, Code: "QueueNotExist"}, 1, 0},
		"the sending is not answered":          {fault.Fault{Action: "BatchSendMessage", Drop: fault.After}, 1, 1},
		"it dies between sending and deleting": {fault.Fault{Action: "DeleteMessage", Drop: fault.Before}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			service, from, to := queues(t, c.fault)
			fill(t, service, 1)
			_, err := redrive.Move(t.Context(), from, to, redrive.Options{Out: &strings.Builder{}})
			if err == nil || waiting(service, "letters") != c.letters || waiting(service, "events") != c.events {
				t.Errorf("%v, %d letters, %d events", err, waiting(service, "letters"), waiting(service, "events"))
			}
		})
	}
}

func TestAnInterruptedMoveSaysSo(t *testing.T) {
	service, from, to := queues(t)
	fill(t, service, 1)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := redrive.Move(ctx, from, to, redrive.Options{Out: &strings.Builder{}})
	if err == nil || waiting(service, "letters") != 1 {
		t.Errorf("got %v", err)
	}
}

func TestLettersThatAreNotMeantStayAndAreVisibleAgain(t *testing.T) {
	service, from, to := queues(t)
	fill(t, service, 20)
	chosen := func(l redrive.Letter) bool { return strings.Contains(l.Body, `"e-007"`) }
	count, err := redrive.Move(t.Context(), from, to, redrive.Options{Chosen: chosen, Out: &strings.Builder{}})
	if err != nil || count != (redrive.Count{Moved: 1}) || waiting(service, "letters") != 19 {
		t.Fatalf("%+v, %v, %d letters are left", count, err, waiting(service, "letters"))
	}
	time.Sleep(1100 * time.Millisecond) // their visibility timeout would be half a minute
	if visible := service.Stats("letters").Active; visible != 19 {
		t.Errorf("%d letters are visible", visible)
	}
}
