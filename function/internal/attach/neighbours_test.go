package attach

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
)

// attachedTwice has two events of one connection, which is the first one of its transit router, find it Attached in one
// invocation. It says how often both are told so, without a note and without an error.
func attachedTwice(t *testing.T, faults ...fault.Fault) (b *bench, plain int) {
	t.Helper()
	b = newBenchIn(t, estate.Options{AttachSeconds: 1}, sites("vco-1"), faults...)
	b.Schedule.HealthTimeout = 30 * time.Minute
	b.handle(created("vco-1"), ask("vco-1", ""))
	for b.estate.Pending() > 0 {
		time.Sleep(10 * time.Millisecond)
	}
	b.goOn()
	for _, p := range b.topic.Published("outcomes") {
		var o struct {
			Data struct{ Notes, Error any }
		}
		if err := json.Unmarshal([]byte(p.Body), &o); err != nil {
			t.Fatal(err)
		}
		if p.Tag == "attached" && o.Data.Notes == nil && o.Data.Error == nil {
			plain++
		}
	}
	return b, plain
}

func TestTheNetworksOfACENAreAskedForOnceAnInvocation(t *testing.T) {
	t.Parallel()
	b, plain := attachedTwice(t)
	if n := b.faults.Counts()[cloud.ActionNetworks]; n != 1 || plain != 2 {
		t.Errorf("%d calls for %d attached", n, plain)
	}
}

func TestWhyNetworksAreNotKnownStandsInTheLogAlone(t *testing.T) {
	const permission = "not known: NoPermission; grant the function's RAM role cen:DescribeCenAttachedChildInstances"
	for want, f := range map[string]fault.Fault{
		permission:                     {Action: cloud.ActionNetworks, Status: 403, Code: "NoPermission"},
		"not known: Throttling.User\"": {Action: cloud.ActionNetworks, Status: 400, Code: "Throttling.User"},
	} {
		t.Run(f.Code, func(t *testing.T) {
			t.Parallel()
			b, plain := attachedTwice(t, f)
			if n := b.faults.Counts()[cloud.ActionNetworks]; n != 1 || plain != 2 {
				t.Errorf("%d calls for %d attached, told %s", n, plain, b.told())
			}
			if got := strings.Count(b.log.String(), want); got != 2 {
				t.Errorf("%s: %d times in the log: %s", want, got, b.log)
			}
		})
	}
}
