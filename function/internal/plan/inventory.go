package plan

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

// InventoryType is that of the document of an inventory.
const InventoryType = "vpn-attach.inventory.v1"

// Inventory lists everything that is attached.
type Inventory struct {
	Type        string     `json:"type"`
	Complete    bool       `json:"complete"`
	Attachments []Attached `json:"attachments"`
}

// Attached is an attachment that stands.
type Attached struct {
	ConnectionID string  `json:"vpnConnectionId"`
	OwnerID      string  `json:"ownerId,omitempty"` // empty when it is another account that was not read
	RegionID     string  `json:"regionId"`
	RouterID     string  `json:"transitRouterId"`
	AttachmentID string  `json:"transitRouterAttachmentId,omitempty"`
	State        string  `json:"state"`
	By           string  `json:"by"` // vpn-attach or others, by the tags of the attachment
	Since        string  `json:"since,omitempty"`
	RouteTables  *Tables `json:"routeTables,omitempty"`

	Health decide.HealthState `json:"health,omitempty"` // up, degraded or down; empty when it was not read
}

// Who attached something.
const (
	byUs     = "vpn-attach"
	byOthers = "others"
)

// InventoryOf lists what is attached in the estates.
func InventoryOf(complete bool, estates ...local.Spec) Inventory {
	all := Inventory{Type: InventoryType, Complete: complete, Attachments: []Attached{}}
	for _, spec := range estates {
		rules := decide.Rules{TagPrefix: prefixOf(spec.Function.Environment)}
		for _, v := range spec.Connections {
			if v.TransitRouter != "" {
				all.Attachments = append(all.Attachments, attachedOf(v, spec, rules))
			}
		}
	}
	return all
}

func attachedOf(v estate.VPNConnection, spec local.Spec, rules decide.Rules) Attached {
	one := Attached{
		ConnectionID: v.ID, OwnerID: v.Owner, RegionID: spec.Region, RouterID: v.TransitRouter,
		AttachmentID: v.AttachmentID, State: v.State, By: byOthers, Health: healthOf(v),
	}
	switch v.Owner {
	case "":
		one.OwnerID = spec.Account
	case unread:
		one.OwnerID = ""
	}
	if one.State == "" {
		one.State = cloud.StateAttached
	}
	if rules.IsOurs(cloud.Attachment{Tags: v.AttachmentTags}, v.ID) {
		one.By = byUs
	}
	if v.AttachedSince != 0 {
		one.Since = time.UnixMilli(v.AttachedSince).UTC().Format(time.RFC3339)
	}
	if bound := standing(v); bound.Associated != "" || len(bound.Propagated) > 0 {
		one.RouteTables = &bound
	}
	return one
}

// standing are the route tables to which an attachment is bound, or is being bound; without those that it leaves.
func standing(v estate.VPNConnection) (t Tables) {
	stands := func(status string) bool {
		return cloud.Binding{Status: cmp.Or(status, cloud.StatusActive)}.Stands()
	}
	if stands(v.AssociationStatus) {
		t.Associated = v.Associated
	}
	if stands(v.PropagationStatus) {
		t.Propagated = v.Propagated
	}
	return t
}

// Show writes the inventory for people.
func (i Inventory) Show(out io.Writer) error {
	var text strings.Builder
	table := tabwriter.NewWriter(&text, 0, 4, 2, ' ', 0)
	fmt.Fprintln(table, "CONNECTION\tTRANSIT ROUTER\tATTACHMENT\tSTATE\tHEALTH\tBY\tSINCE\tASSOCIATED\tPROPAGATED")
	ours, states := 0, countHealth()
	for _, a := range i.Attachments {
		t := Tables{}
		if a.RouteTables != nil {
			t = *a.RouteTables
		}
		if a.By == byUs {
			ours++
		}
		states.count(a.Health)
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", local.Safe(a.ConnectionID), local.Safe(a.RouterID),
			local.Safe(a.AttachmentID), a.State, a.Health, a.By, a.Since, local.Safe(t.Associated),
			local.Safe(strings.Join(t.Propagated, " ")))
	}
	fmt.Fprintf(table, "%d attachments, %d of them made by vpn-attach; %s\n", len(i.Attachments), ours, states)
	if !i.Complete {
		fmt.Fprintln(table, notComplete)
	}
	_ = table.Flush() // a builder takes everything
	if _, err := io.WriteString(local.Screen{Out: out}, text.String()); err != nil {
		return fmt.Errorf("showing the inventory: %w", err)
	}
	return nil
}
