// Package local is the cloud on one machine: Message Service, CBN, VPC and Function
// Compute's runtime behind one port and over one state, with the real function binary
// as a subprocess. It feeds events to it, watches what happens, and tells it.
//
// What it does not imitate: RAM policies (every key may do everything), EventBridge
// (an event is put into the queue as the rule would), quotas, billing, log storage,
// regions other than one, and anything that the packages of its services name as not
// imitated.
package local

import (
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/standin/sign"
	"vpn-attach/function/internal/standin/sts"
)

// Names of what every local cloud has.
const (
	FunctionName = "vpn-attach"
	EventQueue   = "vpn-attach-events"
	DeadLetters  = "vpn-attach-dead-letters"
	outcomeTopic = "vpn-attach-outcomes"
	outcomeQueue = "vpn-attach-outcomes" // the topic's subscriber
)

// Options are how a cloud is started.
type Options struct {
	Listen string  // host:port; empty means any free port of loopback
	Speed  float64 // divides the cloud's own times; 0 means 1
	Binary string  // the function
	Watch  Watch
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
	Handed     func(http.Header)                   // the runtime answered an instance
	Waiting    func(left string)                   // nothing happened for a while; what is still under way
}

// Cloud is a running local cloud.
type Cloud struct {
	Spec    Spec
	Address string // host:port
	Queues  *mns.Service
	Estate  *estate.Estate
	Faults  *fault.Injector
	Runtime *fc.Runtime
	Invokes *fc.InvokeAPI
	Trigger *fc.Trigger
	Keys    *sign.Keyring // that the services accept

	log      texts // what the function wrote as JSON: not the runtime SDK's own lines
	outcomes texts // what the topic's subscriber received
	watch    Watch
	started  time.Time
	speed    float64
	server   *http.Server
	mns      http.Handler
	rpc      http.Handler
	sts      http.Handler
	accounts sync.Map // of sessions in other accounts, by access key
	work     sync.WaitGroup
}

// Start brings a cloud up. Its trigger rests until a replay.
func Start(spec Spec, o Options) (*Cloud, error) {
	if o.Speed == 0 {
		o.Speed = 1
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	listener, err := net.Listen("tcp", o.Listen)
	if err != nil {
		return nil, fmt.Errorf("opening the local cloud's port: %w", err)
	}
	c := &Cloud{Spec: spec, Address: listener.Addr().String(), Keys: &sign.Keyring{}, watch: o.Watch, speed: o.Speed, started: time.Now()}
	for _, key := range spec.AccessKeys {
		c.Keys.Add(key.ID, key.Secret, "")
	}
	if err := c.services(o); err != nil {
		listener.Close()
		return nil, err
	}
	c.Runtime = fc.NewRuntime(fc.Options{
		Function: c.function(o), Address: c.Address, Issue: c.issue, Now: time.Now,
		Output: func(instance, stream, line string) {
			if stream == "stdout" && strings.HasPrefix(line, "{") {
				c.log.add(line)
			}
			if o.Watch.Output != nil {
				o.Watch.Output(instance, stream, line)
			}
		},
	})
	c.Invokes = &fc.InvokeAPI{Runtime: c.Runtime, Signatures: &sign.ACS3{Keys: c.Keys, Now: time.Now}}
	c.Trigger = c.trigger(o)
	c.server = &http.Server{Handler: c}
	c.work.Go(func() { _ = c.server.Serve(listener) }) // ends when Close closes it
	return c, nil
}

// services makes the stand-ins over the spec's state.
func (c *Cloud) services(o Options) (err error) {
	c.Queues = mns.New(mns.Options{Account: c.Spec.Account, Region: c.Spec.Region, Keys: c.Keys, Speed: o.Speed})
	for queue, attributes := range map[string]mns.QueueAttributes{
		EventQueue:   {VisibilityTimeout: c.Spec.visibility()},
		DeadLetters:  {},
		outcomeQueue: {},
	} {
		if err := c.Queues.CreateQueue(queue, attributes); err != nil {
			return fmt.Errorf("making queue %s: %w", queue, err)
		}
	}
	if err := c.Queues.CreateTopic(outcomeTopic); err != nil {
		return fmt.Errorf("making topic %s: %w", outcomeTopic, err)
	}
	endpoint := fmt.Sprintf("acs:mns:%s:%s:queues/%s", c.Spec.Region, c.Spec.Account, outcomeQueue)
	err = c.Queues.Subscribe(outcomeTopic, "subscriber", mns.Subscription{Endpoint: endpoint, NotifyContentFormat: "SIMPLIFIED"})
	if err != nil {
		return fmt.Errorf("subscribing to topic %s: %w", outcomeTopic, err)
	}
	c.Estate, err = estate.New(estate.Options{
		Account: c.Spec.Account, Region: c.Spec.Region, Keys: c.Keys, Speed: o.Speed,
		AttachSeconds: c.Spec.AttachSeconds, RouteTableSeconds: c.Spec.RouteTableSeconds, DetachSeconds: c.Spec.DetachSeconds, OnChange: o.Watch.Attachment, OnTrail: c.onTrail, Now: time.Now, AccountOf: c.accountOf, Stale: fault.Stale, Empty: fault.Emptied, AttachedCode: c.Spec.AttachedCode,
	}, estate.Seed{TransitRouters: c.Spec.Routers, VPNConnections: c.Spec.Connections})
	if err != nil {
		return fmt.Errorf("reading the cloud file: %w", err)
	}
	c.Faults, err = fault.New(fault.Options{
		Faults: c.Spec.Faults, Speed: o.Speed, Now: time.Now, Tap: o.Watch.Exchange, Draw: o.Draw, Caller: sign.AccessKeyID,
		Kill: func(accessKeyID string) bool { return c.Runtime.Kill(accessKeyID) },
	})
	if err != nil {
		return fmt.Errorf("reading the cloud file: %w", err)
	}
	c.mns, c.rpc = c.Faults.Wrap("mns", c.Queues), c.Faults.Wrap("openapi", c.Estate)
	roles := sts.New(sts.Options{Roles: c.Spec.Members, Keys: c.Keys, Now: time.Now, Issue: c.session, Session: seconds(c.Spec.SessionSeconds)})
	c.sts = c.Faults.Wrap("sts", roles)
	return nil
}

// function is what the platform is told: the spec's settings, and where the local
// services are.
func (c *Cloud) function(o Options) fc.Function {
	environment := c.Environment()
	environment["QUOTA_SHARE"] = "1" // nobody else is here
	environment["MAX_INSTANCES"] = strconv.Itoa(max(1, c.Spec.Function.Instances))
	maps.Copy(environment, c.Spec.Function.Environment)
	environment["QUOTAS"] = more(environment["QUOTAS"], o.Speed)
	environment["RETRY_HORIZON"] = faster(environment["RETRY_HORIZON"], 24*time.Hour, o.Speed)
	environment["CONFIRM_TIMEOUT"] = faster(environment["CONFIRM_TIMEOUT"], time.Hour, o.Speed)
	return fc.Function{
		Binary: o.Binary, Name: FunctionName, Handler: "main", Account: c.Spec.Account, Region: c.Spec.Region,
		Timeout: time.Duration(c.Spec.Function.Timeout) * time.Second, MemoryMB: 128, Environment: environment,
		Instances: c.Spec.Function.Instances,
	}
}

// faster divides a time of the function's configuration by the cloud's speed. What is no
// time is left for the function to refuse.
func faster(value string, preset time.Duration, speed float64) string {
	configured, err := time.ParseDuration(value)
	switch {
	case value == "":
		configured = preset
	case err != nil:
		return value
	}
	return time.Duration(float64(configured) / speed).String()
}

// more multiplies the quotas of the function's configuration by the cloud's speed.
func more(value string, speed float64) string {
	configured, err := ReadQuotas(value)
	if err != nil {
		return value // for the function to refuse
	}
	for action, quota := range cloud.Quotas() {
		if configured[action] == 0 {
			configured[action] = quota
		}
	}
	for action, calls := range configured {
		configured[action] = max(1, int(float64(calls)*speed))
	}
	return configured.String()
}

// Environment is the configuration that points the function at this cloud.
func (c *Cloud) Environment() map[string]string {
	_, port, _ := net.SplitHostPort(c.Address)
	return map[string]string{
		"MNS_ENDPOINT":          fmt.Sprintf("http://localhost:%s/%s.mns.%s.local.test", port, c.Spec.Account, c.Spec.Region),
		"MNS_QUEUE":             EventQueue,
		"MNS_TOPIC":             outcomeTopic,
		"MNS_DEAD_LETTER_QUEUE": DeadLetters,
		"CBN_ENDPOINT":          "http://" + c.Address,
		"VPC_ENDPOINT":          "http://" + c.Address,
		"STS_ENDPOINT":          "http://" + c.Address,
	}
}

// onTrail takes an event of the estate to the queue, as the rule of EventBridge does.
func (c *Cloud) onTrail(event string) {
	_, _ = c.Queues.Send(EventQueue, event, 0) // the queue is ours, and takes what the estate makes
}

// issue makes the credentials of one invocation; no two are alike.
func (c *Cloud) issue() fc.Credentials {
	key := fc.Credentials{AccessKeyID: "STS." + nonce(), AccessKeySecret: nonce(), SecurityToken: nonce() + nonce()}
	c.Keys.Add(key.AccessKeyID, key.AccessKeySecret, key.SecurityToken)
	return key
}

func nonce() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

// session makes the key of a role's session in another account.
func (c *Cloud) session(account string) sts.Key {
	issued := c.issue()
	c.accounts.Store(issued.AccessKeyID, account)
	return sts.Key{ID: issued.AccessKeyID, Secret: issued.AccessKeySecret, Token: issued.SecurityToken}
}

// accountOf is the account of a role's session; "" is no such session.
func (c *Cloud) accountOf(accessKeyID string) string {
	account, _ := c.accounts.Load(accessKeyID)
	name, _ := account.(string)
	return name
}

// ServeHTTP is the one port: each service is known by its paths.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.Contains(r.URL.Path, "/2020-11-11/runtime/"):
		c.Runtime.ServeHTTP(w, r)
		if c.watch.Handed != nil {
			c.watch.Handed(w.Header())
		}
	case strings.Contains(r.URL.Path, "/queues"), strings.Contains(r.URL.Path, "/topics"):
		c.mns.ServeHTTP(w, r)
	case strings.HasPrefix(r.URL.Path, fc.InvokePath):
		c.Invokes.ServeHTTP(w, r)
	case r.Header.Get("x-acs-action") == cloud.ActionAssumeRole:
		c.sts.ServeHTTP(w, r)
	case r.Header.Get("x-acs-action") != "":
		c.rpc.ServeHTTP(w, r)
	case r.URL.Path == "/", strings.HasPrefix(r.URL.Path, pagePath):
		c.page().ServeHTTP(w, r)
	default:
		http.Error(w, "a local cloud: Message Service under /queues and /topics, CBN, VPC and STS as signed RPC on /", http.StatusNotFound)
	}
}

// Close ends the function and the services, and waits for them.
func (c *Cloud) Close() {
	c.Runtime.Close()
	c.Invokes.Close()
	_ = c.server.Close()
	c.work.Wait()
	c.Estate.Close()
}
