package event

import (
	"strings"
	"testing"
)

func TestLettingGoIsADryRunUnlessTheRequestSaysOtherwise(t *testing.T) {
	cases := map[string]struct {
		payload       string
		dryRun, force bool
	}{
		"it says nothing":       {`{"detach":{"vpnConnectionId":"vco-1","regionId":"cn-hangzhou"}}`, true, false},
		"it says true":          {`{"detach":{"vpnConnectionId":"vco-1","dryRun":true}}`, true, false},
		"it says null":          {`{"detach":{"vpnConnectionId":"vco-1","dryRun":null}}`, true, false},
		"it says false":         {`{"detach":{"vpnConnectionId":"vco-1","dryRun":false}}`, false, false},
		"it says force as well": {`{"detach":{"vpnConnectionId":"vco-1","dryRun":false,"force":true}}`, false, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			batch := decode(t, c.payload)
			if len(batch.Items) != 1 || batch.Items[0].Event == nil || !batch.Direct {
				t.Fatalf("got %+v", batch)
			}
			if e := batch.Items[0].Event; !e.Detach || e.DryRun != c.dryRun || e.Force != c.force || e.ConnectionID != "vco-1" || e.ID != "manual-REQ-1/0" {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestARequestToLetGoThatIsNotUnderstoodIsRefused(t *testing.T) {
	for name, payload := range map[string]string{
		"a field is misspelt":        `{"detach":{"vpnConnectionId":"vco-1","dryrun_":false}}`,
		"a value is of another kind": `{"detach":{"vpnConnectionId":"vco-1","dryRun":"false"}}`,
		"a field is there twice":     `{"detach":{"vpnConnectionId":"vco-1","dryRun":true,"dryRun":false}}`,
		"it is twice, in two cases":  `{"detach":{"vpnConnectionId":"vco-1","dryRun":true,"DryRun":false}}`,
		"there is no connection":     `{"detach":{}}`,
		"it is another resource":     `{"detach":{"vpnConnectionId":"tr-attach-1"}}`,
		"the account is none":        `{"detach":{"vpnConnectionId":"vco-1","ownerId":"me"}}`,
		"it is no object":            `{"detach":true}`,
	} {
		t.Run(name, func(t *testing.T) {
			batch := decode(t, payload)
			if len(batch.Items) != 1 || batch.Items[0].Malformed == nil || !strings.HasPrefix(batch.Items[0].Malformed.Field, "detach") {
				t.Errorf("got %+v", batch.Items)
			}
		})
	}
}

func TestAFollowUpKeepsThatItLetsGo(t *testing.T) {
	first := decode(t, `{"detach":{"vpnConnectionId":"vco-1","dryRun":false,"force":true}}`).Items[0].Event
	for _, kind := range []string{TypeRetry, TypeConfirm, TypeDeadLetter} {
		e := *first
		if kind == TypeConfirm {
			e.Following = &Following{AttachmentID: "tr-attach-1", RouterID: "tr-1"}
		}
		body, err := FollowUp(e, Envelope{ID: "f-1", Source: "us", Type: kind}, nil)
		if err != nil {
			t.Fatal(err)
		}
		got := decode(t, string(body)).Items[0].Event
		if got == nil || !got.Detach || !got.Force || got.DryRun {
			t.Errorf("%s came back as %+v", kind, got)
		}
		if kind == TypeConfirm && (got.Following == nil || got.Following.RouterID != "tr-1") {
			t.Errorf("it is followed at %+v", got.Following)
		}
	}
}
