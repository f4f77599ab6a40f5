package decide

import (
	"testing"
)

func TestASweepAsksForTheTagOnlyWhereNothingElseLeadsToARouter(t *testing.T) {
	for want, r := range map[string]Rules{
		"vpn-attach:transit-router": production(),
		"net/transit-router":        ruled(func(r *Rules) { r.TagPrefix = "net/" }),
		"":                          ruled(func(r *Rules) { r.MatchTags = []string{"env"} }),
	} {
		if got := r.RouterTagKey(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	if got := ruled(func(r *Rules) { r.DefaultRouter = "tr-c" }).RouterTagKey(); got != "" {
		t.Errorf("with a default it asks for %q", got)
	}
}

func TestTheFunctionNamesItselfAndItsOwnConnections(t *testing.T) {
	if got := home().Source(); got != "acs:fc:cn-hangzhou:1234567890123456:functions/vpn-attach" {
		t.Errorf("got %s", got)
	}
	if home().Foreign(account) != "" || home().Foreign(foreign) != foreign {
		t.Error("its own account is foreign, or another is not")
	}
}
