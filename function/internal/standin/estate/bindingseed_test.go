package estate_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

func TestABindingOfTheSeedHasAStatus(t *testing.T) {
	seed := bound()
	seed.VPNConnections = []estate.VPNConnection{
		{ID: "vco-1", TransitRouter: "tr-core", Associated: "vtb-2", AssociationStatus: "Dissociating",
			Propagated: []string{"vtb-2"}, PropagationStatus: "Disabling"},
		{ID: "vco-2", TransitRouter: "tr-core", Associated: "vtb-2", AssociationStatus: "Deleted"},
		{ID: "vco-3", TransitRouter: "tr-core", Associated: "vtb-2", AssociationStatus: "Associating",
			Propagated: []string{"vtb-2"}, PropagationStatus: "Enabling"},
	}
	virtually(t, seed, slowTables, func(t *testing.T, c *cloud) {
		c.wantLists("1 vtb-2 Dissociating, 2 vtb-2 Deleted, 3 vtb-2 Associating", "1 vtb-2 Disabling, 3 vtb-2 Enabling")
		first := c.bind(estate.KindAssociate, firstAttachment, "vtb-3", "t")
		second := c.bind(estate.KindAssociate, secondAttachment, "vtb-3", "u")
		if first != "IncorrectStatus.AttachmentOrRouteTable" || second != "" {
			t.Errorf("while one is ended: %q; after it has: %q", first, second)
		}
		time.Sleep(10 * time.Second)
		if again := open(t, c.Seed(), nil).Seed(); !reflect.DeepEqual(again, c.Seed()) {
			t.Errorf("%+v became %+v", c.Seed(), again)
		}
		c.wantLists("1 vtb-2 Deleted, 2 vtb-2 Deleted, 3 vtb-2 Active, 2 vtb-3 Active", "3 vtb-2 Active")
	})
	for says, v := range map[string]estate.VPNConnection{
		"Enabling": {ID: "vco-9", TransitRouter: "tr-core", Associated: "vtb-2", AssociationStatus: "Enabling"},
		"Deleted":  {ID: "vco-9", TransitRouter: "tr-core", Associated: "vtb-2", PropagationStatus: "Deleted"},
	} {
		if err := open(t, seed, nil).AddConnection(v); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("got %v, want one that says %s", err, says)
		}
	}
}

// wantLists compares all associations, and all propagations to vtb-2.
func (c *cloud) wantLists(associations, propagations string) {
	c.t.Helper()
	all, _, _ := c.bindings(listAssociations, "")
	to, _, _ := c.bindings(listPropagations, "TransitRouterRouteTableId=vtb-2")
	if all != associations || to != propagations {
		c.t.Errorf("listed are %q and %q; want %q and %q", all, to, associations, propagations)
	}
}
