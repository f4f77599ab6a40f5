// Package local is the cloud on one machine: Message Service, CBN, VPC, STS and Function
// Compute over one state, with the real function on it, and the services by which it is deployed
// and operated. It feeds events to the function, watches what happens, and tells it.
//
// The function runs in one of two ways. After Start its binary runs, one process per instance,
// and reaches the cloud at a port. After StartInProcess it runs inside this process, over a
// network that is in memory: nothing waits but for this process's clock, which a test can turn
// (testing/synctest).
//
// Calls are judged by policies (package ram): those of the function's role by the role's, those
// of a session in another account by that role's. People may do everything, unless the cloud
// file gives their key a policy.
//
// What it does not imitate: quotas, billing, log storage, regions other than one, and anything that the packages of its
// services name as not imitated.
package local

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/eventbridge"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/standin/oss"
	"vpn-attach/function/internal/standin/ros"
	"vpn-attach/function/internal/standin/sign"
	"vpn-attach/function/internal/standin/sts"
	"vpn-attach/function/internal/template"
)

// FunctionName is the name of the function by the template's defaults.
const FunctionName = "vpn-attach"

// Options are how a cloud is started.
type Options struct {
	Deployed
	Listen string  // host:port; empty means any free port of loopback
	Speed  float64 // divides the cloud's own times; 0 means 1
	Binary string  // the function
	Signed bool    // even callers of this machine must sign their invocations
	Watch  Watch
	// Record keeps what the request log shows, and what the steps of a case are made of.
	Record bool
	// Draw may strike any call that no fault of the cloud file strikes, see fault.Options.
	Draw func(action string, n int) *fault.Fault
}

// Watch is told what happens, as it happens, from several goroutines. Fields may be nil.
type Watch struct {
	Outcome    func(body string)                   // the topic's subscriber received it
	Attachment func(estate.Attachment)             // made, or changed its status
	Push       func(fc.Push)                       // the trigger pushed a batch
	Output     func(instance, stream, line string) // the function wrote a line
	Exchange   func(fault.Exchange)                // a service was called
	Handed     func(http.Header)                   // the runtime answered a process
	Waiting    func(left string)                   // for a while nothing was told; what is still under way
}

// Cloud is a running local cloud.
type Cloud struct {
	Spec    Spec
	Address string // host:port, at loopback
	Open    string // host:port at which other machines reach it, too; "" when they do not
	Queues  *mns.Service
	Estate  *estate.Estate
	Faults  *fault.Injector
	Runtime *fc.Runtime
	Invokes *fc.InvokeAPI
	Trigger *fc.Trigger
	Keys    *sign.Keyring   // that the services accept
	Stack   *template.Stack // as the cloud was started
	Store   *oss.Service
	ROS     *ros.Service
	// Of the stack: queues, and the topic.
	EventQueue, DeadLetters    string
	outcomeTopic, outcomeQueue string              // the queue is "" where the template has none
	gates                      map[string]*fc.Gate // of the triggers, by their names
	// FollowUpKey is what the function signs its own messages with, another one at every start.
	FollowUpKey string

	place    template.Pseudo // of the stack
	meter    meter
	deployed template.Function // as the cloud was started
	now      atomic.Pointer[deployment]
	stacks   *stacks
	// parameters are those that ROS gave the function's stack last; nil before.
	parameters atomic.Pointer[map[string]string]
	adopt      func() // tells ROS of the stack with which the cloud starts
	host       fc.Host
	code       func() fc.Code // of the binary
	folder     string         // with code that was uploaded; "" is none yet
	managed    map[string]*fc.Managed
	access     *access
	bridge     *eventbridge.Bridge
	silent     atomic.Bool // the function's log is not written
	log        texts       // what the function wrote as JSON: not the runtime SDK's own lines
	outcomes   texts       // what the topic's subscriber received
	desk       desk        // what the page and its HTTP interface show beside the services' own records
	watch      Watch
	speed      float64
	moved      chan struct{} // holds something once something has happened
	server     *http.Server
	mns        http.Handler
	rpc        http.Handler
	sts        http.Handler
	oss        http.Handler
	sls        http.Handler
	byAPI      map[string]http.Handler // the other RPC services, by the versions of their APIs
	work       sync.WaitGroup
}

// StartInProcess brings a cloud up inside this process, and the function, too: Listen and Binary
// say nothing then. The trigger waits for a replay.
func StartInProcess(spec Spec, o Options) (*Cloud, error) {
	network := newNetwork()
	return newCloud(spec, o, network, fc.InProcess{New: network.newFunction})
}

// newCloud makes a cloud that is reached at the listener.
func newCloud(spec Spec, o Options, listener net.Listener, host fc.Host) (*Cloud, error) {
	o.Speed = cmp.Or(o.Speed, 1)
	c := &Cloud{
		Spec: spec, Address: listener.Addr().String(), Keys: &sign.Keyring{}, watch: o.Watch, speed: o.Speed,
		moved:       make(chan struct{}, 1),
		host:        host,
		FollowUpKey: cmp.Or(spec.Function.Environment["FOLLOW_UP_KEY"], rand.Text()+rand.Text()),
	}
	if err := c.deploy(o.Deployed); err != nil {
		listener.Close()
		return nil, err
	}
	for _, key := range spec.AccessKeys {
		c.Keys.Add(key.ID, key.Secret, "")
	}
	var err error
	if c.access, err = newAccess(spec, c.Stack, c.deployed.Role); err != nil {
		listener.Close()
		return nil, fmt.Errorf("reading who may do what: %w", err)
	}
	if err := c.services(o); err != nil {
		listener.Close()
		return nil, err
	}
	c.Runtime = fc.NewRuntime(fc.Options{Function: c.coded(o.Binary), Host: host, Issue: c.issue, Output: c.output})
	c.Invokes = &fc.InvokeAPI{Runtime: c.Runtime, Signatures: &sign.Verifier{Keys: c.Keys}, Unsigned: !o.Signed,
		Allow: c.access.ofFunction}
	c.manage()
	c.Trigger, err = c.trigger()
	if _, wrong := c.timers(); err == nil {
		err = wrong
	}
	if err != nil {
		listener.Close()
		return nil, err
	}
	c.desk.serve, c.desk.records, c.outcomes.lines = c.page(), o.Record, slices.Clone(spec.Outcomes)
	c.server = &http.Server{Handler: c}
	c.serve(listener)
	return c, nil
}

// services makes the stand-ins over the spec's state.
func (c *Cloud) services(o Options) (err error) {
	c.Queues = mns.New(mns.Options{Account: c.Spec.Account, Region: c.Spec.Region, Keys: c.Keys, Speed: o.Speed,
		Allow: c.access.allow})
	if err := c.queues(); err != nil {
		return err
	}
	c.Estate, err = estate.New(estate.Options{
		Account: c.Spec.Account, Region: c.Spec.Region, Keys: c.Keys, Speed: o.Speed,
		AttachSeconds: c.Spec.AttachSeconds, DetachSeconds: c.Spec.DetachSeconds,
		RouteTableSeconds: c.Spec.RouteTableSeconds, AttachedCode: c.Spec.AttachedCode,
		OnChange: c.attachment, OnTrail: c.onTrail, AccountOf: c.accountOf, Allow: c.access.allow,
		Stale: fault.Stale, Empty: fault.Emptied,
	}, estate.Seed{TransitRouters: c.Spec.Routers, VPNConnections: c.Spec.Connections})
	if err != nil {
		return fmt.Errorf("reading the cloud file: %w", err)
	}
	c.Faults, err = fault.New(fault.Options{
		Faults: c.Spec.Faults, Speed: o.Speed, Tap: c.exchange, Draw: o.Draw,
		Caller: sign.AccessKeyID, Kill: func(accessKeyID string) bool { return c.Runtime.Kill(accessKeyID) },
	})
	if err != nil {
		return fmt.Errorf("reading the cloud file: %w", err)
	}
	if c.bridge, err = c.newBridge(o.Speed); err != nil {
		return err
	}
	c.mns, c.rpc = c.Faults.Wrap("mns", c.Queues), c.Faults.Wrap(openAPI, formatted{c.Estate})
	c.access.roles = c.newRoles()
	roles := sts.New(sts.Options{
		Roles: c.Spec.Members, Found: c.madeRole, Keys: c.Keys, Issue: c.session,
		Session: seconds(c.Spec.SessionSeconds), AccountOf: c.accountOf, Allow: c.access.allow, Trust: c.access.trusts,
	})
	c.sts = c.Faults.Wrap("sts", formatted{roles})
	c.account()
	return nil
}

// output takes a line that the function wrote.
func (c *Cloud) output(instance, stream, line string) {
	if stream == "stdout" && strings.HasPrefix(line, "{") && !c.silent.Load() {
		c.log.add(line)
	}
	if c.watch.Output != nil {
		c.watch.Output(instance, stream, line)
	}
}

// attachment takes a change of an attachment.
func (c *Cloud) attachment(a estate.Attachment) {
	c.touch()
	if c.watch.Attachment != nil {
		c.watch.Attachment(a)
	}
}

// push takes a try of the trigger.
func (c *Cloud) push(p fc.Push) {
	c.touch()
	c.noteInvocation(callerTrigger, p.Invocation)
	c.meter.read(c.Runtime.Processes())
	if c.watch.Push != nil {
		c.watch.Push(p)
	}
}

// exchange takes a call to a service, with its answer.
func (c *Cloud) exchange(x fault.Exchange) {
	c.touch()
	c.noteExchange(x)
	if c.watch.Exchange != nil {
		c.watch.Exchange(x)
	}
}

// Close ends the function and the services, and waits for them.
func (c *Cloud) Close() {
	c.Runtime.Close()
	c.Invokes.Close()
	_ = c.server.Close()
	c.work.Wait()
	c.bridge.Close()
	c.Queues.Close()
	c.Estate.Close()
	if c.folder != "" {
		_ = os.RemoveAll(c.folder)
	}
}
