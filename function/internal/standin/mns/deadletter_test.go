package mns_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

// The clients that others wrote do not know dead letters: everything here is written over the wire by hand.

const policy = "<Queue><DlqPolicy><Enabled>true</Enabled><DeadLetterTargetQueue>letters</DeadLetterTargetQueue><MaxReceiveCount>2</MaxReceiveCount></DlqPolicy></Queue>"

// newPolicied has the queue "work" of one second's visibility, whose dead letters go to "letters".
func newPolicied(t *testing.T) *mns.Service {
	t.Helper()
	s := newService(t, 1)
	makeQueue(t, s, "letters", mns.QueueAttributes{})
	call(s, "PUT", "/queues/work?metaoverride=true", strings.Replace(policy, "<DlqPolicy>", "<VisibilityTimeout>1</VisibilityTimeout><DlqPolicy>", 1)).want(t, 204, "")
	return s
}

// takes receives one message by hand and leaves it, "" when there is none.
func takes(s *mns.Service, queue string) (body string) {
	return call(s, "GET", "/queues/"+queue+"/messages", "").value("MessageBody")
}

func TestAMessageThatIsReceivedTooOftenBecomesADeadLetter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPolicied(t)
		sent := call(s, "POST", "/queues/work/messages", "<Message><MessageBody>poison &amp; é</MessageBody><Priority>3</Priority></Message>").value("MessageId")
		for receipt := range 2 {
			if body := takes(s, "work"); body != "poison &amp; é" {
				t.Fatalf("receipt %d got %q", receipt+1, body)
			}
			if got := s.Stats("letters"); got != (mns.Stats{}) {
				t.Fatalf("it moved at receipt %d of 2", receipt+1)
			}
			time.Sleep(time.Second)
		}
		if peeked := call(s, "GET", "/queues/work/messages?peekonly=true", "").value("DequeueCount"); peeked != "2" {
			t.Errorf("a look counts as a receipt: %q", peeked)
		}
		call(s, "GET", "/queues/work/messages", "").want(t, 404, "MessageNotExist")
		letter := call(s, "GET", "/queues/letters/messages", "")
		if letter.value("MessageBody") != "poison &amp; é" || letter.value("DequeueCount") != "1" || letter.value("Priority") != "3" {
			t.Errorf("the letter is %s", letter.text)
		}
		if id := letter.value("MessageId"); id == sent || id == "" {
			t.Errorf("the letter has the id %q, the message had %q", id, sent)
		}
		if got := s.Stats("work"); got != (mns.Stats{}) {
			t.Errorf("left behind: %+v", got)
		}
	})
}

func TestAMessageStaysWhen(t *testing.T) {
	set := func(form string) func(t *testing.T, s *mns.Service) {
		return func(t *testing.T, s *mns.Service) {
			call(s, "PUT", "/queues/work?metaoverride=true", form).want(t, 204, "")
		}
	}
	cases := map[string]func(t *testing.T, s *mns.Service){
		"the queue for dead letters is gone": func(t *testing.T, s *mns.Service) { call(s, "DELETE", "/queues/letters", "").want(t, 204, "") },
		"the policy is off":                  set(strings.Replace(policy, "true", "false", 1)),
		"the policy may be any number off":   set("<Queue><DlqPolicy><Enabled>False</Enabled></DlqPolicy></Queue>"),
		"it would be moved to where it is":   set(strings.Replace(policy, "letters", "work", 1)),
		"more receipts are allowed":          set(strings.Replace(policy, ">2<", ">5<", 1)),
	}
	for name, change := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newPolicied(t)
				change(t, s)
				send(t, s, "work", "a", 0)
				for receipt := range 5 {
					if takes(s, "work") != "a" {
						t.Fatalf("gone at receipt %d", receipt+1)
					}
					time.Sleep(time.Second)
				}
			})
		})
	}
}

// A missing queue for dead letters may be made later.
func TestAMessageMovesAsSoonAsItCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPolicied(t)
		call(s, "DELETE", "/queues/letters", "").want(t, 204, "")
		send(t, s, "work", "a", 0)
		for range 4 {
			takes(s, "work")
			time.Sleep(time.Second)
		}
		makeQueue(t, s, "letters", mns.QueueAttributes{})
		if body := takes(s, "work"); body != "" || takes(s, "letters") != "a" {
			t.Errorf("received %q once more", body)
		}
	})
}

func TestADeadLetterMakesWayForTheNext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPolicied(t)
		send(t, s, "work", "poison", 0)
		for range 2 {
			takes(s, "work")
			time.Sleep(time.Second)
		}
		send(t, s, "work", "good", 0)
		if body := takes(s, "work"); body != "good" {
			t.Errorf("received %q, want what is behind the dead letter", body)
		}
	})
}

func TestALongPollForDeadLettersIsWoken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPolicied(t)
		send(t, s, "work", "a", 0)
		for range 2 {
			takes(s, "work")
			time.Sleep(time.Second)
		}
		polled := make(chan answer, 1)
		go func() { polled <- call(s, "GET", "/queues/letters/messages?waitseconds=30", "") }()
		synctest.Wait()
		start := time.Now()
		takes(s, "work")
		if got := <-polled; got.value("MessageBody") != "a" || !time.Now().Equal(start) {
			t.Errorf("after %v got %d %s", time.Since(start), got.status, got.text)
		}
	})
}

func TestAPolicyIsShownAsItWasSet(t *testing.T) {
	s := newService(t, 1)
	if got := call(s, "GET", "/queues/work", ""); strings.Contains(got.text, "DlqPolicy") {
		t.Errorf("a queue without a policy shows one: %s", got.text)
	}
	call(s, "PUT", "/queues/fresh", policy).want(t, 201, "")
	call(s, "PUT", "/queues/fresh", policy).want(t, 204, "")
	call(s, "PUT", "/queues/fresh", strings.Replace(policy, ">2<", ">3<", 1)).want(t, 409, "QueueAlreadyExist")
	call(s, "PUT", "/queues/work?metaoverride=true", policy).want(t, 204, "")
	for _, queue := range []string{"fresh", "work"} {
		got := call(s, "GET", "/queues/"+queue, "")
		want := "<DlqPolicy><Enabled>True</Enabled><DeadLetterTargetQueue>letters</DeadLetterTargetQueue><MaxReceiveCount>2</MaxReceiveCount></DlqPolicy>"
		if !strings.Contains(got.text, want) || got.value("VisibilityTimeout") != "30" {
			t.Errorf("%s is shown as %s", queue, got.text)
		}
	}
}

func TestAPolicyThatCanNotWorkIsRefused(t *testing.T) {
	cases := map[string]struct {
		old, replacement string
		code             string
	}{
		"without a queue":            {"letters", "", "InvalidArgument"},
		"with no receipt at all":     {">2<", ">0<", "InvalidArgument"},
		"with too many receipts":     {">2<", ">1001<", "InvalidArgument"},
		"with a number that is none": {">2<", ">two<", "MalformedXML"},
		"neither on nor off":         {"true", "perhaps", "MalformedXML"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newService(t, 1)
			for _, resource := range []string{"/queues/work?metaoverride=true", "/queues/fresh"} {
				call(s, "PUT", resource, strings.Replace(policy, c.old, c.replacement, 1)).want(t, 400, c.code)
			}
			if got := call(s, "GET", "/queues/work", ""); strings.Contains(got.text, "DlqPolicy") {
				t.Errorf("it was taken all the same: %s", got.text)
			}
		})
	}
}

func TestNoDeadLetterIsLostAmongManyMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const messages = 100
		s := newPolicied(t)
		for i := range messages {
			send(t, s, "work", fmt.Sprint(i), 0)
		}
		for range 3 { // the third time nothing is there to receive
			for takes(s, "work") != "" {
			}
			time.Sleep(time.Second)
		}
		if work, letters := s.Stats("work"), s.Stats("letters"); work != (mns.Stats{}) || letters.Active != messages {
			t.Errorf("left %+v, moved %+v, want all %d moved", work, letters, messages)
		}
	})
}
