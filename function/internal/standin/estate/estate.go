// Package estate stands in for the network estate of one Alibaba Cloud account: VPN connections, transit routers
// and the attachments between them, as one state behind two APIs.
//
// An Estate is an http.Handler that speaks the RPC style of Cloud Enterprise Network (CBN, 2017-09-12) and of VPC
// (2016-04-28) on "/", with real ACS3 signatures, so that the real SDKs talk to it over a real listener:
//
//	keys := &sign.Keyring{}
//	keys.Add("local", "local", "")
//	estate, err := estate.New(estate.Options{
//		Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys, Now: time.Now, AttachSeconds: 30,
//	}, seed)
//	server := httptest.NewServer(estate)
//	defer estate.Close()
//	defer server.Close()
//
// The tests ask it what happened: Attachments and Bindings are the state, Creates and Binds the records of every attempt
// to attach and to bind.
// Ids are counters, so that two runs of one story read alike.
//
// It imitates DescribeVpnConnection, DescribeVpnConnections, ListTransitRouters, ListTransitRouterVpnAttachments, CreateTransitRouterVpnAttachment,
// and what binds an attachment to route tables: ListTransitRouterRouteTables, AssociateTransitRouterAttachmentWithRouteTable,
// EnableTransitRouterRouteTablePropagation and the lists of both; and, so that people can play, CreateVpnAttachment,
// DeleteVpnAttachment, TagResources, UntagResources, CreateTransitRouterCidr and DeleteTransitRouterVpnAttachment, with the checks, limits and error codes of their pages.
//
// It does not imitate: permissions (a key sees and changes all of its account), what another account's key may do beyond reading VPN connections, request
// quotas, routes, taking a binding away by itself, the growth and exhaustion of a transit router's CIDR blocks, availability of zones, billing, regions a
// service is not sold in, client tokens running out, and everything IPsec: the negotiation is never up. Where the
// documentation is silent about the order of checks, or about a code, a comment says "assumed".
package estate

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/standin/sign"
)

// Options are what an estate needs from outside. Account, Region, Keys and Now are required.
type Options struct {
	Account string // the account id, 10 to 20 digits, that owns the transit routers and for which every key acts
	Region  string // where a seed entry without a region lies
	Keys    sign.Keys
	Now     func() time.Time

	// AccountOf says for which account a key acts that is of another one; may be nil. Such a key reads VPN connections.
	AccountOf func(accessKeyID string) string

	// Speed divides AttachSeconds and StaleDescribe; 0 means 1.
	Speed float64
	// AttachSeconds is how long an attachment stays Attaching.
	AttachSeconds float64
	// RouteTableSeconds is how long a binding to a route table stays Associating or Enabling. Speed divides it.
	RouteTableSeconds float64
	// DetachSeconds is how long an attachment stays Detaching after DeleteTransitRouterVpnAttachment. Speed divides it.
	DetachSeconds float64
	// StaleDescribe is how long DescribeVpnConnection goes on saying "init" after a create.
	StaleDescribe time.Duration
	// Stale says the same of a single call, by its context; may be nil.
	Stale func(context.Context) (ago time.Duration, ok bool)
	// Empty says of a single call, by its context, that a list of attachments is answered without entries; may be nil.
	Empty func(context.Context) bool
	// AttachedCode is the error of a create for a connection that has an attachment: by default
	// InvalidStatus.ResourceStatus, alternatively QuotaFull.ChildInstanceRelatedCen; the documentation allows both.
	AttachedCode string
	// OnChange, if set, is told of every attachment that is made or changes its status, one at a time and in order.
	// It may call the estate's methods, except Close.
	OnChange func(Attachment)
	// OnTrail, if set, is told of every write to a VPN connection, by the event that EventBridge's bus default gets of it,
	// one at a time and in order. It may call the estate's methods, except Close.
	OnTrail func(event string)
}

// Estate is the state and the service in front of it. All its methods may be called concurrently.
type Estate struct {
	options    Options
	signatures *sign.ACS3
	operations map[string]operation

	mu          sync.Mutex
	routers     []*TransitRouter
	connections map[string]*VPNConnection
	attachments []*attachment          // every one ever made, by creation
	attaching   []*attachment          // those on the way, by creation
	live        map[string]*attachment // by connection: those not deleted
	tokens      map[string]*granted    // by client token
	creates     []Create
	bindings    []*Binding // every one ever made, by creation
	binds       []Bind
	requests    int // the last request id's number

	changes   []Attachment // for OnChange, in order
	trails    []string     // for OnTrail, in order
	made      int          // connections, by their last number
	notifying bool
	closed    bool
	timers    map[*time.Timer]bool // that will settle the state
	waking    sync.WaitGroup       // of them
}

// New makes an estate of the seed's resources. An error names the option or the entry that is wrong.
func New(o Options, seed Seed) (*Estate, error) {
	if err := o.complete(); err != nil {
		return nil, err
	}
	e := &Estate{
		options:     o,
		signatures:  &sign.ACS3{Keys: o.Keys, Now: o.Now},
		operations:  operations(),
		connections: make(map[string]*VPNConnection),
		live:        make(map[string]*attachment),
		tokens:      make(map[string]*granted),
		timers:      make(map[*time.Timer]bool),
	}
	if err := e.plant(seed); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// complete checks the options and fills in their defaults.
func (o *Options) complete() error {
	switch {
	case !isAccount(o.Account):
		return fmt.Errorf("option Account: %q is not an account id", o.Account)
	case o.Region == "":
		return fmt.Errorf("option Region is missing")
	case o.Keys == nil:
		return fmt.Errorf("option Keys is missing")
	case o.Now == nil:
		return fmt.Errorf("option Now is missing")
	case o.Speed < 0 || o.AttachSeconds < 0 || o.RouteTableSeconds < 0 || o.DetachSeconds < 0 || o.StaleDescribe < 0:
		return fmt.Errorf("options Speed, AttachSeconds, RouteTableSeconds and StaleDescribe cannot be negative")
	}
	switch o.AttachedCode {
	case "":
		o.AttachedCode = codeResourceStatus
	case codeResourceStatus, codeQuotaFull:
	default:
		return fmt.Errorf("option AttachedCode: %q is neither %s nor %s", o.AttachedCode, codeResourceStatus, codeQuotaFull)
	}
	if o.Speed == 0 {
		o.Speed = 1
	}
	return nil
}

// Close stops the clockwork that completes what is on its way and waits until it is still.
// Whatever is asked later is answered from the state as it is; close the listener first.
func (e *Estate) Close() {
	e.mu.Lock()
	e.closed = true
	for timer := range e.timers {
		if timer.Stop() {
			e.waking.Done()
		}
	}
	e.mu.Unlock()
	e.waking.Wait()
}

// locked runs do on a state that is up to date, and afterwards, without the lock, reports what changed.
// Everything that reads or changes the state goes through here.
func (e *Estate) locked(do func()) {
	e.mu.Lock()
	e.settle()
	do()
	e.mu.Unlock()
	e.notify()
}

// notify hands the changes to OnChange and the events to OnTrail outside the lock. Whoever finds another one notifying leaves it the work:
// so order holds, and OnChange may call the estate.
func (e *Estate) notify() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.notifying {
		return
	}
	e.notifying = true
	for len(e.changes)+len(e.trails) > 0 {
		changes, trails := e.changes, e.trails
		e.changes, e.trails = nil, nil
		e.mu.Unlock()
		for _, change := range changes {
			e.options.OnChange(change)
		}
		for _, event := range trails {
			e.options.OnTrail(event)
		}
		e.mu.Lock()
	}
	e.notifying = false
}

// scaled is a duration of the estate's clockwork at the configured speed.
func (e *Estate) scaled(d time.Duration) time.Duration {
	return time.Duration(float64(d) / e.options.Speed)
}

// Action names the operation that a request asks for; "" when it is not an RPC call.
func (e *Estate) Action(r *http.Request) string { return r.Header.Get("x-acs-action") }

func isAccount(id string) bool {
	return len(id) >= 10 && len(id) <= 20 && strings.Trim(id, "0123456789") == ""
}
