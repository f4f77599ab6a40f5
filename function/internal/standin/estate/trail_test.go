package estate

import (
	"net/url"
	"strings"
	"testing"
)

// What signs a call of version 1.0 stands among its parameters, a session's token too.
func TestATrailHoldsWhatWasAskedAndNothingThatSignedIt(t *testing.T) {
	e := &Estate{options: Options{OnTrail: func(string) {}}}
	e.report(call{parameters: url.Values{
		"Name": {"site"}, "Signature": {"canary"}, "SecurityToken": {"canary"}, "AccessKeyId": {"canary"},
	}}, "CreateVpnAttachment", []string{"vco-1"}, nil)
	trail := strings.Join(e.trails, "\n")
	if !strings.Contains(trail, `"Name":"site"`) || strings.Contains(trail, "canary") {
		t.Errorf("the trail is %s", trail)
	}
}
