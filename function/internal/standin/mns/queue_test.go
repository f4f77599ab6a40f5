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
	const week = 7 * 24 * time.Hour
	type delayed struct {
		speed        float64
		queue        time.Duration // the queue's own delay
		seconds      string        // of the message
		visibleAfter time.Duration
	}
	each(t, map[string]delayed{
		"a message without a delay is visible at once":  {1, 0, "", 0},
		"a message keeps its own delay":                 {1, 0, "20", 20 * time.Second},
		"a message that names none takes the queue's":   {1, 7 * time.Second, "", 7 * time.Second},
		"a delay of 0 overrides the queue's":            {1, 7 * time.Second, "0", 0},
		"speed divides a message's delay":               {10, 0, "20", 2 * time.Second},
		"speed divides the queue's delay":               {10, 7 * time.Second, "", 700 * time.Millisecond},
		"speed 0 is real time":                          {0, 0, "20", 20 * time.Second},
		"the longest delay of seven days lasts as long": {1, 0, "604800", week},
	}, func(t *testing.T, c delayed) {
		s := newService(t, c.speed)
		makeQueue(t, s, "slow", mns.QueueAttributes{Delay: c.queue, Retention: week})
		delay := ""
		if c.seconds != "" {
			delay = "<DelaySeconds>" + c.seconds + "</DelaySeconds>"
		}
		call(s, "POST /queues/slow/messages", message("a", delay)).want(t, "201")
		if c.visibleAfter > 0 {
			sleepTo(t, s, "slow", c.visibleAfter)
		}
		one(t, s, "slow")
	})
}

// sleepTo sleeps for d, at whose end a queue has its first message.
func sleepTo(t *testing.T, s *mns.Service, queue string, d time.Duration) {
	t.Helper()
	time.Sleep(d - time.Nanosecond)
	if early := receive(t, s, queue); len(early) != 0 {
		t.Fatalf("received %q too early", bodies(early))
	}
	time.Sleep(time.Nanosecond)
}

func TestAMessageThatIsNotDeletedComesAgain(t *testing.T) {
	each(t, map[string]float64{"at speed 1": 1, "and at speed 100": 100}, func(t *testing.T, speed float64) {
		s := newService(t, speed)
		start := time.Now()
		send(t, s, "work", "a", 0)
		first := one(t, s, "work")
		sleepTo(t, s, "work", 30*time.Second)
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
}

func TestAHandleIsInvalid(t *testing.T) {
	type until struct {
		sleep time.Duration
		call  string // a method and more query, if any
		code  string
	}
	each(t, map[string]until{
		"not while its message is invisible":                {0, "", ""},
		"not just before its message becomes visible again": {30*time.Second - time.Nanosecond, "", ""},
		"when its message is visible again":                 {30 * time.Second, "", "MessageNotExist"},
		"when its message is deleted":                       {0, "DELETE ", "MessageNotExist"},
		"when its message gets a new handle":                {0, "PUT &visibilityTimeout=60", "MessageNotExist"},
	}, func(t *testing.T, c until) {
		s := newService(t, 1)
		send(t, s, "work", "a", 0)
		handle := one(t, s, "work").ReceiptHandle
		if method, more, given := strings.Cut(c.call, " "); given {
			if got := call(s, method+" /queues/work/messages?receiptHandle="+handle+more, ""); got.status/100 != 2 {
				t.Fatalf("refused: %s", got.text)
			}
		}
		time.Sleep(c.sleep)
		wantCode(t, s.Delete("work", handle), c.code)
	})
}

func TestAChangedVisibilityTimeoutRunsFromTheChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 100)
		send(t, s, "work", "a", 0)
		handle := one(t, s, "work").ReceiptHandle
		time.Sleep(10 * time.Second)
		changed := call(s, "PUT /queues/work/messages?ReceiptHandle="+handle+"&VisibilityTimeout=60", "")
		changed.want(t, "200")
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
	for _, m := range []struct{ body, priority string }{
		{"low", "<Priority>16</Priority>"}, {"first", ""}, {"second", "<Priority>0</Priority>"},
		{"high", "<Priority>1</Priority>"}, {"third", "<Priority>8</Priority>"},
	} {
		call(s, "POST /queues/work/messages", message(m.body, m.priority)).want(t, "201")
	}
	got := bodies(receive(t, s, "work"))
	if want := []string{"high", "first", "second", "third", "low"}; !slices.Equal(got, want) {
		t.Errorf("received %q, want %q", got, want)
	}
}

func TestAMessageIsDroppedWhenItsRetentionIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 100)
		makeQueue(t, s, "short", mns.QueueAttributes{Retention: time.Minute})
		send(t, s, "short", "a", 0)
		time.Sleep(time.Minute)
		if got := s.Stats("short"); got != (mns.Stats{Active: 1}) {
			t.Errorf("at the end of its retention %+v, want it still there", got)
		}
		time.Sleep(time.Nanosecond)
		if got := s.Stats("short"); got != (mns.Stats{}) {
			t.Errorf("after its retention %+v, want none", got)
		}
		if got := receive(t, s, "short"); len(got) != 0 {
			t.Errorf("received %q after its retention", bodies(got))
		}
	})
}

func TestStatsSayWhereEveryMessageIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 1)
		for _, step := range []struct {
			name string
			do   func()
			want mns.Stats
		}{
			{"an empty queue", func() {}, mns.Stats{}},
			{"one visible", func() { send(t, s, "work", "a", 0) }, mns.Stats{Active: 1}},
			{"one delayed", func() { send(t, s, "work", "b", time.Minute) }, mns.Stats{Active: 1, Delayed: 1}},
			{"one in flight", func() { one(t, s, "work") }, mns.Stats{Inactive: 1, Delayed: 1}},
			{"visible again", func() { time.Sleep(30 * time.Second) }, mns.Stats{Active: 1, Delayed: 1}},
			{"the delay is over", func() { time.Sleep(30 * time.Second) }, mns.Stats{Active: 2}},
			{"both in flight", func() { receive(t, s, "work") }, mns.Stats{Inactive: 2}},
		} {
			step.do()
			if got := s.Stats("work"); got != step.want {
				t.Fatalf("%s: %+v, want %+v", step.name, got, step.want)
			}
			call(s, "GET /queues/work", "").wantValues(t, map[string]string{
				"ActiveMessages": fmt.Sprint(step.want.Active), "InactiveMessages": fmt.Sprint(step.want.Inactive),
				"DelayMessages": fmt.Sprint(step.want.Delayed),
			})
		}
		if got := s.Stats("nowhere"); got != (mns.Stats{}) {
			t.Errorf("an unknown queue has %+v", got)
		}
	})
}

func TestAQueueIsMadeOnce(t *testing.T) {
	type queue struct {
		name       string
		attributes mns.QueueAttributes
		code       string
	}
	long, late := strings.Repeat("q", 120), mns.QueueAttributes{Delay: time.Second}
	defaults := mns.QueueAttributes{VisibilityTimeout: 30 * time.Second, Retention: 96 * time.Hour, MaximumBody: 65536}
	each(t, map[string]queue{
		"a new name is accepted":                      {"fresh-1", mns.QueueAttributes{}, ""},
		"the same attributes again are accepted":      {"work", mns.QueueAttributes{}, ""},
		"defaults in full are the same":               {"work", defaults, ""},
		"other attributes are refused":                {"work", late, "QueueAlreadyExist"},
		"a name of 120 characters is accepted":        {long, mns.QueueAttributes{}, ""},
		"a name of 121 characters is refused":         {long + "q", mns.QueueAttributes{}, "QueueNameLengthError"},
		"an empty name is refused":                    {"", mns.QueueAttributes{}, "InvalidQueueName"},
		"a name that begins with a hyphen is refused": {"-work", mns.QueueAttributes{}, "InvalidQueueName"},
		"a name with an underscore is refused":        {"wo_rk", mns.QueueAttributes{}, "InvalidQueueName"},
	}, func(t *testing.T, c queue) {
		wantCode(t, newService(t, 1).CreateQueue(c.name, c.attributes), c.code)
	})
}

func TestAMessageMustKeepTheLimits(t *testing.T) {
	const week = 7 * 24 * time.Hour
	type sent struct {
		queue string
		size  int
		delay time.Duration
		code  string
	}
	each(t, map[string]sent{
		"a body of 64 KB is accepted":        {"work", 65536, 0, ""},
		"a body of a byte more is refused":   {"work", 65537, 0, "InvalidArgument"},
		"a queue may take less":              {"small", 1025, 0, "InvalidArgument"},
		"a delay of seven days is accepted":  {"work", 1, week, ""},
		"a longer delay is refused":          {"work", 1, week + time.Second, "InvalidArgument"},
		"a delay into the past is refused":   {"work", 1, -time.Second, "InvalidArgument"},
		"an unknown queue has its own error": {"nowhere", 1, 0, "QueueNotExist"},
	}, func(t *testing.T, c sent) {
		s := newService(t, 1)
		makeQueue(t, s, "small", mns.QueueAttributes{MaximumBody: 1024})
		_, err := s.Send(c.queue, strings.Repeat("a", c.size), c.delay)
		wantCode(t, err, c.code)
	})
}

func TestAPeekAtAMessageThatIsVisibleAgainShowsNoHandle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 1)
		send(t, s, "work", "a", 0)
		one(t, s, "work")
		time.Sleep(30 * time.Second)
		seen := call(s, "GET /queues/work/messages?peekonly=true", "")
		seen.wantValues(t, map[string]string{"DequeueCount": "1"})
		if strings.Contains(seen.text, "ReceiptHandle") || strings.Contains(seen.text, "NextVisibleTime") {
			t.Errorf("a peek shows %s", seen.text)
		}
	})
}
