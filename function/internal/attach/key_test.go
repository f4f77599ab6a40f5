package attach

import (
	"testing"

	"vpn-attach/function/internal/cloud"
)

func TestLookupsThatDifferAnywhereAreToldApart(t *testing.T) {
	seen := map[key]string{}
	for name, k := range map[string]key{
		"by region":                 keyOf(1, cloud.RouterFilter{RegionID: "r"}),
		"by router":                 keyOf(1, cloud.RouterFilter{RouterID: "r"}),
		"by CEN":                    keyOf(1, cloud.RouterFilter{CenID: "r"}),
		"in another pass":           keyOf(2, cloud.RouterFilter{CenID: "r"}),
		"by a tag":                  keyOf(1, cloud.RouterFilter{Tags: map[string]string{"a": "bc"}}),
		"by a tag that joins alike": keyOf(1, cloud.RouterFilter{Tags: map[string]string{"ab": "c"}}),
		"by two tags":               keyOf(1, cloud.RouterFilter{Tags: map[string]string{"a": "b", "c": "d"}}),
		"by two that join alike":    keyOf(1, cloud.RouterFilter{Tags: map[string]string{"a": "bc", "d": ""}}),
	} {
		if other, taken := seen[k]; taken {
			t.Errorf("%s and %s are the same lookup", name, other)
		}
		seen[k] = name
	}
	same := cloud.RouterFilter{RegionID: "r", Tags: map[string]string{"a": "b", "c": "d"}}
	if first, second := keyOf(1, same), keyOf(1, same); first != second {
		t.Error("a lookup is not the same as itself")
	}
}
