// Package soak proves delivery: seeded storms of events and faults on the local cloud, with
// the real function binary, and invariants that are judged at the end from the records of the
// stand-ins alone. What the function logs or answers counts for nothing.
//
// A Plan is a pure function of its seed: the cloud, every message with its time, every change
// that is made to the cloud meanwhile, and which call of which action is struck by which
// fault. Timing is the machine's, so that two runs of one seed meet the same storm, not the
// same order.
//
// It does not imitate: several regions or accounts, quotas, people who change route tables.
package soak

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

// Options are how a soak is run. Binary is required.
type Options struct {
	Seed     uint64
	Events   int     // about connections, duplicates not counted
	Speed    float64 // of the local cloud
	Binary   string  // the function
	Timeout  time.Duration
	Progress func(line string) // may be nil
}

// kind is what a connection is there for.
type kind string

const (
	byID         kind = "tagged by id"
	byLabel      kind = "tagged by label"
	byCEN        kind = "tagged by CEN"
	withTables   kind = "with route tables"
	untagged     kind = "without a tag"
	optedOut     kind = "opted out"
	misdirected  kind = "tagged for no router"
	unwelcome    kind = "without consent"
	onGateway    kind = "on a VPN gateway"
	onRouter     kind = "attached before"
	elsewhere    kind = "attached elsewhere"
	disappearing kind = "deleted meanwhile"
	doomed       kind = "on a router that never settles"
	closing      kind = "taken down"
)

// share of the kinds, of a thousand. What is left is tagged by id.
func shares() []struct {
	kind  kind
	share int
} {
	return []struct {
		kind  kind
		share int
	}{
		{byLabel, 120}, {byCEN, 120}, {withTables, 200}, {untagged, 30}, {optedOut, 30}, {misdirected, 20}, {unwelcome, 20},
		{onGateway, 20}, {onRouter, 30}, {elsewhere, 20}, {disappearing, 30}, {doomed, 10}, {closing, 40},
	}
}

// connection is one of the plan's, and what must become of it.
type connection struct {
	id         string
	kind       kind
	router     string // where it must be attached in the end; "" is nowhere
	associated string
	propagated []string
	endings    []string // status and code that its events may end with
}

// message is put into the event queue at its time.
type message struct {
	at         time.Duration // since the start, of real time
	body       string
	event      string // "" for poison that names none
	connection string
	duplicate  bool
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

func accepting(more map[string]string) map[string]string {
	tags := map[string]string{"vpn-attach:accept": "any"}
	for key, value := range more {
		tags[key] = value
	}
	return tags
}

func routers() []estate.TransitRouter {
	cidrs := []string{"10.255.0.0/16"}
	both := map[string]string{"vpn-attach:accept": "associate,propagate"}
	return []estate.TransitRouter{
		{ID: routerCore, CEN: "cen-core", CIDRs: cidrs, Tags: accepting(nil)},
		{ID: routerLabel, CEN: "cen-label", CIDRs: cidrs, Tags: accepting(map[string]string{"vpn-attach:label": "edge"})},
		{ID: routerTables, CEN: "cen-tables", CIDRs: cidrs, Tags: accepting(nil), RouteTables: []estate.RouteTable{
			{ID: "vtb-sys", Name: "main", Type: "System", Tags: both}, {ID: "vtb-sites", Name: "sites", Tags: both}, {ID: "vtb-shared", Name: "shared", Tags: both},
		}},
		{ID: routerClosed, CEN: "cen-closed", CIDRs: cidrs},
		{ID: routerBusy, CEN: "cen-busy", CIDRs: cidrs, Status: "Modifying", Tags: accepting(nil)},
		{ID: routerPrivate, CEN: "cen-other", CIDRs: cidrs, Tags: accepting(nil)},
	}
}

// lostShare is how many of a hundred events never come; sweeps find what they would have said.
const lostShare = 30

// sweepEvery is the time between two sweeps, of real time.
const sweepEvery = 2 * time.Second

// How long events are fed, of real time, and how long the storm outlasts them.
const (
	perEvent  = 10 * time.Millisecond
	leastSpan = 4 * time.Second
	leastTail = 4 * time.Second
)

// NewPlan makes the plan of a seed.
func NewPlan(o Options) *Plan {
	random := rand.New(rand.NewPCG(o.Seed, 0x5eed))
	p := &Plan{options: o, connections: map[string]*connection{}, deletions: map[string]time.Duration{}, events: map[string]string{}}
	p.spec = local.Spec{
		Account: "1234567890123456", Region: "cn-hangzhou", AccessKeys: []local.AccessKey{{ID: "local", Secret: "local"}},
		Routers: routers(), AttachSeconds: 30, RouteTableSeconds: 5,
		Function: local.FunctionSpec{Timeout: 20, Instances: 4, Environment: map[string]string{"CALL_TIMEOUT": "500ms", "RETRY_HORIZON": "25m", "LOG_LEVEL": "error", "SWEEP": "attach", "SWEEP_MAX": "50"}},
		Trigger:  local.TriggerSpec{Mode: "event-streaming", Count: 20, Tries: 1000, BackoffSeconds: 10, DeadLetter: true, VisibilitySeconds: 5},
	}
	span := max(leastSpan, time.Duration(o.Events)*perEvent)
	for len(p.events)+p.lost < o.Events {
		c := p.newConnection(random, len(p.connections))
		at := time.Duration(random.Float64() * float64(span))
		p.newEvents(random, c, at, span)
		if c.kind == disappearing {
			p.deletions[c.id] = at + time.Duration(random.Int64N(int64(time.Second)))
		}
	}
	for range o.Events / 20 {
		p.newPoison(random, time.Duration(random.Float64()*float64(span)))
	}
	for at := sweepEvery; at < span; at += sweepEvery {
		p.messages = append(p.messages, message{at: at, body: timer(at)})
	}
	slices.SortStableFunc(p.messages, func(a, b message) int { return int(a.at - b.at) })
	return p
}

// newConnection adds one connection to the cloud.
func (p *Plan) newConnection(random *rand.Rand, number int) *connection {
	c := &connection{id: fmt.Sprintf("vco-%05d", number), kind: byID}
	roll := random.IntN(1000)
	for _, s := range shares() {
		if roll -= s.share; roll < 0 {
			c.kind = s.kind
			break
		}
	}
	// Rare kinds are there in small soaks, too.
	if special := shares(); number < len(special) {
		c.kind = special[number].kind
	}
	v := estate.VPNConnection{ID: c.id, Name: "site-" + c.id, PSK: "canary-" + c.id, DualTunnel: random.IntN(2) == 0, Tags: map[string]string{}}
	router := p.assign(random, c, &v)
	if router != "" {
		v.Tags["vpn-attach:transit-router"] = router
	}
	p.connections[c.id] = c
	p.spec.Connections = append(p.spec.Connections, v)
	return c
}

// assign gives a connection its tags, its state and what must become of it.
func (p *Plan) assign(random *rand.Rand, c *connection, v *estate.VPNConnection) (tag string) {
	done := []string{"attached", "unchanged"}
	switch c.kind {
	case byLabel:
		c.router, c.endings = routerLabel, done
		return "edge"
	case byCEN:
		c.router, c.endings = routerCore, done
		return "cen-core"
	case withTables:
		c.router, c.endings = routerTables, done
		c.associated = []string{"vtb-sys", "vtb-sites"}[random.IntN(2)]
		v.Tags["vpn-attach:associate"] = map[string]string{"vtb-sys": "system", "vtb-sites": "sites"}[c.associated]
		c.propagated = [][]string{nil, {"vtb-shared"}, {"vtb-shared", "vtb-sys"}}[random.IntN(3)]
		v.Tags["vpn-attach:propagate"] = strings.Join(c.propagated, " ")
		return routerTables
	case untagged:
		c.endings = []string{"skipped NoTarget"}
		return ""
	case optedOut:
		c.endings = []string{"skipped OptedOut"}
		return "none"
	case misdirected:
		c.endings = []string{"failed TargetNotFound"}
		return "tr-nowhere"
	case unwelcome:
		c.endings = []string{"failed ConsentMissing"}
		return routerClosed
	case onGateway:
		v.AttachType, c.endings = "VPNGW", []string{"conflict BoundToGateway"}
	case onRouter:
		v.TransitRouter, c.router, c.endings = routerCore, routerCore, []string{"unchanged"}
	case elsewhere:
		v.TransitRouter, c.router, c.endings = routerPrivate, routerPrivate, []string{"conflict AttachedElsewhere"}
	case disappearing:
		c.endings = []string{"attached", "unchanged", "skipped Gone", "failed Vanished"}
	case doomed:
		c.endings = []string{"exhausted"}
		return routerBusy
	case closing:
		v.TransitRouter, v.AttachmentTags = routerCore, map[string]string{"vpn-attach:vpn-connection": c.id}
		c.endings = []string{"detached", "skipped NotAttached"} // a redelivery after the end finds nothing
		return "none"
	default:
		c.router, c.endings = routerCore, done
	}
	return routerCore
}

// newEvents adds the events of one connection: one, or two close together, each of them once
// or more often.
func (p *Plan) newEvents(random *rand.Rand, c *connection, at, span time.Duration) {
	count := 1
	if random.IntN(10) == 0 {
		count = 2
	}
	for range count {
		if c.kind != closing && random.IntN(100) < lostShare {
			p.lost++
			continue
		}
		id := fmt.Sprintf("event-%d-%05d", p.options.Seed, len(p.events))
		p.events[id] = c.id
		m := message{at: at + time.Duration(random.Int64N(int64(20*time.Millisecond))), event: id, connection: c.id, body: c.event(random, id)}
		p.messages = append(p.messages, m)
		if random.IntN(5) == 0 {
			for range 1 + random.IntN(2) {
				m.at, m.duplicate = time.Duration(random.Float64()*float64(span)), true
				p.messages = append(p.messages, m)
			}
		}
	}
}

// event is the message of one of the connection's events.
func (c *connection) event(random *rand.Rand, id string) string {
	if c.kind != closing {
		return trailRecord(random, id, c.id)
	}
	return fmt.Sprintf(`{"id":%q,"source":"ops","specversion":"1.0","type":"vpn-attach.request.v1","data":{"detach":{"vpnConnectionId":%q,"regionId":"cn-hangzhou","dryRun":false}}}`, id, c.id)
}

// timer is what the timer of sweeps hands over; no two are alike.
func timer(at time.Duration) string {
	return fmt.Sprintf(`{"triggerTime":%q,"triggerName":"sweep"}`, time.Date(2026, 11, 23, 3, 0, 0, int(at), time.UTC).Format(time.RFC3339Nano))
}

// trailRecord is an ActionTrail record as the rule puts it into the queue, of a new connection or
// of one that was tagged.
func trailRecord(random *rand.Rand, event, connection string) string {
	data := map[string]any{
		"eventId": event, "eventVersion": 1, "eventName": "CreateVpnAttachment", "acsRegion": "cn-hangzhou", "recipientAccountId": "1234567890123456",
		"eventTime": "2026-11-23T03:00:05Z", "requestParameters": map[string]any{"IkeConfig": `{"Psk":"canary-of-the-event"}`},
	}
	if random.IntN(6) == 0 {
		data["eventName"] = "TagResources"
		data["requestParameters"] = map[string]any{"ResourceId.1": connection, "ResourceType": "VPNATTACHMENT"}
	} else {
		data["responseElements"] = map[string]any{"VpnConnectionId": connection}
	}
	text, _ := json.Marshal(map[string]any{ // maps of texts always encode
		"id": "ce-" + event, "source": "acs.vpc", "specversion": "1.0", "type": "vpc:ActionTrail:ApiCall", "aliyuneventbusname": "default", "data": data,
	})
	return string(text)
}

// newPoison adds a message that is no event: broken, hostile, or about something else.
func (p *Plan) newPoison(random *rand.Rand, at time.Duration) {
	number := len(p.messages)
	bad := []string{
		fmt.Sprintf(`{"broken %d`, number),
		fmt.Sprintf(`{"vpnConnectionId":"vco-../%d"}`, number),
		fmt.Sprintf(`{"vpnConnectionId":"vco-1","dryRunn":%d}`, number),
		fmt.Sprintf(`[[[[[[%d]]]]]]`, number),
	}
	other := []string{
		fmt.Sprintf(`{"id":"o-%d","type":"ecs:ActionTrail:ApiCall","source":"acs.ecs","data":{}}`, number),
		fmt.Sprintf(`{"id":"o-%d","type":"vpc:ActionTrail:ApiCall","source":"acs.vpc","data":{"eventId":"o-%d","eventName":"CreateVpc"}}`, number, number),
	}
	m := message{at: at}
	if roll := random.IntN(len(bad) + len(other)); roll < len(bad) {
		m.body = bad[roll]
		p.poison++
	} else {
		m.body = other[roll-len(bad)]
	}
	p.messages = append(p.messages, m)
}
