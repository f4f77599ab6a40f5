package fc

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// deadline is generous: it only ends tests that would fail anyway.
const deadline = 20 * time.Second

// platform is a Runtime on a server of its own, running this test binary, and
// what it was seen to do.
type platform struct {
	*Runtime
	t      *testing.T
	server *httptest.Server

	mu     sync.Mutex
	issued int
	lines  []string // "stream: text"
}

// newPlatform runs this test binary as that kind of child. The fields of f
// that a test leaves empty are filled in.
func newPlatform(t *testing.T, start string, f Function) *platform {
	t.Helper()
	p := &platform{t: t}
	p.server = httptest.NewUnstartedServer(nil)
	f.Environment = withVariable(f.Environment, childVariable, start)
	binary, _ := os.Executable()
	f.Name, f.Handler, f.Account, f.Region = "vpn-attach", "main", "1234567890123456", "cn-hangzhou"
	p.Runtime = NewRuntime(Options{
		Function: f, Host: Process{Binary: binary, Address: p.server.Listener.Addr().String()},
		Issue: p.issue, Output: p.take,
	})
	p.server.Config.Handler = p.Runtime
	p.server.Start()
	t.Cleanup(func() {
		p.Close()
		p.server.Close()
	})
	return p
}

func withVariable(env map[string]string, name, value string) map[string]string {
	all := map[string]string{name: value}
	maps.Copy(all, env)
	return all
}

// issue numbers the credentials, so that every call has its own.
func (p *platform) issue() Credentials {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.issued++
	return numbered(p.issued)
}

// numbered are the n-th credentials.
func numbered(n int) Credentials {
	return Credentials{fmt.Sprintf("STS.%d", n), fmt.Sprintf("secret-%d", n), fmt.Sprintf("token-%d", n)}
}

func (p *platform) take(_, stream, line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.lines = append(p.lines, stream+": "+line)
}

// written waits until the function wrote this line.
func (p *platform) written(line string) {
	p.t.Helper()
	eventually(p.t, fmt.Sprintf("line %q", line), func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return slices.Contains(p.lines, line)
	})
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(deadline); !holds(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("waited in vain for %s", what)
		}
	}
}

func (p *platform) invoke(o order) Invocation {
	p.t.Helper()
	payload, _ := json.Marshal(o)
	invocation, err := p.Invoke(context.Background(), payload)
	if err != nil {
		p.t.Fatalf("invoking with %s: %v", payload, err)
	}
	return invocation
}

// inBackground starts an invocation that prints "awaiting <value>" and ends
// when the returned file is made; the channel gives how it ended.
func (p *platform) inBackground(value string) (file string, ended chan Invocation) {
	file = filepath.Join(p.t.TempDir(), "go-on")
	ended = make(chan Invocation, 1)
	payload, _ := json.Marshal(order{Do: "await", Value: value, File: file})
	go func() {
		invocation, err := p.Invoke(context.Background(), payload)
		if err != nil {
			p.t.Errorf("invoking %s: %v", value, err)
		}
		ended <- invocation
	}()
	p.written("stdout: awaiting " + value)
	return file, ended
}

func touch(t *testing.T, file string) {
	t.Helper()
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
}

func failureOf(i Invocation) Failure {
	if i.Failure == nil {
		return Failure{}
	}
	return *i.Failure
}

func TestAKilledInstanceEndsItsInvocationAndTheNextGetsANewOne(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	_, ended := p.inBackground("the kill")
	if p.Kill("STS.1") {
		t.Error("killed by the key of the environment, which no invocation has")
	}
	if !p.Kill("STS.2") {
		t.Fatal("no invocation has the key STS.2")
	}
	killed := <-ended
	want := Failure{InstanceCrashed, "the process ended before it answered: signal: killed"}
	if got := failureOf(killed); got != want || killed.AccessKeyID != "STS.2" {
		t.Errorf("got %+v of %s, want %+v of STS.2", got, killed.AccessKeyID, want)
	}
	if p.Kill("STS.2") {
		t.Error("killed the same invocation twice")
	}
	next := p.invoke(order{Do: "echo"})
	if next.Failure != nil || !next.Cold || next.InstanceID == killed.InstanceID {
		t.Errorf("after the kill: %+v", next)
	}
}

func TestKillMeetsOnlyTheInstanceWithThatKey(t *testing.T) {
	p := newPlatform(t, "serves", Function{Instances: 2})
	file, survivor := p.inBackground("first") // keys 1 (environment) and 2
	_, victim := p.inBackground("second")     // keys 3 and 4
	if !p.Kill("STS.4") {
		t.Fatal("no invocation has the key STS.4")
	}
	if got := failureOf(<-victim); got.Type != InstanceCrashed {
		t.Errorf("the victim ended with %+v", got)
	}
	touch(t, file)
	if got := <-survivor; got.Failure != nil {
		t.Errorf("the survivor ended with %+v", got.Failure)
	}
}

func TestAnInstanceThatEndsWhileIdleIsForgotten(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	file := filepath.Join(t.TempDir(), "go-on")
	p.invoke(order{Do: "leave", File: file})
	touch(t, file)
	eventually(t, "the end of the instance", func() bool {
		p.Runtime.mu.Lock()
		defer p.Runtime.mu.Unlock()
		return len(p.instances) == 0
	})
	if next := p.invoke(order{Do: "echo"}); next.Failure != nil || !next.Cold {
		t.Errorf("next invocation: %+v", next)
	}
}

func TestNoAnswerOfACondemnedInstanceCounts(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	_, ended := p.inBackground("condemnation")
	inst := p.condemn("STS.2") // the first half of Kill
	if got := p.post(inst.id, p.current(inst.id), "response"); got != 410 {
		t.Errorf("an answer of a condemned instance got %d, want 410", got)
	}
	inst.kill()
	if got := failureOf(<-ended); got.Type != InstanceCrashed {
		t.Errorf("ended with %+v", got)
	}
}

func TestAFunctionThatIsConfiguredAnewStartsAnewAndEndsItsWorkFirst(t *testing.T) {
	p := newPlatform(t, "serves", Function{Environment: map[string]string{"SET": "before"}})
	file, working := p.inBackground("work")
	p.Configure(map[string]string{childVariable: "serves", "SET": "after"})
	touch(t, file)
	if got := <-working; got.Failure != nil {
		t.Errorf("the work ended with %+v", got.Failure)
	}
	for _, cold := range []bool{true, false} {
		got := p.invoke(order{Do: "describe"})
		if got.Cold != cold || !strings.Contains(string(got.Response), `"SET=after"`) {
			t.Errorf("cold %t, %s", got.Cold, got.Response)
		}
	}
	p.Configure(map[string]string{childVariable: "serves", "SET": "last"})
	if got := p.invoke(order{Do: "describe"}); !strings.Contains(string(got.Response), `"SET=last"`) {
		t.Errorf("an idle instance was used: %s", got.Response)
	}
}

func TestTheRecordHoldsInvocationsInTheOrderOfTheirEnd(t *testing.T) {
	p := newPlatform(t, "serves", Function{Instances: 2})
	file, slow := p.inBackground("slow")
	quick := p.invoke(order{Do: "echo"})
	touch(t, file)
	<-slow
	var numbers []int
	for _, i := range p.Invocations() {
		numbers = append(numbers, i.Number)
	}
	if want := []int{2, 1}; !slices.Equal(numbers, want) || quick.Number != 2 {
		t.Errorf("numbers %v, want %v", numbers, want)
	}
}

func TestRequestIDsAreUniqueAndInThePlatformsForm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Unix(0x6566c3f0, 0x1a2b3c)))
		rt := NewRuntime(Options{})
		first, second := rt.identifier("1"), rt.identifier("1")
		if want := "1-6566c3f0-001a2b3c-000000000001"; first != want {
			t.Errorf("got %s, want %s", first, want)
		}
		if want := "1-6566c3f0-001a2b3c-000000000002"; second != want {
			t.Errorf("got %s, want %s", second, want)
		}
	})
}

func TestCloseEndsWhatRunsAndRefusesTheRest(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	_, ended := p.inBackground("the end")
	waiting := make(chan error, 1)
	go func() {
		_, err := p.Invoke(context.Background(), nil)
		waiting <- err
	}()
	p.Close()
	if got := len(p.Invocations()); got != 1 {
		t.Errorf("%d invocations recorded when Close returned, want 1", got)
	}
	if got := failureOf(<-ended); got.Type != InstanceCrashed {
		t.Errorf("what ran ended with %+v", got)
	}
	for who, err := range map[string]error{"who waited": <-waiting, "who came later": func() error {
		_, err := p.Invoke(context.Background(), nil)
		return err
	}()} {
		if err == nil || !strings.Contains(err.Error(), "the runtime is closed") {
			t.Errorf("%s got %v", who, err)
		}
	}
	if len(p.instances)+len(p.idle) != 0 {
		t.Errorf("instances left: %v, %v", p.instances, p.idle)
	}
	p.Close() // a second time does nothing
}

func TestTheRuntimeIsBusyWhileAnInvocationIsUnderWay(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	if p.Busy() {
		t.Error("busy before the first invocation")
	}
	file, ended := p.inBackground("a word")
	if !p.Busy() {
		t.Error("not busy during an invocation")
	}
	touch(t, file)
	if <-ended; p.Busy() {
		t.Error("busy when the invocation has ended")
	}
	_, ended = p.inBackground("another word")
	p.Kill("STS.3")
	if <-ended; p.Busy() {
		t.Error("busy when the instance has died")
	}
}
