package mns_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

// poll is how a long poll ended.
type poll struct {
	messages []mns.Message
	err      error
	ended    time.Time
}

// startPoll returns when the poll is waiting.
func startPoll(ctx context.Context, s *mns.Service, wait time.Duration) <-chan poll {
	ended := make(chan poll, 1)
	go func() {
		messages, err := s.Receive(ctx, "work", 16, wait)
		ended <- poll{messages, err, time.Now()}
	}()
	synctest.Wait()
	return ended
}

func TestALongPollEnds(t *testing.T) {
	type step func(t *testing.T, s *mns.Service)
	nothing := func(*testing.T, *mns.Service) {}
	sends := func(after, delay time.Duration) step {
		return func(t *testing.T, s *mns.Service) {
			time.Sleep(after)
			send(t, s, "work", "a", delay)
		}
	}
	receivedBefore := func(t *testing.T, s *mns.Service) {
		send(t, s, "work", "a", 0)
		one(t, s, "work")
		time.Sleep(20 * time.Second)
	}
	deleted := func(t *testing.T, s *mns.Service) {
		time.Sleep(3 * time.Second)
		call(s, "DELETE /queues/work", "").want(t, "204")
	}
	const second = time.Second
	type when struct {
		before, during step
		after          time.Duration
		bodies         int
		code           string
	}
	each(t, map[string]when{
		"empty, when its wait is over":                     {nothing, nothing, 20 * second, 0, ""},
		"when a message is sent":                           {nothing, sends(3*second, 0), 3 * second, 1, ""},
		"when the delay of a message is over":              {sends(0, 5*second), nothing, 5 * second, 1, ""},
		"when the delay of a later message is over":        {nothing, sends(3*second, 5*second), 8 * second, 1, ""},
		"empty, when a message is delayed beyond its wait": {sends(0, time.Minute), nothing, 20 * second, 0, ""},
		"when a message is visible again":                  {receivedBefore, nothing, 10 * second, 1, ""},
		"when its queue is deleted":                        {nothing, deleted, 3 * second, 0, "QueueNotExist"},
	}, func(t *testing.T, c when) {
		s := newService(t, 1)
		c.before(t, s)
		start := time.Now()
		polling := startPoll(t.Context(), s, 20*time.Second)
		c.during(t, s)
		p := <-polling
		if got := p.ended.Sub(start); got != c.after || len(p.messages) != c.bodies {
			t.Errorf("ended after %v with %q, want %v with %d", got, bodies(p.messages), c.after, c.bodies)
		}
		wantCode(t, p.err, c.code)
	})
}

func TestALongPollEndsWhenItsClientIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		polling := startPoll(ctx, newService(t, 1), 20*time.Second)
		cancel()
		synctest.Wait()
		select {
		case p := <-polling:
			if !errors.Is(p.err, context.Canceled) {
				t.Errorf("error %v, want that it was canceled", p.err)
			}
		default:
			t.Error("the poll continues without its client")
		}
	})
}

func TestAShortenedVisibilityWakesALongPoll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 1)
		send(t, s, "work", "a", 0)
		handle := one(t, s, "work").ReceiptHandle
		start := time.Now()
		polling := startPoll(t.Context(), s, 20*time.Second)
		call(s, "PUT /queues/work/messages?ReceiptHandle="+handle+"&VisibilityTimeout=1", "").want(t, "200")
		p := <-polling
		if len(p.messages) != 1 || p.ended.Sub(start) != time.Second {
			t.Errorf("got %q after %v, want one message after a second", bodies(p.messages), p.ended.Sub(start))
		}
	})
}

func TestAReceiveThatNamesNoWaitTakesTheQueues(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 1)
		makeQueue(t, s, "patient", mns.QueueAttributes{PollingWait: 10 * time.Second})
		for resource, want := range map[string]time.Duration{
			"/queues/patient/messages":               10 * time.Second,
			"/queues/patient/messages?waitseconds=0": 0,
			"/queues/patient/messages?waitseconds=3": 3 * time.Second,
			"/queues/patient/messages?peekonly=true": 0,
			"/queues/work/messages":                  0,
		} {
			start := time.Now()
			call(s, "GET "+resource, "").want(t, "404 MessageNotExist")
			if got := time.Since(start); got != want {
				t.Errorf("%s waited %v, want %v", resource, got, want)
			}
		}
	})
}
