package decide

import (
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
)

func TestTheNetworksThatTheServiceKeepsApartAreNoted(t *testing.T) {
	router := cloud.Router{ID: "tr-core", CenID: "cen-1"}
	of := func(status string, types ...string) (all []cloud.Network) {
		for _, kind := range types {
			all = append(all, cloud.Network{Type: kind, Status: status})
		}
		return all
	}
	for want, known := range map[string][]cloud.Network{
		"cen-1, the CEN of transit router tr-core, has VBR attachments (2): the service rejects": of(cloud.Attached,
			"VBR", "VPC", "VBR"),
		"has CCN attachments (1): ":                            of(cloud.Attaching, "CCN"),
		"has VBR attachments (1) and CCN attachments (1): the": of("Odd", "CCN", "VBR"),
	} {
		if got := Networks(router, known); len(got) != 1 || !strings.Contains(got[0], want) {
			t.Errorf("got %q, want %s", got, want)
		}
	}
	for _, known := range [][]cloud.Network{nil, of(cloud.Attached, "VPC", "VPN", ""), of(cloud.Detaching, "VBR")} {
		if got := Networks(router, known); got != nil {
			t.Errorf("%+v: got %q", known, got)
		}
	}
}
