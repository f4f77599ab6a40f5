package event

import (
	"strings"
	"testing"
)

func TestDetachingIsADryRunUnlessTheRequestSaysOtherwise(t *testing.T) {
	cases := map[string]struct {
		more          string
		dryRun, force bool
	}{
		"it says nothing":       {``, true, false},
		"it says true":          {`,"dryRun":true`, true, false},
		"it says false":         {`,"dryRun":false`, false, false},
		"it says force as well": {`,"dryRun":false,"force":true`, false, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			request := `{"detach":{"vpnConnectionId":"vco-1"` + c.more + `}}`
			e := one[Event](t, request)
			if !e.Detach || e.DryRun != c.dryRun || e.Force != c.force || e.ConnectionID != "vco-1" {
				t.Errorf("got %+v", e)
			}
			if e.ID != "manual-REQ-1/0" || !decode(t, request).Direct {
				t.Errorf("it is not a direct request: %+v", e)
			}
			for name, message := range map[string]string{
				"bare":         queued(request),
				"as a request": queued(`{"type":"vpn-attach.request.v1","data":` + request + `}`),
			} {
				if got := one[Malformed](t, message); got.Field != "detach" || got.ConnectionID != "vco-1" {
					t.Errorf("through the queue, %s, it came to %+v", name, got)
				}
			}
		})
	}
}

func TestARequestToDetachThatIsNotUnderstoodIsRefused(t *testing.T) {
	for name, request := range map[string]string{
		"a field is misspelt":          `{"vpnConnectionId":"vco-1","dryrun_":false}`,
		"a value is of another kind":   `{"vpnConnectionId":"vco-1","dryRun":"false"}`,
		"a field is repeated":          `{"vpnConnectionId":"vco-1","dryRun":true,"dryRun":false}`,
		"it is repeated, in two cases": `{"vpnConnectionId":"vco-1","dryRun":true,"DryRun":false}`,
		"a value is null":              `{"vpnConnectionId":"vco-1","dryRun":null}`,
		"a field of a follow-up":       `{"vpnConnectionId":"vco-1","detach":true}`,
		"there is no connection":       `{}`,
		"it is another resource":       `{"vpnConnectionId":"tr-attach-1"}`,
		"the account is none":          `{"vpnConnectionId":"vco-1","ownerId":"me"}`,
		"it is no object":              `true`,
	} {
		t.Run(name, func(t *testing.T) {
			if got := one[Malformed](t, `{"detach":`+request+`}`); !strings.HasPrefix(got.Field, "detach") {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAFollowUpKeepsThatItDetaches(t *testing.T) {
	e := one[Event](t, `{"detach":{"vpnConnectionId":"vco-1","dryRun":false,"force":true}}`)
	e.Watch = &Watch{AttachmentID: "tr-attach-1", RouterID: "tr-1"}
	for _, kind := range []string{TypeRetry, TypeConfirm, TypeDeadLetter} {
		body, err := signer().EncodeFollowUp(e, Header{ID: "f-1", Source: "us", Type: kind}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := one[Event](t, string(body))
		if !got.Detach || !got.Force || got.DryRun {
			t.Errorf("%s came back as %+v", kind, got)
		}
		if kind == TypeConfirm && (got.Watch == nil || got.Watch.RouterID != "tr-1") {
			t.Errorf("it is watched at %+v", got.Watch)
		}
	}
}
