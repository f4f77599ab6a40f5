package operate_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/operate"
)

// inboxOf is what the inbox of an account says, with so many tasks in it.
func inboxOf(t *testing.T, tasks int, prepare func(*account)) (text string) {
	t.Helper()
	const connections = `vpnConnections:
  [{id: vco-0, name: Hamburg, psk: canary}, {id: vco-1, name: Kiel, psk: canary}]`
	drill(t, connections, func(t *testing.T, s *site) {
		prepare(s.inAccount())
		for i := range tasks {
			body := fmt.Sprintf(`{"data":{"status":"failed","vpnConnectionId":"vco-%d","regionId":"cn-hangzhou"}}`, i)
			if _, err := s.cloud.Queues.Send("vpn-attach-inbox", body, 0); err != nil {
				t.Fatal(err)
			}
		}
		time.Sleep(time.Second)
		inbox, err := s.Inbox(t.Context(), operate.Choice{}, false)
		if err != nil {
			t.Fatal(err)
		}
		text = inbox.Text()
	})
	return text
}

func TestTheInboxNamesConnections(t *testing.T) {
	const named, nameless = "failed  vco-1  Kiel", "failed  vco-1  -"
	refused := func(a *account) { a.refuses["vpc DescribeVpnConnections"] = "Forbidden.RAM" }
	for name, c := range map[string]struct {
		tasks   int
		prepare func(*account)
		want    string
	}{
		"few, one by one": {3, func(*account) {}, named},
		"many, by a page": {20, func(*account) {}, named},
		"refused":         {3, refused, nameless},
		"gone":            {3, func(a *account) { a.says["vpc DescribeVpnConnections"] = `{}` }, nameless},
	} {
		t.Run(name, func(t *testing.T) {
			got := inboxOf(t, c.tasks, c.prepare)
			if !strings.Contains(got, c.want) || strings.Contains(got, "canary") {
				t.Errorf("it does not say %q:\n%s", c.want, got)
			}
		})
	}
}

func TestTheInboxDeletesWhatItListedAndNoMore(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		for _, code := range []string{"ConsentMissing", "ConsentMissing", "TargetNotFound"} {
			body := fmt.Sprintf(`{"data":{"status":"failed","vpnConnectionId":"vco-1","error":{"code":%q}}}`, code)
			if _, err := s.cloud.Queues.Send("vpn-attach-inbox", body, 0); err != nil {
				t.Fatal(err)
			}
		}
		for _, c := range []struct {
			choice operate.Choice
			want   string
		}{
			{operate.Choice{}, "3 messages; when all are done, delete them: vpn-attach inbox --ack;"},
			{operate.Choice{Code: "ConsentMissing", Connection: "vco-1", Older: time.Second},
				"vpn-attach inbox --ack --connection vco-1 --code ConsentMissing --older 1s;"},
			{operate.Choice{Most: 2}, "vpn-attach inbox --ack --max 2;"},
			{operate.Choice{Code: "TargetNotFound"}, "delete it: vpn-attach inbox --ack --id "},
		} {
			time.Sleep(2 * time.Second)
			inbox, err := s.Inbox(t.Context(), c.choice, false)
			s.says(inbox, err, c.want)
		}
	})
}

func TestWhatAnotherLookHasTakenIsWaitedFor(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		for _, queue := range []string{"vpn-attach-inbox", s.cloud.DeadLetters} {
			body := `{"data":{"status":"failed","vpnConnectionId":"vco-1","error":{"code":"Operation.Blocking"}}}`
			if _, err := s.cloud.Queues.Send(queue, body, 0); err != nil {
				t.Fatal(err)
			}
		}
		for _, look := range []func() (operate.Result, error){
			func() (operate.Result, error) { return s.Letters(t.Context(), operate.Choice{}) },
			func() (operate.Result, error) { return s.Redrive(t.Context(), operate.Choice{}, true) },
			func() (operate.Result, error) { return s.Inbox(t.Context(), operate.Choice{}, false) },
		} {
			first, err := look() // and the next one at once
			again, errAgain := look()
			if err != nil || errAgain != nil {
				t.Fatal(err, errAgain)
			}
			if first.Text() != again.Text() || strings.Contains(first.Text(), "half a") {
				t.Errorf("at first it said\n%s, then\n%s", first.Text(), again.Text())
			}
		}
	})
}

func TestWhatSomebodyElseKeepsIsSaid(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		for _, queue := range []string{"vpn-attach-inbox", s.cloud.DeadLetters} {
			if _, err := s.cloud.Queues.Send(queue, `{}`, 0); err != nil {
				t.Fatal(err)
			}
			if _, err := s.cloud.Queues.Receive(t.Context(), queue, 1, 0); err != nil {
				t.Fatal(err)
			}
		}
		status, err := s.Status(t.Context())
		s.says(status, err, "something needs a person", "something was given up")
		const want = "1 message could not be read, since somebody else reads"
		inbox, err := s.Inbox(t.Context(), operate.Choice{}, true)
		s.says(inbox, err, want)
		letters, err := s.Letters(t.Context(), operate.Choice{})
		s.says(letters, err, want)
		moved, err := s.Redrive(t.Context(), operate.Choice{}, false)
		s.says(moved, err, "0 moved", want)
		if said := inbox.Text() + letters.Text() + moved.Text(); strings.Contains(said, "nothing") ||
			strings.Contains(said, "no dead") || moved.Held != 1 {
			t.Errorf("it said %s", said)
		}
	})
}

func TestARedriveOfWhatIsNoDeadLetterSaysWhereItIs(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		s.connect("branch", "tr-closed") // is refused
		time.Sleep(time.Minute)
		moved, err := s.Redrive(t.Context(), operate.Choice{Code: "ConsentMissing"}, false)
		s.says(moved, err, "0 moved, 0 left", "nothing was retried", "vpn-attach inbox")
	})
}

func TestALetterThatMentionsAKeyIsNotRepeated(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		body := `{"type":"vpn-attach.deadletter.v1","id":"x","data":{"event":{"id":"e"},"vpnConnectionId":"vco-1",` +
			`"error":{"code":"Operation.Blocking","message":"PreSharedKey=canary","advice":"try psk canary"}}}`
		if _, err := s.cloud.Queues.Send(s.cloud.DeadLetters, body, 0); err != nil {
			t.Fatal(err)
		}
		letters, err := s.Letters(t.Context(), operate.Choice{})
		s.says(letters, err, "vco-1", "cause: (blanked)", "advice: (blanked)")
		if text, err := json.Marshal(letters); err != nil || strings.Contains(string(text), "canary") {
			t.Errorf("%s, %v", text, err)
		}
	})
}
