package plan

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

// Options are how a plan is made.
type Options struct {
	Deployed local.Deployed    // the template, as it would be deployed
	Settings map[string]string // in the place of what the template and the cloud file say of the function
	Binary   string            // of another version of the function; "" is this one
	Places   int               // attachments that a transit router takes
	Progress func(Progress)    // may be nil
}

// DefaultPlaces is the service's default quota of VPN attachments of a transit router.
const DefaultPlaces = 50

// speed is how much faster than a real one the cloud of a plan is. Days of retries and a day in which an attachment is
// watched are minutes then, in which nothing that the sweep asks for is given up, however busy this machine is.
const (
	speed       = 600
	sweepFor    = "144h"
	watchFor    = "24h"
	askFor      = "20m" // how long the function retries when it is asked what is in the way: two seconds
	invocations = 600   // seconds that an invocation may take
	invisible   = 43200 // seconds in which what an invocation works on is not delivered to another one
)

// Run plays a sweep in earnest on the estate of the cloud file until nothing is pending and a sweep finds no more to
// do. The function itself then says of every other connection why nothing becomes of it.
func Run(ctx context.Context, spec local.Spec, o Options) (Document, error) {
	before := slices.DeleteFunc(slices.Clone(spec.Connections), func(v estate.VPNConnection) bool {
		return v.Owner == unread
	})
	r := &run{Options: o, before: before, seen: map[string]said{}}
	start := local.StartInProcess
	if o.Binary != "" {
		start = local.Start
	}
	cloud, err := start(r.earnest(spec), local.Options{Deployed: o.Deployed, Speed: speed, Binary: o.Binary})
	if err != nil {
		return Document{}, fmt.Errorf("starting the cloud of the plan: %w", err)
	}
	defer cloud.Close()
	r.cloud = cloud
	if err := r.sweep(ctx); err != nil {
		return Document{}, fmt.Errorf("running the sweep: %w", err)
	}
	if err := r.ask(ctx); err != nil {
		return Document{}, fmt.Errorf("asking what keeps connections from being attached: %w", err)
	}
	return r.document(spec), nil
}

// run is a plan in the making.
type run struct {
	Options
	cloud  *local.Cloud
	before []estate.VPNConnection
	end    local.Document

	mu         sync.Mutex
	seen       map[string]said // by connection
	asksForAll bool            // the last sweep left nothing for another one
	part       Progress        // what is under way
	began      time.Time       // when the first connection of it was done
}

// earnest is the cloud of the plan: the estate of the file, in which everything is quick and nothing fails.
func (r *run) earnest(spec local.Spec) local.Spec {
	variables, parameters := map[string]string{}, map[string]string{}
	if r.Deployed.Template == nil { // else it says all, and the file nothing
		maps.Copy(variables, spec.Function.Environment)
		maps.Copy(parameters, spec.Parameters)
	}
	maps.Copy(variables, r.Settings)
	maps.Copy(parameters, parametersOf(variables))
	spec.Function.Environment, spec.Parameters, spec.Faults = inEarnest(variables), parameters, nil
	spec.Connections = marked(spec.Connections, prefixOf(variables))
	spec.AttachSeconds, spec.RouteTableSeconds, spec.DetachSeconds, spec.SessionSeconds = 0, 0, 0, 0
	spec.Function.Timeout, spec.Function.Instances = invocations, 1
	spec.Trigger = local.TriggerSpec{
		Mode: "event-streaming", Count: sweptAtOnce, WindowSeconds: new(float64), Tries: 3, BackoffSeconds: 10,
		VisibilitySeconds: invisible,
	}
	return spec
}

// pageOfAttachments is how many attachments of a transit router the function lists at once.
const pageOfAttachments = 50

// marked gives the attachments of large transit routers the tag by which the function finds its own. It finds any other
// one by listing all of the router, for each connection anew. The tag decides nothing here: it says who may detach.
func marked(connections []estate.VPNConnection, prefix string) []estate.VPNConnection {
	attached := map[string]int{}
	for _, v := range connections {
		attached[v.TransitRouter]++
	}
	all := slices.Clone(connections)
	for i, v := range all {
		if v.TransitRouter != "" && attached[v.TransitRouter] > pageOfAttachments {
			all[i].AttachmentTags = decide.Rules{TagPrefix: prefix}.ConnectionTag(v.ID)
		}
	}
	return all
}

// The messages of one invocation. A request of a sweep is one connection, and the function reads few of them one by
// one; for many, it would list the whole estate in each invocation. The messages by which the plan asks have perMessage
// connections each, for which it lists the estate once.
const (
	sweptAtOnce = 100
	askedAtOnce = 500
)

// sweep sweeps until a sweep asks for all that it finds, or nothing comes of what it asks for.
func (r *run) sweep(ctx context.Context) error {
	sweep := local.Input{Name: "the sweep", Bytes: []byte(`{"sweep":{}}`), Payload: true}
	for number := 1; ; number++ {
		done := r.done()
		r.begin(fmt.Sprintf("sweep %d", number), 0)
		if err := r.play(ctx, sweep); err != nil {
			return err
		}
		r.mu.Lock()
		isLast := r.asksForAll || r.done() == done
		r.mu.Unlock()
		if isLast {
			return nil
		}
	}
}

// done counts what stands.
func (r *run) done() (n int) {
	for _, a := range r.end.Attachments {
		n += 1 + len(a.Associated) + len(a.Propagated)
	}
	return n
}

// perMessage is how many requests a message takes.
const perMessage = 20

// ask asks for every connection of which nothing is known yet: of what a sweep asked for in vain, nothing is published.
// What stands is asked for in earnest: a dry run does not look at route tables, and the sweep has left nothing to bind.
// The rest is a dry run.
func (r *run) ask(ctx context.Context) error {
	var inputs []local.Input
	standing := map[string]bool{}
	for _, a := range r.end.Attachments {
		standing[a.ConnectionID] = true
	}
	isKnown := func(v estate.VPNConnection) bool { return r.seen[v.ID].final }
	r.cloud.Configure(map[string]string{"RETRY_HORIZON": askFor})
	r.cloud.Trigger.Count = askedAtOnce
	unknown := slices.DeleteFunc(slices.Clone(r.before), isKnown)
	r.begin("the rest", len(unknown))
	for some := range slices.Chunk(unknown, perMessage) {
		var requests []map[string]any
		for _, v := range some {
			request := map[string]any{"vpnConnectionId": v.ID, "regionId": r.cloud.Spec.Region}
			if v.Owner != "" {
				request["ownerId"] = v.Owner
			}
			if !standing[v.ID] {
				request["dryRun"] = true
			}
			requests = append(requests, request)
		}
		body, err := json.Marshal(requests)
		if err != nil {
			return fmt.Errorf("encoding requests: %w", err)
		}
		inputs = append(inputs, local.Input{Name: "requests", Bytes: body})
	}
	return r.play(ctx, inputs...)
}

func (r *run) play(ctx context.Context, inputs ...local.Input) (err error) {
	r.end, err = r.cloud.Replay(ctx, inputs, 0, r.outcome)
	return err
}

// begin begins a part of the work. It has so many connections; 0 while nobody knows.
func (r *run) begin(what string, of int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.part, r.asksForAll = Progress{What: what, Unit: "connections", Of: of}, false
	r.tell()
}

// tell tells how far the part is. How long the rest takes is told once a twentieth is done: before, it is a guess. The
// lock is held.
func (r *run) tell() {
	if r.Progress == nil {
		return
	}
	told := r.part
	if told.Done == 1 {
		r.began = time.Now() // the time before was spent on all of them
	}
	if told.Done > told.Of/20 {
		told.Left = leftOf(r.began, told.Done-1, told.Of-told.Done)
	}
	r.Progress(told)
}
