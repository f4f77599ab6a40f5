package fc

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"
)

func TestAPushIsTriedAgainThenDeadLettered(t *testing.T) {
	no := &Failure{Type: "no"}
	crash := &Failure{Type: InstanceCrashed}
	for _, c := range []struct {
		name    string
		results []*Failure
		change  func(*rig)
		pushes  []string
		dead    []string
	}{
		{"success at once", nil, nil,
			[]string{"2 elements, try 1, number 1: acknowledged, 0 undeleted"}, nil},
		{"success at the last try", []*Failure{no, crash}, nil,
			[]string{
				"2 elements, try 1, number 1: retry in 1ms, 0 undeleted",
				"2 elements, try 2, number 2: retry in 1ms, 0 undeleted",
				"2 elements, try 3, number 3: acknowledged, 0 undeleted",
			}, nil},
		{"no success, a dead letter for each element with the last cause", []*Failure{no, no, crash}, nil,
			[]string{
				"2 elements, try 1, number 1: retry in 1ms, 0 undeleted",
				"2 elements, try 2, number 2: retry in 1ms, 0 undeleted",
				"2 elements, try 3, number 3: dead-lettered, 0 undeleted",
			}, []string{
				`InstanceCrashed {"requestId":"M1","messageId":"M1","messageBody":"a"}`,
				`InstanceCrashed {"requestId":"M2","messageId":"M2","messageBody":"b"}`,
			}},
		{"no success and nowhere to go", []*Failure{no}, func(r *rig) { r.Tries, r.DeadLetter = 1, nil },
			[]string{"2 elements, try 1, number 1: discarded, 0 undeleted"}, nil},
		{"no tries given is one", []*Failure{no}, func(r *rig) { r.Tries, r.DeadLetter = 0, nil },
			[]string{"2 elements, try 1, number 1: discarded, 0 undeleted"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(newQueue("a", "b"), c.results...)
			r.RawData = true // short texts
			if c.change != nil {
				c.change(r)
			}
			r.untilDeleted(t, 2)
			if !slices.Equal(r.pushes, c.pushes) {
				t.Errorf("pushes %q, want %q", r.pushes, c.pushes)
			}
			if !slices.Equal(r.dead, c.dead) {
				t.Errorf("dead letters %q, want %q", r.dead, c.dead)
			}
			for _, payload := range r.payloads[1:] {
				if payload != r.payloads[0] {
					t.Errorf("pushed %s, then %s", r.payloads[0], payload)
				}
			}
		})
	}
}

func TestAMessageIsDeletedOnlyAfterItsPush(t *testing.T) {
	r := newRig(newQueue("a"), &Failure{Type: "no"})
	run := r.run
	r.Invoke = func(ctx context.Context, payload []byte) (Invocation, error) {
		if gone := r.queue.gone(); len(gone) != 0 {
			t.Errorf("deleted before the push: %v", gone)
		}
		if !r.Busy() {
			t.Error("not busy during a push")
		}
		return run(ctx, payload)
	}
	r.untilDeleted(t, 1)
	if len(r.payloads) != 2 {
		t.Errorf("%d pushes, want 2", len(r.payloads))
	}
	if r.Busy() {
		t.Error("busy after the last push")
	}
}

func TestAMessageThatCannotBeDeletedIsCounted(t *testing.T) {
	r := newRig(newQueue("a", "b"))
	r.queue.expired = []string{"R1"}
	r.untilDeleted(t, 1)
	want := []string{"2 elements, try 1, number 1: acknowledged, 1 undeleted"}
	if !slices.Equal(r.pushes, want) {
		t.Errorf("pushes %q, want %q", r.pushes, want)
	}
}

func TestAPayloadIsPushedAsItStandsAndDeadLetteredByElement(t *testing.T) {
	for _, c := range []struct {
		name, payload string
		dead          []string
	}{
		{"an array", `[{"id":"1"}, {"id":"2"}]`, []string{`no {"id":"1"}`, `no {"id":"2"}`}},
		{"an object", `{"id":"1"}`, []string{`no {"id":"1"}`}},
		{"an empty array", `[]`, []string{`no []`}},
		{"no JSON at all", `[{"id":`, []string{`no [{"id":`}},
		{"nothing", ``, []string{`no `}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(newQueue(), &Failure{Type: "no"}, &Failure{Type: "no"}, &Failure{Type: "no"})
			if err := r.Push(context.Background(), []byte(c.payload)); err != nil {
				t.Fatal(err)
			}
			if want := []string{c.payload, c.payload, c.payload}; !slices.Equal(r.payloads, want) {
				t.Errorf("pushed %q", r.payloads)
			}
			if !slices.Equal(r.dead, c.dead) {
				t.Errorf("dead letters %q, want %q", r.dead, c.dead)
			}
		})
	}
}

func TestPushEndsWithTheErrorThatKeepsItFromWorking(t *testing.T) {
	broken := errors.New("broken")
	r := newRig(newQueue())
	r.Invoke = func(context.Context, []byte) (Invocation, error) { return Invocation{}, broken }
	if err := r.Push(context.Background(), nil); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}

	r = newRig(newQueue(), &Failure{Type: "no"})
	r.Backoff = time.Hour
	ctx, cancel := context.WithCancel(context.Background())
	r.Observe = func(Push) { cancel() }
	if err := r.Push(ctx, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if r.Busy() {
		t.Error("busy after the end")
	}
}
