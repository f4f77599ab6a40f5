// Package soak proves delivery: seeded storms of events and faults on the local cloud, with the real function binary,
// and invariants that are judged at the end from the records of the stand-ins alone. What the function logs or answers
// does not count.
//
// A Plan is a pure function of its seed: the cloud, every message with its time, every change that is made to the cloud
// meanwhile, and which call of which action gets which fault. Timing is the machine's, so that two runs of one seed
// meet the same storm, but not in the same order.
//
// It does not imitate: several regions or accounts, quotas, people who change route tables.
package soak

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

// Options are how a soak is run. Binary is required.
type Options struct {
	local.Deployed
	Seed     uint64
	Events   int               // about connections, duplicates not counted
	Speed    float64           // of the local cloud
	Binary   string            // the function
	Timeout  time.Duration     // for which nothing comes further when a seed is given up
	Progress func(line string) // may be nil
	Hostile  []string          // messages of people who mean harm; nil are those of the hostile cases
}

// message is put into the event queue at its time.
type message struct {
	at         time.Duration // since the start, of real time
	body       string
	event      string // "" for poison, which names none
	connection string
	duplicate  bool
	direct     bool // it is no message: the function is invoked with it, until that succeeds
}

// Plan is everything about a soak that its seed decides.
type Plan struct {
	options     Options
	spec        local.Spec
	connections map[string]*connection
	messages    []message
	deletions   map[string]time.Duration // of connections
	events      map[string]string        // event id → connection
	lost        int                      // events that never come
	poison      int                      // messages that must end as malformed
}

// The routers of every plan.
const (
	routerCore    = "tr-core"
	routerLabel   = "tr-label"
	routerTables  = "tr-tables"
	routerClosed  = "tr-closed"
	routerBusy    = "tr-busy"
	routerPrivate = "tr-other"
)

func routers() []estate.TransitRouter {
	cidrs := []string{"10.255.0.0/16"}
	accept := func(what string) map[string]string { return map[string]string{"vpn-attach:accept": what} }
	both := accept("associate,propagate")
	label := accept("any")
	label["vpn-attach:label"] = "edge"
	return []estate.TransitRouter{
		{ID: routerCore, CEN: "cen-core", CIDRs: cidrs, Tags: accept("any")},
		{ID: routerLabel, CEN: "cen-label", CIDRs: cidrs, Tags: label},
		{ID: routerTables, CEN: "cen-tables", CIDRs: cidrs, Tags: accept("any"), RouteTables: []estate.RouteTable{
			{ID: "vtb-sys", Name: "main", Type: "System", Tags: both}, {ID: "vtb-sites", Name: "sites", Tags: both},
			{ID: "vtb-shared", Name: "shared", Tags: both},
		}},
		{ID: routerClosed, CEN: "cen-closed", CIDRs: cidrs},
		{ID: routerBusy, CEN: "cen-busy", CIDRs: cidrs, Status: "Modifying", Tags: accept("any")},
		{ID: routerPrivate, CEN: "cen-other", CIDRs: cidrs, Tags: accept("any")},
	}
}

// lostShare is how many of a hundred events never come; sweeps find what they would have said.
const lostShare = 30

// sweepEvery is the time between two sweeps, of real time: ten minutes of the cloud's, as the timer of the templates
// has it, at a speed of 100. A sweep has an invocation to itself, and as much of it as there is to do.
const sweepEvery = 6 * time.Second

// How long events are fed, of real time, and how long the storm continues after them.
const (
	perEvent  = 10 * time.Millisecond
	leastSpan = 4 * time.Second
	leastTail = 4 * time.Second
)

// NewPlan makes the plan of a seed.
func NewPlan(o Options) *Plan {
	random := rand.New(rand.NewPCG(o.Seed, 0x5eed))
	p := &Plan{
		options: o, connections: map[string]*connection{}, deletions: map[string]time.Duration{},
		events: map[string]string{}, spec: spec(),
	}
	span := max(leastSpan, time.Duration(o.Events)*perEvent)
	for len(p.events)+p.lost < o.Events {
		c := p.newConnection(random, len(p.connections))
		at := time.Duration(random.Float64() * float64(span))
		p.newEvents(random, c, at, span)
		if c.kind == deletedMeanwhile {
			p.deletions[c.id] = at + time.Duration(random.Int64N(int64(time.Second)))
		}
	}
	hostile := o.Hostile
	if hostile == nil {
		hostile = hostileMessages()
	}
	for range o.Events / 20 {
		p.newPoison(random, time.Duration(random.Float64()*float64(span)))
		p.newHostile(random, hostile, time.Duration(random.Float64()*float64(span)))
	}
	for at := min(sweepEvery, span/2); at < span; at += sweepEvery {
		p.messages = append(p.messages, message{at: at, body: timer(at), direct: true})
	}
	slices.SortStableFunc(p.messages, func(a, b message) int { return int(a.at - b.at) })
	return p
}

// spec is the cloud without connections.
func spec() local.Spec {
	return local.Spec{
		Account: "1234567890123456", Region: "cn-hangzhou", Routers: routers(),
		AttachSeconds: 30, RouteTableSeconds: 5, DetachSeconds: 30,
		AccessKeys: []local.AccessKey{{ID: "local", Secret: "local"}},
		Function: local.FunctionSpec{Timeout: 20, Instances: 4, Environment: map[string]string{
			"CALL_TIMEOUT": "500ms", "RETRY_HORIZON": "25m", "LOG_LEVEL": "error", "SWEEP": "attach", "SWEEP_MAX": "50",
			"HEALTH_TIMEOUT": healthTimeout,
		}},
		Trigger: local.TriggerSpec{
			Count: 20, Tries: 1000, VisibilitySeconds: 5,
		},
	}
}

// newConnection adds one connection to the cloud.
func (p *Plan) newConnection(random *rand.Rand, number int) *connection {
	k := drawKind(random, number)
	c := &connection{id: fmt.Sprintf("vco-%05d", number), kind: k.name, router: k.router, endings: k.endings}
	v := estate.VPNConnection{ID: c.id, Name: "site-" + c.id, PSK: "canary-" + c.id, Tags: map[string]string{}}
	v.SingleTunnel = random.IntN(2) != 0
	if k.tag != "" {
		v.Tags["vpn-attach:transit-router"] = k.tag
	}
	if k.prepare != nil {
		k.prepare(random, c, &v)
	}
	comeUp(number, &v)
	c.tunnels = append(slices.Clone(v.Tunnels), make([]estate.Tunnel, 2)...)[:2]
	if v.SingleTunnel {
		c.tunnels = c.tunnels[:1]
	}
	p.connections[c.id] = c
	p.spec.Connections = append(p.spec.Connections, v)
	return c
}
