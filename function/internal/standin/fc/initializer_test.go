package fc

import (
	"encoding/json"
	"strings"
	"testing"
	"time"
)

// hooked is a function with an initializer that does what is said.
func hooked(t *testing.T, does string, timeout time.Duration) *platform {
	return newPlatform(t, "serves after its initializer", Function{
		Initializer: "main.initialize", InitializerTimeout: timeout,
		Environment: map[string]string{initializerVariable: does},
	})
}

func TestAnInitializerRunsOnceBeforeTheFirstInvocationOfAnInstance(t *testing.T) {
	p := hooked(t, "succeeds", 1500*time.Millisecond)
	first := p.invoke(order{Do: "describe the initializer"})
	again := p.invoke(order{Do: "describe the initializer"})
	if !first.Cold || again.Cold || first.InstanceID != again.InstanceID ||
		string(first.Response) != string(again.Response) {
		t.Fatalf("first %+v, then %+v", first, again)
	}
	var runs []seen
	if err := json.Unmarshal(first.Response, &runs); err != nil || len(runs) != 1 {
		t.Fatalf("the initializer ran %d times (%v): %s", len(runs), err, first.Response)
	}
	c := runs[0].Context
	if c.RequestID != first.RequestID || c.Function.Handler != "main.initialize" || c.Function.Timeout != 2 ||
		c.Credentials.AccessKeyId != first.AccessKeyID {
		t.Errorf("the initializer was told %+v", c)
	}
	p.written("stdout: FC Initialize End RequestId: " + first.RequestID)
	if strings.Contains(string(first.Log), "initializing") {
		t.Errorf("the invocation's log has the initializer's: %s", first.Log)
	}
	p.invoke(order{Do: "crash"})
	if next := p.invoke(order{Do: "describe the initializer"}); next.Failure != nil || !next.Cold ||
		string(next.Response) == "null" {
		t.Errorf("the next instance: %+v, initialized %s", next, next.Response)
	}
}

func TestTheTimeOfTheInitializerIsNotTheInvocations(t *testing.T) {
	p := hooked(t, "pauses", 0)
	cold := p.invoke(order{Do: "describe"})
	var handler seen
	if err := json.Unmarshal(cold.Response, &handler); err != nil {
		t.Fatal(err)
	}
	var runs []seen
	if err := json.Unmarshal(p.invoke(order{Do: "describe the initializer"}).Response, &runs); err != nil {
		t.Fatal(err)
	}
	if given := runs[0].Deadline.Sub(cold.Started); given < defaultInitializerTimeout-time.Millisecond ||
		given >= defaultTimeout {
		t.Errorf("the initializer had %s", given)
	}
	if given := handler.Deadline.Sub(cold.Started); given < defaultTimeout+initializerPause-time.Millisecond {
		t.Errorf("the handler's deadline is %s after the start of the initializer", given)
	}
}

func TestAFailedInitializerFailsTheInvocationAndItsInstance(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, start, does, want string }{
		{"it panics", "serves after its initializer", "panics", "the initializer failed: no memory"},
		{"it ends the process", "serves after its initializer", "exits",
			"the initializer failed: the process ended before it answered: exit status 4"},
		{"it takes too long", "serves after its initializer", "hangs",
			"the initializer failed: Function timed out after 2 seconds"},
		{"the process has none", "serves", "", "the initializer failed: no initializer handler registered"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlatform(t, c.start, Function{
				Initializer: "main.initialize", InitializerTimeout: 2 * time.Second,
				Environment: map[string]string{initializerVariable: c.does},
			})
			first, next := p.invoke(order{Do: "echo"}), p.invoke(order{Do: "echo"})
			if got, want := failureOf(first), (Failure{InitializationError, c.want}); got != want {
				t.Errorf("got %+v, want %+v", got, want)
			}
			if next.InstanceID == first.InstanceID || !next.Cold {
				t.Errorf("the instance was used again: %+v", next)
			}
			if len(p.Invocations()) != 2 || p.Busy() {
				t.Errorf("%d invocations recorded, busy %v", len(p.Invocations()), p.Busy())
			}
		})
	}
}

func TestAnInstanceCanBeKilledDuringItsInitializer(t *testing.T) {
	p := hooked(t, "hangs", time.Minute)
	ended := make(chan Invocation, 1)
	go func() { ended <- p.invoke(order{Do: "echo"}) }()
	p.written("stdout: initializing")
	if !p.Busy() {
		t.Error("an instance that initializes counts as idle")
	}
	if !p.Kill("STS.2") {
		t.Error("no invocation has the key STS.2")
	}
	if got := failureOf(<-ended); got.Type != InitializationError || !strings.Contains(got.Message, "signal: killed") {
		t.Errorf("ended with %+v", got)
	}
}
