package fc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sdk "github.com/aliyun/fc-runtime-go-sdk/fc"
	"github.com/aliyun/fc-runtime-go-sdk/fccontext"
)

// inside runs check with a runtime whose instances run in this process, on a virtual clock. handlerOf gives the handler
// of each new instance.
func inside(t *testing.T, f Function, handlerOf func(s *scene) sdk.Handler, check func(t *testing.T, s *scene)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		s := &scene{t: t}
		host := InProcess{New: func(_ context.Context, getenv func(string) string, out io.Writer) (sdk.Handler, error) {
			s.getenv, s.out = getenv, out
			if handler := handlerOf(s); handler != nil {
				return handler, nil
			}
			return nil, errors.New("reading the configuration: MNS_ENDPOINT is missing")
		}}
		f.Name, f.Handler, f.Account, f.Region = "vpn-attach", "main", "1234567890123456", "cn-hangzhou"
		s.Runtime = NewRuntime(Options{Function: f, Host: host, Issue: s.issue, Output: func(_, stream, line string) {
			s.lines = append(s.lines, stream+": "+line)
		}})
		defer s.Close()
		check(t, s)
	})
}

// scene is such a runtime, and what the latest instance was given.
type scene struct {
	*Runtime
	t      *testing.T
	getenv func(string) string
	out    io.Writer
	issued int
	lines  []string
}

func (s *scene) issue() Credentials {
	s.issued++
	return numbered(s.issued)
}

func (s *scene) invoke(payload string) Invocation {
	s.t.Helper()
	invocation, err := s.Invoke(s.t.Context(), []byte(payload))
	if err != nil {
		s.t.Fatalf("invoking with %s: %v", payload, err)
	}
	return invocation
}

// doing is a function that does one thing whatever it is handed.
func doing(do func(ctx context.Context, payload []byte) (any, error)) func(*scene) sdk.Handler {
	return func(*scene) sdk.Handler { return sdk.NewHandler(do) }
}

func TestInProcessInvocationsEndAsThoseOfAProcess(t *testing.T) {
	cases := map[string]struct {
		do       func(context.Context, []byte) (any, error)
		response string
		failure  Failure
	}{
		"what the handler returns is the response": {
			func(_ context.Context, payload []byte) (any, error) { return string(payload), nil },
			`"a\u003cb"`, Failure{},
		},
		"an error keeps its type and text": {
			func(context.Context, []byte) (any, error) { return nil, &refusedError{"no"} }, "",
			Failure{"refusedError", "refused: no"},
		},
		"a panic is an error and the instance goes on": {
			func(context.Context, []byte) (any, error) { panic("oh") }, "", Failure{"string", "oh"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			inside(t, Function{}, doing(c.do), func(t *testing.T, s *scene) {
				got := s.invoke("a<b")
				if string(got.Response) != c.response || failureOf(got) != c.failure {
					t.Errorf("got %s, %+v; want %s, %+v", got.Response, failureOf(got), c.response, c.failure)
				}
				if next := s.invoke("{}"); next.Cold || next.InstanceID != got.InstanceID {
					t.Errorf("the next invocation has another instance: %+v", next)
				}
			})
		})
	}
}

func TestAnInProcessInstanceIsToldWhatAProcessIs(t *testing.T) {
	var told *fccontext.FcContext
	var deadline time.Time
	handler := doing(func(ctx context.Context, _ []byte) (any, error) {
		told, _ = fccontext.FromContext(ctx)
		deadline, _ = ctx.Deadline()
		return nil, nil
	})
	f := Function{Timeout: 20500 * time.Millisecond, MemoryMB: 256, Environment: map[string]string{"MNS_QUEUE": "work"}}
	inside(t, f, handler, func(t *testing.T, s *scene) {
		i := s.invoke("{}")
		checkContext(t, i, seen{Context: told, Deadline: deadline})
		for name, want := range map[string]string{
			"MNS_QUEUE": "work", "FC_INSTANCE_ID": i.InstanceID,
			"FC_REGION": "cn-hangzhou", "FC_ACCOUNT_ID": "1234567890123456",
			"ALIBABA_CLOUD_ACCESS_KEY_ID": "STS.1", "ALIBABA_CLOUD_SECURITY_TOKEN": "token-1", "HOME": "",
		} {
			if got := s.getenv(name); got != want {
				t.Errorf("%s is %q, want %q", name, got, want)
			}
		}
	})
}

func TestAnInProcessInvocationThatTakesTooLongIsGivenUp(t *testing.T) {
	forever := doing(func(ctx context.Context, _ []byte) (any, error) {
		<-ctx.Done()
		time.Sleep(time.Minute) // though it was told
		return nil, ctx.Err()
	})
	inside(t, Function{Timeout: 30 * time.Second}, forever, func(t *testing.T, s *scene) {
		late := s.invoke("{}")
		if want := (Failure{FunctionTimeout, "Function timed out after 30 seconds"}); failureOf(late) != want {
			t.Errorf("got %+v, want %+v", failureOf(late), want)
		}
		if late.Duration != 30*time.Second {
			t.Errorf("lasted %s", late.Duration)
		}
		if next := s.invoke("{}"); !next.Cold {
			t.Error("the instance was used again")
		}
	})
}

func TestAKilledInProcessInstanceSaysNothingMore(t *testing.T) {
	stuck := func(s *scene) sdk.Handler {
		out := s.out
		return sdk.NewHandler(func(ctx context.Context, _ []byte) (any, error) {
			fmt.Fprintln(out, "begun")
			<-ctx.Done()
			fmt.Fprintln(out, "after the end")
			return "an answer after the end", nil
		})
	}
	inside(t, Function{}, stuck, func(t *testing.T, s *scene) {
		ended := make(chan Invocation, 1)
		go func() { ended <- s.invoke("{}") }()
		synctest.Wait()
		if !s.Kill("STS.2") || s.Kill("STS.2") {
			t.Error("an invocation can be killed once")
		}
		killed := <-ended
		want := Failure{InstanceCrashed, "the process ended before it answered: killed"}
		if failureOf(killed) != want {
			t.Errorf("got %+v, want %+v", failureOf(killed), want)
		}
		synctest.Wait()
		if slices.Contains(s.lines, "stdout: after the end") || !slices.Contains(s.lines, "stdout: begun") {
			t.Errorf("it wrote %q", s.lines)
		}
		if len(s.Processes()) != 0 || s.Busy() {
			t.Errorf("processes %v, busy %v", s.Processes(), s.Busy())
		}
	})
}

func TestAFunctionThatCannotStartInProcessIsAnError(t *testing.T) {
	inside(t, Function{}, func(*scene) sdk.Handler { return nil }, func(t *testing.T, s *scene) {
		for range 2 { // the slot is given back
			_, err := s.Invoke(t.Context(), nil)
			const want = "(exit status 1): reading the configuration: MNS_ENDPOINT is missing"
			if err == nil || !strings.HasSuffix(err.Error(), want) {
				t.Errorf("got %v", err)
			}
		}
	})
}

func TestTheLogOfAnInProcessInvocationIsItsOwn(t *testing.T) {
	talks := func(s *scene) sdk.Handler {
		out := s.out
		return sdk.NewHandler(func(_ context.Context, payload []byte) (any, error) {
			fmt.Fprintf(out, "working on %s\n", payload)
			return nil, nil
		})
	}
	inside(t, Function{}, talks, func(t *testing.T, s *scene) {
		for _, payload := range []string{"one", "two"} {
			i := s.invoke(payload)
			want := fmt.Sprintf("FC Invoke Start RequestId: %[1]s\nworking on %[2]s\nFC Invoke End RequestId: %[1]s\n",
				i.RequestID, payload)
			if string(i.Log) != want {
				t.Errorf("got %q, want %q", i.Log, want)
			}
		}
	})
}
