package local_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/fc"
)

// A batch that kills the function again and again leaves a follow-up each time. They become one when they meet.
func TestAPoisonedBatchDeliveredTwentyTimesStaysBounded(t *testing.T) {
	inVirtualTime(t, func(t *testing.T) {
		spec := aCloudOf(t, `
attachSeconds: 300
trigger: {tries: 30, backoffSeconds: 0.01, windowSeconds: 1, count: 50}
faults: [{action: PublishMessage, times: 20, kill: after}]
`)
		var deaths, followUps atomic.Int64
		cloud, err := local.StartInProcess(spec, local.Options{Deployed: local.TheStack(), Watch: local.Watch{
			Push: func(p fc.Push) {
				if failure := p.Invocation.Failure; failure != nil && failure.Type == fc.InstanceCrashed {
					deaths.Add(1)
				}
			},
			Exchange: func(x fault.Exchange) {
				if x.Action == "BatchSendMessage" {
					followUps.Add(int64(strings.Count(string(x.Body), "vpn-attach.confirm.v1")))
				}
			},
		}})
		if err != nil {
			t.Fatal(err)
		}
		defer cloud.Close()
		document, err := cloud.Replay(t.Context(), []local.Input{local.NewInput("request", []byte(request))}, 0, nil)
		if err != nil || len(document.Attachments) != 1 || document.Calls["CreateTransitRouterVpnAttachment"] != 1 {
			t.Errorf("got %v, %+v after %v", err, document.Attachments, document.Calls)
		}
		if sent := followUps.Load(); deaths.Load() != 20 || sent < 20 || sent > 20+10 {
			t.Errorf("%d follow-ups after %d deaths: 20 leave 20, which must become one", sent, deaths.Load())
		}
	})
}
