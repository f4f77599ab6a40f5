// Package plan says what the function would do to an estate before it does anything. It reads the estate into a cloud
// file, runs the real function on a local cloud made of that file, with a sweep that attaches, and shows the
// difference: connection by connection, by which rule, or why not.
//
// Nothing here decides anything about a connection: the function does, and what it publishes is what is shown.
package plan

import (
	"cmp"
	"slices"
	"strings"

	"vpn-attach/function/internal/decide"
)

// Type is that of the document.
const Type = "vpn-attach.plan.v1"

// Action is what would happen to a connection.
type Action string

// The actions, in the order in which they are shown.
const (
	Attach    Action = "attach"    // an attachment would be made
	Bind      Action = "bind"      // the attachment stands, and would be bound to route tables
	Retry     Action = "retry"     // what refuses it can pass: the function would try again
	Refuse    Action = "refuse"    // a person must act first
	Conflict  Action = "conflict"  // bound to something else, and left as it is
	Skip      Action = "skip"      // nothing to do, by its tags
	Unchanged Action = "unchanged" // attached as its tags say
)

// Actions lists all of them.
func Actions() []Action { return []Action{Attach, Bind, Retry, Refuse, Conflict, Skip, Unchanged} }

// Document is a plan.
type Document struct {
	Type        string         `json:"type"`
	Complete    bool           `json:"complete"` // everything was read
	Connections []Connection   `json:"connections"`
	Routers     []Router       `json:"transitRouters"`
	Totals      map[Action]int `json:"totals"`
	Health      health         `json:"health"` // of what is attached already: up, degraded, down
}

// Connection is what would become of one. Every field is there, whatever becomes of it.
type Connection struct {
	ID          string  `json:"vpnConnectionId"`
	OwnerID     string  `json:"ownerId"`
	RegionID    string  `json:"regionId"`
	Action      Action  `json:"action"`
	RouterID    string  `json:"transitRouterId"`
	Rule        string  `json:"rule"`        // why this transit router
	RouteTables *Tables `json:"routeTables"` // null is none
	Code        string  `json:"code"`
	Cause       string  `json:"cause"`
	Advice      string  `json:"advice"`

	Health decide.HealthState `json:"health"` // of one that is attached already
}

// Tables are the route tables to which an attachment would be bound at the end.
type Tables struct {
	Associated string   `json:"associated,omitempty"`
	Propagated []string `json:"propagated,omitempty"`
}

// Router is a transit router at the end.
type Router struct {
	ID         string `json:"transitRouterId"`
	Attached   int    `json:"attached"`
	PlacesLeft int    `json:"placesLeft"` // below zero: more connections would be attached than it takes
}

// complete counts and sorts.
func (d *Document) complete() {
	d.Type, d.Totals, d.Health = Type, map[Action]int{}, countHealth()
	for _, action := range Actions() {
		d.Totals[action] = 0
	}
	for _, c := range d.Connections {
		d.Totals[c.Action]++
		d.Health.count(c.Health)
	}
	slices.SortFunc(d.Connections, func(a, b Connection) int {
		return cmp.Or(slices.Index(Actions(), a.Action)-slices.Index(Actions(), b.Action),
			strings.Compare(a.RegionID, b.RegionID), strings.Compare(a.ID, b.ID))
	})
	slices.SortFunc(d.Routers, func(a, b Router) int { return strings.Compare(a.ID, b.ID) })
}

// Changes reports whether the function would change anything.
func (d Document) Changes() bool { return d.Totals[Attach]+d.Totals[Bind] > 0 }

// Join makes one plan of those of several regions.
func Join(plans ...Document) Document {
	all := Document{Complete: true, Connections: []Connection{}, Routers: []Router{}}
	for _, p := range plans {
		all.Complete = all.Complete && p.Complete
		all.Connections, all.Routers = append(all.Connections, p.Connections...), append(all.Routers, p.Routers...)
	}
	all.complete()
	return all
}

// Only keeps the connections of some actions and ids; an empty list keeps all. The totals are those of what is left.
func (d Document) Only(actions []Action, ids []string) Document {
	kept := d
	kept.Connections = []Connection{}
	for _, c := range d.Connections {
		if (len(actions) == 0 || slices.Contains(actions, c.Action)) && (len(ids) == 0 || slices.Contains(ids, c.ID)) {
			kept.Connections = append(kept.Connections, c)
		}
	}
	kept.complete()
	return kept
}
