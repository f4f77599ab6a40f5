package mns_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

func TestADelayedMessageIsVisibleWhenItsDelayIsOver(t *testing.T) {
	cases := map[string]struct {
		speed        float64
		queue        time.Duration // the queue's own delay
		body         string
		visibleAfter time.Duration
	}{
		"a message without a delay is there at once":     {1, 0, "", 0},
		"a message keeps its own delay":                  {1, 0, "<DelaySeconds>20</DelaySeconds>", 20 * time.Second},
		"a message that names none takes the queue's":    {1, 7 * time.Second, "", 7 * time.Second},
		"a delay of 0 beats the queue's":                 {1, 7 * time.Second, "<DelaySeconds>0</DelaySeconds>", 0},
		"speed divides a message's delay":                {10, 0, "<DelaySeconds>20</DelaySeconds>", 2 * time.Second},
		"speed divides the queue's delay":                {10, 7 * time.Second, "", 700 * time.Millisecond},
		"speed 0 is the world's own":                     {0, 0, "<DelaySeconds>20</DelaySeconds>", 20 * time.Second},
		"the longest delay of seven days is as long too": {1, 0, "<DelaySeconds>604800</DelaySeconds>", 7 * 24 * time.Hour},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, c.speed)
				makeQueue(t, s, "slow", mns.QueueAttributes{Delay: c.queue, Retention: 7 * 24 * time.Hour})
				call(s, "POST", "/queues/slow/messages", "<Message><MessageBody>a</MessageBody>"+c.body+"</Message>").want(t, 201, "")
				if c.visibleAfter > 0 {
					time.Sleep(c.visibleAfter - time.Nanosecond)
					if early := receive(t, s, "slow"); len(early) != 0 {
						t.Fatalf("received %q too early", bodies(early))
					}
					time.Sleep(time.Nanosecond)
				}
				one(t, s, "slow")
			})
		})
	}
}

func TestAMessageThatIsNotDeletedComesAgain(t *testing.T) {
	for _, speed := range []float64{1, 100} {
		t.Run(fmt.Sprintf("at speed %v, which leaves visibility alone", speed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, speed)
				start := time.Now()
				send(t, s, "work", "a", 0)
				first := one(t, s, "work")
				time.Sleep(30*time.Second - time.Nanosecond)
				if early := receive(t, s, "work"); len(early) != 0 {
					t.Fatalf("received %q within its visibility timeout", bodies(early))
				}
				time.Sleep(time.Nanosecond)
				second := one(t, s, "work")
				if second.MessageID != first.MessageID || second.ReceiptHandle == first.ReceiptHandle {
					t.Errorf("got %+v after %+v: want the same message under another handle", second, first)
				}
				if first.DequeueCount != 1 || second.DequeueCount != 2 {
					t.Errorf("dequeue counts are %d and %d, want 1 and 2", first.DequeueCount, second.DequeueCount)
				}
				if !second.FirstDequeueTime.Equal(start) || !second.EnqueueTime.Equal(start) {
					t.Errorf("first dequeue %v, enqueue %v, want both %v", second.FirstDequeueTime, second.EnqueueTime, start)
				}
				if want := start.Add(time.Minute); !second.NextVisibleTime.Equal(want) {
					t.Errorf("next visible %v, want %v", second.NextVisibleTime, want)
				}
				wantCode(t, s.Delete("work", first.ReceiptHandle), "MessageNotExist")
				wantCode(t, s.Delete("work", second.ReceiptHandle), "")
			})
		})
	}
}

func TestAHandleDies(t *testing.T) {
	cases := map[string]struct {
		do   func(t *testing.T, s *mns.Service, handle string)
		code string
	}{
		"not while its message is invisible": {func(*testing.T, *mns.Service, string) {}, ""},
		"not a moment before its message is visible again": {func(*testing.T, *mns.Service, string) {
			time.Sleep(30*time.Second - time.Nanosecond)
		}, ""},
		"when its message is visible again": {func(*testing.T, *mns.Service, string) {
			time.Sleep(30 * time.Second)
		}, "MessageNotExist"},
		"when its message is deleted": {func(t *testing.T, s *mns.Service, handle string) {
			wantCode(t, s.Delete("work", handle), "")
		}, "MessageNotExist"},
		"when its message gets a new one": {func(t *testing.T, s *mns.Service, handle string) {
			call(s, "PUT", "/queues/work/messages?receiptHandle="+handle+"&visibilityTimeout=60", "").want(t, 200, "")
		}, "MessageNotExist"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, 1)
				send(t, s, "work", "a", 0)
				handle := one(t, s, "work").ReceiptHandle
				c.do(t, s, handle)
				wantCode(t, s.Delete("work", handle), c.code)
			})
		})
	}
}

func TestAChangedVisibilityTimeoutRunsFromTheChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 100)
		send(t, s, "work", "a", 0)
		handle := one(t, s, "work").ReceiptHandle
		time.Sleep(10 * time.Second)
		changed := call(s, "PUT", "/queues/work/messages?ReceiptHandle="+handle+"&VisibilityTimeout=60", "")
		changed.want(t, 200, "")
		if want := fmt.Sprint(time.Now().Add(time.Minute).UnixMilli()); changed.value("NextVisibleTime") != want {
			t.Errorf("next visible at %s, want %s", changed.value("NextVisibleTime"), want)
		}
		time.Sleep(time.Minute - time.Nanosecond)
		if early := receive(t, s, "work"); len(early) != 0 {
			t.Fatalf("received %q too early", bodies(early))
		}
		wantCode(t, s.Delete("work", changed.value("ReceiptHandle")), "")
	})
}

func TestMessagesComeByPriorityThenByAge(t *testing.T) {
	s := newService(t, 1)
	for _, m := range []string{"<MessageBody>low</MessageBody><Priority>16</Priority>", "<MessageBody>first</MessageBody>",
		"<MessageBody>second</MessageBody><Priority>0</Priority>", "<MessageBody>high</MessageBody><Priority>1</Priority>", "<MessageBody>third</MessageBody><Priority>8</Priority>"} {
		call(s, "POST", "/queues/work/messages", "<Message>"+m+"</Message>").want(t, 201, "")
	}
	if got, want := bodies(receive(t, s, "work")), []string{"high", "first", "second", "third", "low"}; !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

func TestAMessageIsGoneWhenItsRetentionIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 100)
		makeQueue(t, s, "short", mns.QueueAttributes{Retention: time.Minute})
		send(t, s, "short", "a", 0)
		time.Sleep(time.Minute)
		if got := s.Stats("short"); got != (mns.Stats{Active: 1}) {
			t.Errorf("after its retention %+v, want it there to the end", got)
		}
		time.Sleep(time.Nanosecond)
		if got := s.Stats("short"); got != (mns.Stats{}) {
			t.Errorf("past its retention %+v, want none", got)
		}
		if got := receive(t, s, "short"); len(got) != 0 {
			t.Errorf("received %q past its retention", bodies(got))
		}
	})
}

func TestStatsTellWhereEveryMessageIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 1)
		steps := []struct {
			name string
			do   func()
			want mns.Stats
		}{
			{"an empty queue", func() {}, mns.Stats{}},
			{"one to receive, one delayed", func() { send(t, s, "work", "a", 0); send(t, s, "work", "b", time.Minute) }, mns.Stats{Active: 1, Delayed: 1}},
			{"one in flight", func() { one(t, s, "work") }, mns.Stats{Inactive: 1, Delayed: 1}},
			{"visible again", func() { time.Sleep(30 * time.Second) }, mns.Stats{Active: 1, Delayed: 1}},
			{"the delay is over", func() { time.Sleep(30 * time.Second) }, mns.Stats{Active: 2}},
			{"both in flight", func() { receive(t, s, "work") }, mns.Stats{Inactive: 2}},
		}
		for _, step := range steps {
			step.do()
			if got := s.Stats("work"); got != step.want {
				t.Fatalf("%s: %+v, want %+v", step.name, got, step.want)
			}
			attributes := call(s, "GET", "/queues/work", "")
			if got := [3]string{attributes.value("ActiveMessages"), attributes.value("InactiveMessages"), attributes.value("DelayMessages")}; got !=
				[3]string{fmt.Sprint(step.want.Active), fmt.Sprint(step.want.Inactive), fmt.Sprint(step.want.Delayed)} {
				t.Errorf("%s: the attributes say %q, want %+v", step.name, got, step.want)
			}
		}
		if got := s.Stats("nowhere"); got != (mns.Stats{}) {
			t.Errorf("a queue that is not there has %+v", got)
		}
	})
}

func TestAQueueIsMadeOnce(t *testing.T) {
	cases := map[string]struct {
		name       string
		attributes mns.QueueAttributes
		code       string
	}{
		"a new name is taken":                        {"fresh-1", mns.QueueAttributes{}, ""},
		"the same attributes again are taken":        {"work", mns.QueueAttributes{}, ""},
		"defaults in full are the same":              {"work", mns.QueueAttributes{VisibilityTimeout: 30 * time.Second, Retention: 96 * time.Hour, MaximumBody: 65536}, ""},
		"other attributes are refused":               {"work", mns.QueueAttributes{Delay: time.Second}, "QueueAlreadyExist"},
		"a name of 120 characters is taken":          {strings.Repeat("q", 120), mns.QueueAttributes{}, ""},
		"a name of 121 characters is refused":        {strings.Repeat("q", 121), mns.QueueAttributes{}, "QueueNameLengthError"},
		"an empty name is refused":                   {"", mns.QueueAttributes{}, "InvalidQueueName"},
		"a name that begins with a hyphen, too":      {"-work", mns.QueueAttributes{}, "InvalidQueueName"},
		"a name with another letter inside, as well": {"wo_rk", mns.QueueAttributes{}, "InvalidQueueName"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wantCode(t, newService(t, 1).CreateQueue(c.name, c.attributes), c.code)
		})
	}
}

func TestAMessageIsHeldToTheLimits(t *testing.T) {
	cases := map[string]struct {
		queue, body string
		delay       time.Duration
		code        string
	}{
		"a body of 64 KB is taken":                     {"work", strings.Repeat("a", 65536), 0, ""},
		"a body of a byte more is refused":             {"work", strings.Repeat("a", 65537), 0, "InvalidArgument"},
		"a queue may take less":                        {"small", strings.Repeat("a", 1025), 0, "InvalidArgument"},
		"a delay of seven days is taken":               {"work", "a", 7 * 24 * time.Hour, ""},
		"a longer delay is refused":                    {"work", "a", 7*24*time.Hour + time.Second, "InvalidArgument"},
		"a delay into the past is refused":             {"work", "a", -time.Second, "InvalidArgument"},
		"a queue that is not there is told by its own": {"nowhere", "a", 0, "QueueNotExist"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newService(t, 1)
			makeQueue(t, s, "small", mns.QueueAttributes{MaximumBody: 1024})
			_, err := s.Send(c.queue, c.body, c.delay)
			wantCode(t, err, c.code)
		})
	}
}

func TestAPeekAtAMessageThatIsVisibleAgainShowsNoHandle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 1)
		send(t, s, "work", "a", 0)
		one(t, s, "work")
		time.Sleep(30 * time.Second)
		seen := call(s, "GET", "/queues/work/messages?peekonly=true", "")
		if seen.value("DequeueCount") != "1" || strings.Contains(seen.text, "ReceiptHandle") || strings.Contains(seen.text, "NextVisibleTime") {
			t.Errorf("a peek shows %s", seen.text)
		}
	})
}
