package redrive_test

import (
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/redrive"
	"vpn-attach/function/internal/standin/fault"
)

func TestALetterThatAQueueRefusesStaysIsNamedAndTheRunGoesOn(t *testing.T) {
	const twice = "it is in the event queue, and stays among the dead letters, too: calling DeleteMessage: "
	for name, c := range map[string]struct {
		fault  fault.Fault
		said   string
		events int
	}{
		"its text": {
			fault.Fault{Action: "BatchSendMessage", Status: 400, Code: "InvalidArgument"},
			"the event queue refuses it: calling BatchSendMessage: InvalidArgument (HTTP 400)", 2,
		},
		"its size, in words that are new": {
			fault.Fault{Action: "BatchSendMessage", Status: 413, Code: "MessageTooLong"},
			"the event queue refuses it: calling BatchSendMessage: MessageTooLong (HTTP 413)", 2,
		},
		"its deletion, since it took too long": {
			fault.Fault{Action: "DeleteMessage", Status: 400, Code: "ReceiptHandleError"},
			twice + "ReceiptHandleError", 3,
		},
		"its deletion, since somebody deleted it": {
			fault.Fault{Action: "DeleteMessage", Status: 404, Code: "MessageNotExist"},
			twice + "MessageNotExist", 3,
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.fault.Skip = 1
			service, from, to := queues(t, c.fault)
			fill(t, service, 3)
			var out strings.Builder
			count, err := redrive.Move(t.Context(), from, to, redrive.Options{Out: &out})
			if err != nil || count != (redrive.Count{Moved: 2, Left: 1}) || waiting(service, "events") != c.events {
				t.Errorf("%+v, %v, %d events", count, err, waiting(service, "events"))
			}
			lines := strings.Split(out.String(), "\n")
			if waiting(service, "letters") != 1 || !strings.HasPrefix(lines[1], "left   ") ||
				!strings.Contains(lines[1], c.said) || !strings.Contains(lines[2], "moved  what was given up: e-002") {
				t.Errorf("%d letters are left, it said %s", waiting(service, "letters"), out.String())
			}
		})
	}
}

func TestWhatIsWrongWithAQueueEndsTheRun(t *testing.T) {
	for name, f := range map[string]fault.Fault{
		"the event queue does not exist":       {Action: "BatchSendMessage", Status: 404, Code: "QueueNotExist"},
		"no permission to send":                {Action: "BatchSendMessage", Status: 403, Code: "AccessDenied"},
		"a key that has expired":               {Action: "BatchSendMessage", Status: 400, Code: "SecurityTokenExpired"},
		"too many calls":                       {Action: "BatchSendMessage", Status: 429, Code: "TooManyRequests"},
		"a service that fails":                 {Action: "BatchSendMessage", Status: 500, Code: "InternalError"},
		"no answer":                            {Action: "BatchSendMessage", Drop: fault.Before},
		"no permission to delete":              {Action: "DeleteMessage", Status: 403, Code: "AccessDenied"},
		"the dead letters are gone on the way": {Action: "DeleteMessage", Status: 404, Code: "QueueNotExist"},
		"no permission to read":                {Action: "BatchReceiveMessage", Status: 403, Code: "AccessDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			service, from, to := queues(t, f)
			fill(t, service, 3)
			count, err := redrive.Move(t.Context(), from, to, redrive.Options{Out: &strings.Builder{}})
			if err == nil || count != (redrive.Count{}) || waiting(service, "letters") != 3 {
				t.Errorf("%+v, %v, %d letters", count, err, waiting(service, "letters"))
			}
		})
	}
}

func TestALetterOfMoreBytesThanAQueueTakesIsLeft(t *testing.T) {
	service, from, to := queues(t)
	record := `{"type":"vpc:ActionTrail:ApiCall","id":"e","data":{"eventId":"E","eventName":"CreateVpnAttachment",` +
		`"responseElements":{"VpnConnectionId":"vco-1"},"requestParameters":"`
	body := record + strings.Repeat("x", 65536-len(record)-len(`"}}`)) + `"}}`
	if _, err := service.Send("letters", body, 0); err != nil {
		t.Fatal(err)
	}
	fill(t, service, 2)
	var out strings.Builder
	count, err := redrive.Move(t.Context(), from, to, redrive.Options{Out: &out})
	if err != nil || count != (redrive.Count{Moved: 2, Left: 1}) || !strings.Contains(out.String(), "65538 bytes") {
		t.Errorf("%+v, %v: %s", count, err, out.String())
	}
}

func TestNothingThatATerminalWouldActOnIsPrinted(t *testing.T) {
	const wish = "\\u001b]0;x\\u0007\\u009b2J\\u202e\\u200b\\n"
	service, from, to := queues(t, fault.Fault{Action: "DeleteMessage", Status: 400, Code: "Strange\x1b[2J\u202e"})
	for _, body := range []string{
		`{"type":"vpn-attach.deadletter.v1","data":{"event":{"id":"` + wish + `"},"vpnConnectionId":"` + wish + `"}}`,
		`{"type":"vpn-attach.new` + wish + `.v2","id":"` + wish + `"}`,
		`{"type":"vpc:ActionTrail:ApiCall","id":"` + wish + `","data":{"eventId":"` + wish + `"}}`,
	} {
		if _, err := service.Send("letters", body, 0); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(2 * time.Millisecond) // letters have times in whole milliseconds
	var out strings.Builder
	count, err := redrive.Move(t.Context(), from, to, redrive.Options{Out: &out})
	if err != nil || count != (redrive.Count{Moved: 1, Left: 2}) {
		t.Errorf("%+v, %v", count, err)
	}
	for line := range strings.SplitSeq(strings.TrimSuffix(out.String(), "\n"), "\n") {
		if event.Printable(line, len(line)) != line {
			t.Errorf("it printed %q", line)
		}
	}
}
