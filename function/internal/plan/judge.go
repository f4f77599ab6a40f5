package plan

import (
	"cmp"
	"encoding/json"
	"slices"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

// said is what the function has published about a connection last.
type said struct {
	Status, Reason, Rule string
	RouterID             string `json:"transitRouterId"`
	Error                struct{ Code, Class, Message, Advice string }
	final                bool
}

// swept is what a sweep has published: how many it found, and for how many of them it asked.
type swept struct {
	Queued  int
	Wanted  struct{ Count int }
	Drifted struct{ Count int } `json:"amiss"`
}

// outcome takes what the topic's subscriber received.
func (r *run) outcome(body string) {
	var o struct {
		Type, Subject string
		Data          struct {
			said
			swept
			Final bool
		}
	}
	if json.Unmarshal([]byte(body), &o) != nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	o.Data.final = o.Data.Final
	switch {
	case o.Type == "vpn-attach.sweep.v1":
		r.asksForAll = o.Data.Queued == o.Data.Wanted.Count+o.Data.Drifted.Count
		r.part.Of = o.Data.Queued
	case o.Subject == "", r.seen[o.Subject].final && !o.Data.Final:
	default:
		r.seen[o.Subject] = o.Data.said
		if o.Data.Final {
			r.part.Done++
			r.tell()
		}
	}
}

// document compares the estate at the end with the one at the beginning.
func (r *run) document(spec local.Spec) Document {
	d := Document{Complete: len(spec.Missing) == 0, Connections: []Connection{}, Routers: []Router{}}
	ends, attached := map[string]local.Attachment{}, map[string]int{}
	for _, a := range r.end.Attachments {
		if a.Status != estate.StatusDeleted {
			ends[a.ConnectionID] = a
			attached[a.RouterID]++
		}
	}
	for _, v := range r.before {
		c := Connection{ID: v.ID, OwnerID: cmp.Or(v.Owner, spec.Account), RegionID: cmp.Or(v.Region, spec.Region)}
		c.Health = healthOf(v)
		c.judge(v, ends[v.ID], r.seen[v.ID])
		d.Connections = append(d.Connections, c)
	}
	for _, router := range spec.Routers {
		if cmp.Or(router.Region, spec.Region) != spec.Region {
			continue // nothing here attaches to it, and what stands there was not read
		}
		n := attached[router.ID]
		d.Routers = append(d.Routers, Router{ID: router.ID, Attached: n, PlacesLeft: r.Places - n})
	}
	d.complete()
	return d
}

// judge says what became of a connection. What was done counts more than what was said: an attachment that was made
// is one, also when its route tables are then refused.
func (c *Connection) judge(before estate.VPNConnection, end local.Attachment, s said) {
	c.RouterID, c.Rule = cmp.Or(s.RouterID, end.RouterID), s.Rule
	c.Code, c.Cause, c.Advice = cmp.Or(s.Error.Code, s.Reason), s.Error.Message, inPlan(s.Error.Advice)
	tables := Tables{Associated: first(end.Associated), Propagated: slices.Sorted(slices.Values(end.Propagated))}
	if tables.Associated != "" || len(tables.Propagated) > 0 {
		c.RouteTables = &tables
	}
	switch {
	case end.ID != "" && before.TransitRouter == "":
		c.Action = Attach
	case end.ID != "" && isBoundNow(before, end):
		c.Action = Bind
	default:
		c.Action = s.action()
	}
}

// action is what an outcome without an effect means.
func (s said) action() Action {
	switch s.Status {
	case "attached", "unchanged", "attaching":
		return Unchanged
	case "checked": // by a dry run of what the sweeps did not come to
		return Attach
	case "skipped":
		return Skip
	case "conflict":
		return Conflict
	}
	if s.Error.Class == "retry" {
		return Retry
	}
	return Refuse
}

// isBoundNow reports whether an attachment is bound to a route table to which it was not.
func isBoundNow(before estate.VPNConnection, end local.Attachment) bool {
	isNew := func(table string) bool { return !slices.Contains(before.Propagated, table) }
	return first(end.Associated) != "" && first(end.Associated) != before.Associated ||
		slices.ContainsFunc(end.Propagated, isNew)
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}
