package local_test

import (
	"context"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/fc"
)

const request = `{"vpnConnectionId":"vco-1"}`

// aCloudOf is a cloud of one connection, and more.
func aCloudOf(t *testing.T, more string) local.Spec {
	t.Helper()
	spec, err := local.ReadSpec([]byte(more + `
transitRouters:
  - {id: tr-core, cen: cen-core, name: core, cidrs: [10.255.0.0/24], tags: {"vpn-attach:accept": any}}
vpnConnections:
  - {id: vco-1, name: site-1, psk: canary, tags: {"vpn-attach:transit-router": tr-core}}
`))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

// onCloud runs play with a cloud in virtual time.
func onCloud(t *testing.T, spec local.Spec, play func(*testing.T, *local.Cloud)) {
	t.Helper()
	inVirtualTime(t, func(t *testing.T) {
		cloud, err := local.StartInProcess(spec, local.Options{Deployed: local.TheStack()})
		if err != nil {
			t.Fatal(err)
		}
		defer cloud.Close()
		play(t, cloud)
	})
}

func TestAReplayWaitsForWhatIsDue(t *testing.T) {
	onCloud(t, aCloudOf(t, "attachSeconds: 3000"), func(t *testing.T, cloud *local.Cloud) {
		if _, err := cloud.Queues.Send(cloud.EventQueue, request, 3*24*time.Hour); err != nil {
			t.Fatal(err)
		}
		document, err := cloud.Replay(t.Context(), nil, 0, nil)
		if err != nil || len(document.Attachments) != 1 || document.Attachments[0].Status != "Attached" {
			t.Errorf("got %v, %+v", err, document.Attachments)
		}
		if document.Took < 3*24*time.Hour+50*time.Minute {
			t.Errorf("it ended after %s", document.Took)
		}
	})
}

func TestAReplayEndsWhenNothingHappensAnyMore(t *testing.T) {
	onCloud(t, aCloudOf(t, ""), func(t *testing.T, cloud *local.Cloud) {
		cloud.Trigger.Invoke = func(ctx context.Context, _ []byte) (fc.Invocation, error) {
			<-ctx.Done() // a process that never asks for work
			return fc.Invocation{}, ctx.Err()
		}
		_, err := cloud.Replay(t.Context(), []local.Input{local.NewInput("request", []byte(request))}, 0, nil)
		var late *local.TimeoutError
		const why = "nothing happens any more, but "
		if !errors.As(err, &late) || !strings.HasPrefix(late.Left, why) || late.After > time.Hour {
			t.Errorf("got %v", err)
		}
	})
}

func TestATimeoutBoundsAReplay(t *testing.T) {
	onCloud(t, aCloudOf(t, "attachSeconds: 3000"), func(t *testing.T, cloud *local.Cloud) {
		inputs := []local.Input{local.NewInput("request", []byte(request))}
		_, err := cloud.Replay(t.Context(), inputs, 10*time.Minute, nil)
		if err == nil || !strings.Contains(err.Error(), "not at rest after 10m0s: ") ||
			!strings.HasSuffix(err.Error(), ", 1 attachments or bindings pending; give it longer with --timeout") {
			t.Errorf("got %v", err)
		}
	})
}

// While the cloud is looked at, the only message is sent and the feed ends: Waiting is told between what the look found
// and what follows from it.
func TestWhatIsFedDuringALookIsWaitedFor(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		looked := make(chan struct{})
		var once sync.Once
		waiting := func(string) {
			once.Do(func() { close(looked) })
			time.Sleep(time.Second) // until the feed has ended
		}
		options := local.Options{Deployed: local.TheStack(), Watch: local.Watch{Waiting: waiting}}
		cloud, err := local.StartInProcess(aCloudOf(t, ""), options)
		if err != nil {
			t.Fatal(err)
		}
		defer cloud.Close()
		document, err := cloud.Play(t.Context(), func(context.Context) error {
			<-looked
			_, err := cloud.Queues.Send(cloud.EventQueue, request, 0)
			return err
		}, 0, nil)
		if err != nil || len(document.Attachments) != 1 {
			t.Errorf("got %v, %+v", err, document.Attachments)
		}
	})
}

func TestAStepMayWaitLongerThanAnythingElseTakes(t *testing.T) {
	onCloud(t, aCloudOf(t, ""), func(t *testing.T, cloud *local.Cloud) {
		document, err := cloud.Play(t.Context(), func(context.Context) error {
			time.Sleep(24 * time.Hour)
			_, err := cloud.Queues.Send(cloud.EventQueue, request, 0)
			return err
		}, 0, nil)
		if err != nil || len(document.Attachments) != 1 {
			t.Errorf("got %v, %+v", err, document.Attachments)
		}
	})
}
