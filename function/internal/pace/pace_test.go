package pace

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
)

// trying is a Pace of three tries, which retries what has no lasting code.
func trying() *Pace {
	return &Pace{Tries: 3, FirstWait: 100 * time.Millisecond, LongestWait: time.Second, CallTimeout: time.Minute,
		Retryable: isPassing}
}

func isPassing(err error) bool {
	return !cloud.HasCode(err, "InvalidParameter") && !cloud.HasCode(err, "InvalidStatus.ResourceStatus")
}

// answering gives the answers one after another, and notes how long after the start each call was made.
func answering(answers ...error) (call func(context.Context) error, at *[]time.Duration) {
	began := time.Now()
	at = new([]time.Duration)
	return func(context.Context) error {
		*at = append(*at, time.Since(began))
		return answers[len(*at)-1]
	}, at
}

// between is a wait of at least the first and less than the second.
type between [2]time.Duration

func TestCallsAreRetriedOnlyWhenThatCanHelp(t *testing.T) {
	transient, lasting := &cloud.APIError{Code: "Operation.Blocking", Status: 400},
		&cloud.APIError{Code: "InvalidParameter", Status: 400}
	slow := &cloud.APIError{Code: "Throttling.User", Status: 400, RetryAfter: 3 * time.Second}
	endless := &cloud.APIError{Code: "Throttling.User", Status: 400, RetryAfter: time.Minute}
	const ms = time.Millisecond
	first, second := between{50 * ms, 100 * ms}, between{100 * ms, 200 * ms}
	cases := map[string]struct {
		answers []error
		waits   []between // before each call but the first
	}{
		"a success is not repeated":                     {[]error{nil}, nil},
		"a transient error is repeated until it passes": {[]error{transient, nil}, []between{first}},
		"waits double": {[]error{transient, transient, nil},
			[]between{first, second}},
		"tries end": {[]error{transient, transient, transient, nil},
			[]between{first, second}},
		"a lasting failure is not repeated": {[]error{lasting, nil}, nil},
		"what the service asks to wait is waited": {[]error{slow, nil},
			[]between{{3 * time.Second, 3*time.Second + ms}}},
		"but not for longer than an invocation has": {[]error{endless, nil}, nil},
		"a call without an answer is repeated":      {[]error{&cloud.APIError{}, nil}, []between{first}},
		"a failure that is not for the call to retry is returned": {
			[]error{&cloud.APIError{Code: "InvalidStatus.ResourceStatus", Status: 400}, nil}, nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				call, at := answering(c.answers...)
				err := trying().Do(t.Context(), Call{}, call)
				if len(*at) != len(c.waits)+1 || err != c.answers[len(*at)-1] {
					t.Fatalf("called after %v, error %v", *at, err)
				}
				for i, want := range c.waits {
					if wait := (*at)[i+1] - (*at)[i]; wait < want[0] || wait >= want[1] {
						t.Errorf("wait %d was %s, want %v", i+1, wait, want)
					}
				}
			})
		})
	}
}

func TestWaitsGrowToTheLongestAndNoFurther(t *testing.T) {
	p := trying()
	for try := 1; try < 100; try++ {
		if wait := p.Backoff(try, nil); wait >= time.Second || try >= 5 && wait < time.Second/2 {
			t.Errorf("the wait after try %d is %s", try, wait)
		}
	}
}

func TestNoWaitOutlastsTheDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := &Pace{Tries: 5, FirstWait: 4 * time.Second, LongestWait: 4 * time.Second, Retryable: isPassing}
		err := p.Do(in(t, time.Second), Call{}, func(context.Context) error { return &cloud.APIError{} })
		if err == nil || time.Since(began) != 0 {
			t.Errorf("waited %s, error %v", time.Since(began), err)
		}
	})
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		began, calls := time.Now(), 0
		err := trying().Do(ctx, Call{}, func(context.Context) error {
			calls++
			cancel()
			return &cloud.APIError{}
		})
		if err == nil || calls != 1 || time.Since(began) != 0 {
			t.Errorf("%d calls in %s, error %v", calls, time.Since(began), err)
		}
	})
}

func TestACallHasItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		p := &Pace{CallTimeout: 5 * time.Second}
		err := p.Do(in(t, time.Hour), Call{}, func(ctx context.Context) error {
			<-ctx.Done()
			return ctx.Err()
		})
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(began) != 5*time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
}

func TestAPatientCallIsRetriedAsLongAsItsContextLasts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began, calls := time.Now(), 0
		err := trying().Do(in(t, time.Minute), Call{Patient: true}, func(context.Context) error {
			calls++
			return &cloud.APIError{Status: 500}
		})
		if took := time.Since(began); err == nil || took < 59*time.Second || took > time.Minute || calls < 60 {
			t.Errorf("%d calls in %s: %v", calls, took, err)
		}
		calls = 0
		lasting := &cloud.APIError{Code: "InvalidParameter"}
		err = trying().Do(in(t, time.Minute), Call{Patient: true},
			func(context.Context) error { calls++; return lasting })
		if calls != 1 || err != lasting {
			t.Errorf("what lasts was called %d times: %v", calls, err)
		}
	})
}

func TestWithoutAPaceEveryCallIsMadeOnce(t *testing.T) {
	var p *Pace
	for range 1000 {
		leave, away := p.Enter(t.Context(), "r", cloud.ActionCreate)
		if leave == nil || away != 0 {
			t.Fatal("it was sent away")
		}
		calls, failure := 0, errors.New("once")
		err := p.Do(t.Context(), Call{Region: "r", Action: cloud.ActionCreate, Slot: "s", Leave: leave},
			func(ctx context.Context) error {
				if _, limited := ctx.Deadline(); limited {
					t.Error("a deadline came from nowhere")
				}
				calls++
				return failure
			})
		if calls != 1 || err != failure {
			t.Fatalf("%d calls, %v", calls, err)
		}
	}
}

func TestOneSlotTakesOnlySoManyCallsAndOthersHaveTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{Slots: 2, CallTimeout: time.Second}
		var mu sync.Mutex
		now, most := 0, 0
		var wait sync.WaitGroup
		began := time.Now()
		call := func(slot string) {
			wait.Go(func() {
				err := p.Do(t.Context(), Call{Slot: slot}, func(ctx context.Context) error {
					if slot != "tr-1" {
						return Sleep(ctx, 900*time.Millisecond)
					}
					mu.Lock()
					now++
					most = max(most, now)
					mu.Unlock()
					err := Sleep(ctx, 900*time.Millisecond)
					mu.Lock()
					now--
					mu.Unlock()
					return err
				})
				if err != nil {
					t.Errorf("%s: the wait for a slot counts as the call's time: %v", slot, err)
				}
			})
		}
		for range 6 {
			call("tr-1")
		}
		for _, other := range []string{"tr-2", "tr-2", "", "", ""} {
			call(other)
		}
		wait.Wait()
		if elapsed := time.Since(began); most != 2 || elapsed != 3*900*time.Millisecond {
			t.Errorf("at most %d at once, %s in all", most, elapsed)
		}
	})
}

func TestWhoGetsNoSlotInTimeMakesACallThatFailsByItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{Slots: 1}
		held, done := make(chan struct{}), make(chan error)
		go func() {
			done <- p.Do(t.Context(), Call{Slot: "tr-1"}, func(context.Context) error { <-held; return nil })
		}()
		synctest.Wait()
		err := p.Do(in(t, 10*time.Millisecond), Call{Slot: "tr-1"},
			func(ctx context.Context) error { return ctx.Err() })
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("a second slot was given: %v", err)
		}
		close(held)
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := p.Do(in(t, time.Second), Call{Slot: "tr-1"},
			func(ctx context.Context) error { return ctx.Err() }); err != nil {
			t.Errorf("the slot was not given back: %v", err)
		}
	})
}
