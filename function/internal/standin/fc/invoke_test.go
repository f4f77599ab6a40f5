package fc

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestInvocationsEndAsTheFunctionEndsThem(t *testing.T) {
	for _, c := range []struct {
		name     string
		payload  string
		response string
		failure  Failure
		survives bool
	}{
		{"what the handler returns is the response", `{"do":"echo","value":"a<b"}`,
			`{"do":"echo","value":"a\u003cb"}`, Failure{}, true},
		{"an array reaches the handler as it stands", `[{"id":"1"},{"id":"2"}]`, `[{"id":"1"},{"id":"2"}]`, Failure{},
			true},
		{"an error keeps its type and text", `{"do":"fail","value":"no"}`, "", Failure{"refusedError", "refused: no"},
			true},
		{"a panic is an error and the process goes on", `{"do":"panic","value":"oh"}`, "", Failure{"string", "oh"},
			true},
		{"an exit before the answer is a crash", `{"do":"crash"}`, "",
			Failure{InstanceCrashed, "the process ended before it answered: exit status 3"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlatform(t, "serves", Function{})
			got, err := p.Invoke(context.Background(), []byte(c.payload))
			if err != nil {
				t.Fatal(err)
			}
			if string(got.Response) != c.response || failureOf(got) != c.failure {
				t.Errorf("got %s, %+v; want %s, %+v", got.Response, failureOf(got), c.response, c.failure)
			}
			next := p.invoke(order{Do: "echo"})
			if next.Failure != nil || next.Cold == c.survives || (next.InstanceID == got.InstanceID) != c.survives {
				t.Errorf("next invocation: %+v; the process was to go on: %v", next, c.survives)
			}
		})
	}
}

func TestAnInvocationThatTakesTooLongIsKilled(t *testing.T) {
	p := newPlatform(t, "serves", Function{Timeout: 200 * time.Millisecond})
	late := p.invoke(order{Do: "sleep"})
	if want := (Failure{FunctionTimeout, "Function timed out after 0.2 seconds"}); failureOf(late) != want {
		t.Errorf("got %+v, want %+v", failureOf(late), want)
	}
	if got := p.post(late.InstanceID, late.RequestID, "response"); got != 404 {
		t.Errorf("an answer after the timeout got %d, want 404: the instance is gone", got)
	}
	if late.Duration < 200*time.Millisecond {
		t.Errorf("lasted %s", late.Duration)
	}
	if next := p.invoke(order{Do: "sleep"}); !next.Cold {
		t.Error("the instance was used again")
	}
}

func TestAnInstanceIsHandedOneInvocationAtATime(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	var wg sync.WaitGroup
	for range 5 {
		wg.Go(func() { p.invoke(order{Do: "overlap"}) })
	}
	wg.Wait()
	first := p.Invocations()[0]
	for _, i := range p.Invocations() {
		if string(i.Response) != "1" || i.InstanceID != first.InstanceID || i.Cold != (i.Number == 1) {
			t.Errorf("number %d on %s, cold %v, saw %s at once", i.Number, i.InstanceID, i.Cold, i.Response)
		}
	}
}

func TestABusyInstanceHasAnotherStartedUpToTheLimit(t *testing.T) {
	p := newPlatform(t, "serves", Function{Instances: 2})
	one, firstEnded := p.inBackground("one")
	two, secondEnded := p.inBackground("two")
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Millisecond)
	defer cancel()
	if _, err := p.Invoke(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a third at once: %v", err)
	}
	touch(t, one)
	touch(t, two)
	first, second := <-firstEnded, <-secondEnded
	if first.InstanceID == second.InstanceID || !first.Cold || !second.Cold {
		t.Errorf("ran on %s (cold %v) and %s (cold %v)", first.InstanceID, first.Cold, second.InstanceID, second.Cold)
	}
	if third := p.invoke(order{Do: "echo"}); third.Cold {
		t.Error("an idle instance was not used")
	}
}

func TestAProcessThatCannotStartIsAnErrorAndIsNotTriedAgain(t *testing.T) {
	for _, c := range []struct {
		name, start string
		spoil       func(*release)
		want        string
	}{
		{"it ends before it asks for work", "exits at once", func(*release) {},
			"\nreading the configuration: MNS_ENDPOINT is missing"},
		{"there is no such file", "serves", func(r *release) { r.host = Process{Binary: "/nonexistent/main"} },
			"no such file or directory"},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := newPlatform(t, c.start, Function{})
			c.spoil(p.latest)
			for try := 1; try <= 2; try++ { // the slot is given back
				_, err := p.Invoke(context.Background(), nil)
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Fatalf("try %d: got %v, want %q", try, err, c.want)
				}
				if strings.Contains(err.Error(), "an old story") {
					t.Errorf("the error repeats more than the last %d lines: %v", lastLines, err)
				}
				if p.issued != try {
					t.Errorf("try %d: %d processes were prepared", try, p.issued)
				}
			}
			if len(p.Invocations()) != 0 {
				t.Errorf("recorded %+v", p.Invocations())
			}
		})
	}
}

func TestTheContextBoundsTheStartOfAProcessThatNeverAsksForWork(t *testing.T) {
	p := newPlatform(t, "never polls", Function{})
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	if _, err := p.Invoke(ctx, nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
	if len(p.instances) != 0 {
		t.Error("the process was left running")
	}
}

func TestAnInvocationGoesOnWhenItsCallerHangsUp(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	file := filepath.Join(t.TempDir(), "go-on")
	payload, _ := json.Marshal(order{Do: "await", Value: "the caller", File: file})
	ctx, hangUp := context.WithCancel(context.Background())
	returned := make(chan error, 1)
	go func() {
		_, err := p.Invoke(ctx, payload)
		returned <- err
	}()
	p.written("stdout: awaiting the caller")
	hangUp()
	if err := <-returned; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	touch(t, file)
	eventually(t, "the invocation in the record", func() bool { return len(p.Invocations()) == 1 })
	if got := p.Invocations()[0]; got.Failure != nil {
		t.Errorf("ended with %+v", got.Failure)
	}
}

func TestOutputIsToldLineByLineWithItsStream(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	i := p.invoke(order{Do: "fail", Value: "no"})
	p.written("stdout: FC Invoke Start RequestId: " + i.RequestID)
	p.written("stdout: FC Invoke End RequestId: " + i.RequestID + ", Error: Unhandled function error")
	p.written(`stderr:  "errorMessage": "refused: no",`)
	p.invoke(order{Do: "crash"})
	p.written("stdout: unfinished")
}

func TestWhatAProcessIsTold(t *testing.T) {
	t.Setenv("GORACE", "halt_on_error=0")
	t.Setenv("LEAKS", "yes")
	p := newPlatform(t, "serves", Function{
		Timeout: 20500 * time.Millisecond, MemoryMB: 256,
		Environment: map[string]string{"MNS_QUEUE": "work", "FC_REGION": "elsewhere"},
	})
	i := p.invoke(order{Do: "describe"})
	var got seen
	if err := json.Unmarshal(i.Response, &got); err != nil {
		t.Fatalf("reading %s: %v", i.Response, err)
	}
	binary, _ := os.Executable()
	want := []string{
		"ALIBABA_CLOUD_ACCESS_KEY_ID=STS.1", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=secret-1",
		"ALIBABA_CLOUD_SECURITY_TOKEN=token-1",
		"FCTEST_CHILD=serves",
		"FC_ACCOUNT_ID=1234567890123456", "FC_FUNCTION_HANDLER=main", "FC_FUNCTION_MEMORY_SIZE=256",
		"FC_FUNCTION_NAME=vpn-attach",
		"FC_FUNC_CODE_PATH=" + filepath.Dir(binary), "FC_INSTANCE_ID=" + i.InstanceID, "FC_REGION=cn-hangzhou",
		"FC_RUNTIME_API=" + p.server.Listener.Addr().String() + "/i/" + i.InstanceID,
		"GORACE=halt_on_error=0", "HOME=/tmp", "MNS_QUEUE=work", "TMPDIR=/tmp",
	}
	slices.Sort(got.Environment)
	if !slices.Equal(got.Environment, want) {
		t.Errorf("environment\n%s\nwant\n%s", strings.Join(got.Environment, "\n"), strings.Join(want, "\n"))
	}
	if got.Directory != filepath.Dir(binary) {
		t.Errorf("runs in %s", got.Directory)
	}
	checkContext(t, i, got)
}

func checkContext(t *testing.T, i Invocation, got seen) {
	t.Helper()
	c := got.Context
	for what, pair := range map[string][2]any{
		"request id": {c.RequestID, i.RequestID},
		"access key": {c.Credentials.AccessKeyId, "STS.2"},
		"secret":     {c.Credentials.AccessKeySecret, "secret-2"},
		"token":      {c.Credentials.SecurityToken, "token-2"},
		"function":   {c.Function.Name, "vpn-attach"},
		"handler":    {c.Function.Handler, "main"},
		"memory":     {c.Function.Memory, "256"},
		"timeout":    {c.Function.Timeout, 21},
		"region":     {c.Region, "cn-hangzhou"},
		"account":    {c.AccountId, "1234567890123456"},
		"qualifier":  {c.Service.Qualifier, "LATEST"},
		"version":    {c.Service.VersionId, "LATEST"},
		"retries":    {c.RetryCount, 0},
		"deadline":   {got.Deadline.UnixMilli(), i.Started.Add(20500 * time.Millisecond).UnixMilli()},
	} {
		if pair[0] != pair[1] {
			t.Errorf("%s: got %v, want %v", what, pair[0], pair[1])
		}
	}
}
