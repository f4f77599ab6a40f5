package mns_test

import (
	"cmp"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

// The clients that others wrote do not know dead letters: every request here is written by hand.

// newPolicied has the queue "work" of one second's visibility, whose dead letters go to "letters".
func newPolicied(t *testing.T) *mns.Service {
	t.Helper()
	s := newService(t, 1)
	makeQueue(t, s, "letters", mns.QueueAttributes{})
	form := strings.Replace(policy, "<DlqPolicy>", "<VisibilityTimeout>1</VisibilityTimeout><DlqPolicy>", 1)
	call(s, "PUT /queues/work?metaoverride=true", form).want(t, "204")
	return s
}

// take receives one message and does not delete it; "" when there is none.
func take(s *mns.Service, queue string) (body string) {
	return call(s, "GET /queues/"+queue+"/messages", "").value("MessageBody")
}

// takeTwice receives the message of "work" as often as its policy allows.
func takeTwice(s *mns.Service) {
	for range 2 {
		take(s, "work")
		time.Sleep(time.Second)
	}
}

func TestAMessageThatIsReceivedTooOftenBecomesADeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPolicied(t)
		const body = "poison &amp; é"
		sent := call(s, "POST /queues/work/messages", message(body, "<Priority>3</Priority>")).value("MessageId")
		for receipt := range 2 {
			if got := take(s, "work"); got != body {
				t.Fatalf("receipt %d got %q", receipt+1, got)
			}
			if got := s.Stats("letters"); got != (mns.Stats{}) {
				t.Fatalf("it moved at receipt %d of 2", receipt+1)
			}
			time.Sleep(time.Second)
		}
		if peeked := call(s, "GET /queues/work/messages?peekonly=true", "").value("DequeueCount"); peeked != "2" {
			t.Errorf("a peek counts as a receipt: %q", peeked)
		}
		call(s, "GET /queues/work/messages", "").want(t, "404 MessageNotExist")
		letter := call(s, "GET /queues/letters/messages", "")
		letter.wantValues(t, map[string]string{"MessageBody": body, "DequeueCount": "1", "Priority": "3"})
		if id := letter.value("MessageId"); id == sent || id == "" {
			t.Errorf("the dead letter has the id %q, the message had %q", id, sent)
		}
		if got := s.Stats("work"); got != (mns.Stats{}) {
			t.Errorf("left behind: %+v", got)
		}
	})
}

func TestAMessageStaysWhen(t *testing.T) {
	each(t, map[string]struct{ call, form string }{
		"the dead-letter queue is gone":       {"DELETE /queues/letters", ""},
		"the policy is off":                   {"", strings.Replace(policy, "true", "false", 1)},
		"the policy is off without a number":  {"", "<Queue><DlqPolicy><Enabled>False</Enabled></DlqPolicy></Queue>"},
		"its queue is the dead-letter queue":  {"", strings.Replace(policy, "letters", "work", 1)},
		"the policy allows more receipts yet": {"", strings.Replace(policy, ">2<", ">5<", 1)},
	}, func(t *testing.T, c struct{ call, form string }) {
		s := newPolicied(t)
		call(s, cmp.Or(c.call, "PUT /queues/work?metaoverride=true"), c.form).want(t, "204")
		send(t, s, "work", "a", 0)
		for receipt := range 5 {
			if take(s, "work") != "a" {
				t.Fatalf("gone at receipt %d", receipt+1)
			}
			time.Sleep(time.Second)
		}
	})
}

// A missing dead-letter queue may be made later.
func TestAMessageMovesAsSoonAsItCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPolicied(t)
		call(s, "DELETE /queues/letters", "").want(t, "204")
		send(t, s, "work", "a", 0)
		takeTwice(s)
		takeTwice(s)
		makeQueue(t, s, "letters", mns.QueueAttributes{})
		if body := take(s, "work"); body != "" || take(s, "letters") != "a" {
			t.Errorf("received %q once more", body)
		}
	})
}

func TestADeadLetterMakesWayForTheNextMessage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPolicied(t)
		send(t, s, "work", "poison", 0)
		takeTwice(s)
		send(t, s, "work", "good", 0)
		if body := take(s, "work"); body != "good" {
			t.Errorf("received %q, want what is behind the dead letter", body)
		}
	})
}

func TestADeadLetterWakesALongPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPolicied(t)
		send(t, s, "work", "a", 0)
		takeTwice(s)
		polled := make(chan answer, 1)
		go func() { polled <- call(s, "GET /queues/letters/messages?waitseconds=30", "") }()
		synctest.Wait()
		start := time.Now()
		take(s, "work")
		if got := <-polled; got.value("MessageBody") != "a" || !time.Now().Equal(start) {
			t.Errorf("after %v got %d %s", time.Since(start), got.status, got.text)
		}
	})
}

func TestAPolicyIsShownAsItWasSet(t *testing.T) {
	s := newService(t, 1)
	if got := call(s, "GET /queues/work", ""); strings.Contains(got.text, "DlqPolicy") {
		t.Errorf("a queue without a policy shows one: %s", got.text)
	}
	call(s, "PUT /queues/fresh", policy).want(t, "201")
	call(s, "PUT /queues/fresh", policy).want(t, "204")
	call(s, "PUT /queues/fresh", strings.Replace(policy, ">2<", ">3<", 1)).want(t, "409 QueueAlreadyExist")
	call(s, "PUT /queues/work?metaoverride=true", policy).want(t, "204")
	for _, queue := range []string{"fresh", "work"} {
		got := call(s, "GET /queues/"+queue, "")
		got.wantValues(t, map[string]string{
			"Enabled": "True", "DeadLetterTargetQueue": "letters", "MaxReceiveCount": "2", "VisibilityTimeout": "30",
		})
	}
}

func TestAPolicyThatCannotWorkIsRefused(t *testing.T) {
	each(t, map[string]struct{ old, replacement, want string }{
		"without a queue":                {"letters", "", "400 InvalidArgument"},
		"with no receipt at all":         {">2<", ">0<", "400 InvalidArgument"},
		"with too many receipts":         {">2<", ">1001<", "400 InvalidArgument"},
		"with a word instead of a count": {">2<", ">two<", "400 MalformedXML"},
		"neither on nor off":             {"true", "perhaps", "400 MalformedXML"},
	}, func(t *testing.T, c struct{ old, replacement, want string }) {
		s := newService(t, 1)
		for _, what := range []string{"PUT /queues/work?metaoverride=true", "PUT /queues/fresh"} {
			call(s, what, strings.Replace(policy, c.old, c.replacement, 1)).want(t, c.want)
		}
		if got := call(s, "GET /queues/work", ""); strings.Contains(got.text, "DlqPolicy") {
			t.Errorf("it was taken nevertheless: %s", got.text)
		}
	})
}

func TestNoDeadLetterIsLostAmongManyMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const messages = 100
		s := newPolicied(t)
		for i := range messages {
			send(t, s, "work", fmt.Sprint(i), 0)
		}
		for range 3 { // the third time there is nothing to receive
			for take(s, "work") != "" {
			}
			time.Sleep(time.Second)
		}
		if work, letters := s.Stats("work"), s.Stats("letters"); work != (mns.Stats{}) || letters.Active != messages {
			t.Errorf("left %+v, moved %+v, want all %d moved", work, letters, messages)
		}
	})
}
