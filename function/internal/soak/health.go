package soak

import (
	"maps"
	"slices"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

// healthTimeout is how long connections are looked at: of a storm, with as many looks as of half an hour.
const healthTimeout = "3m"

// comeUp decides how the tunnels of a connection come up: most at once, some later than the first looks, some never.
func comeUp(number int, v *estate.VPNConnection) {
	never := estate.Tunnel{Course: estate.Course{Never: "NoResponse"}}
	later := estate.Tunnel{Course: estate.Course{UpAfter: time.Minute}}
	soon := estate.Tunnel{Course: estate.Course{UpAfter: 10 * time.Second}}
	v.Tunnels = [][]estate.Tunnel{
		{never, never}, {later, never}, {later}, {soon}, nil, nil, nil, nil,
	}[number%8]
	if v.SingleTunnel && len(v.Tunnels) > 1 {
		v.Tunnels = v.Tunnels[:1]
	}
}

// healthTold judges the documents about health: one for each event that ended as attached, of a connection that stays.
func healthTold(r *record, broken broken) {
	ids, told := map[string]map[string]bool{}, map[string]bool{} // by event; by connection
	for _, o := range r.outcomes {
		if o.Data.State == "" {
			continue
		}
		id, c := o.Data.Event.ID, r.plan.connections[o.Data.ConnectionID]
		if c == nil {
			broken("a document is about %q", o.Data.ConnectionID)
			continue
		}
		if ids[id] == nil {
			ids[id] = map[string]bool{}
		}
		ids[id][o.ID], told[c.id] = true, true
		if states := r.states(c, o.Time.Add(-longestLook), o.received); !slices.Contains(states, o.Data.State) {
			broken("%s was told to be %s, and was %v", c.id, o.Data.State, states)
		}
	}
	for event, finals := range r.finals() {
		c := r.plan.connections[r.plan.events[event]]
		if finals[0].isDone() && c.router != "" && len(ids[event]) != 1 {
			broken("event %s of %s (%s) has %d documents about health", event, c.id, c.kind, len(ids[event]))
		}
	}
	for event, all := range ids {
		if len(all) > 1 {
			broken("event %s has %d documents about health", event, len(all))
		}
	}
	isAttached := map[string]bool{}
	for _, a := range r.attachments {
		isAttached[a.Connection] = a.Status == estate.StatusAttached && a.ClientToken != ""
	}
	for _, id := range slices.Sorted(maps.Keys(isAttached)) {
		if c := r.plan.connections[id]; isAttached[id] && c.router != "" && !told[id] {
			broken("%s (%s) was attached, and nobody was told whether it is up", id, c.kind)
		}
	}
}

// longestLook is the most time from the reading of a connection to its document: calls without an answer are repeated.
const longestLook = 8 * time.Second

// states are those that a connection had at some moment of an interval, by the seed's word on its tunnels.
func (r *record) states(c *connection, from, to time.Time) (states []string) {
	at := []time.Time{from, to}
	attached := time.Time{}
	for _, a := range r.attachments {
		if a.Connection == c.id {
			attached = a.Attached
		}
	}
	for _, t := range c.tunnels {
		up := attached.Add(time.Duration(float64(t.UpAfter) / r.plan.options.Speed))
		if up.After(from) && up.Before(to) {
			at = append(at, up)
		}
	}
	for _, moment := range at {
		since := time.Duration(float64(moment.Sub(attached)) * r.plan.options.Speed)
		up := 0
		for _, t := range c.tunnels {
			if t.IsUp(since) {
				up++
			}
		}
		states = append(states, map[bool]string{true: "up", false: "degraded"}[up == len(c.tunnels)])
		if up == 0 {
			states[len(states)-1] = "down"
		}
	}
	return states
}
