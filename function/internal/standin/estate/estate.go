// Package estate stands in for the network estate of one Alibaba Cloud account: VPN connections, transit routers and
// the attachments between them, as one state behind two APIs.
//
// An Estate is an http.Handler that speaks the RPC style of Cloud Enterprise Network (CBN, 2017-09-12) and of VPC
// (2016-04-28) on "/", with real signatures, so that the real SDKs can call it over a real listener:
//
//	keys := &sign.Keyring{}
//	keys.Add("local", "local", "")
//	estate, err := estate.New(estate.Options{
//		Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys, AttachSeconds: 30,
//	}, seed)
//	server := httptest.NewServer(estate)
//	defer estate.Close()
//	defer server.Close()
//
// Tests ask it what happened: Attachments and Bindings are the state, Creates and Binds the records of every attempt to
// attach and to bind. Ids are counters, so that two runs of one story read alike.
//
// It imitates what the function calls: DescribeVpnConnection, DescribeVpnConnections, DiagnoseVpnConnections,
// DescribeGrantRulesToCen, DescribeCenAttachedChildInstances, ListTransitRouters, ListTransitRouterVpnAttachments,
// CreateTransitRouterVpnAttachment, DeleteTransitRouterVpnAttachment, ListTransitRouterRouteTables,
// AssociateTransitRouterAttachmentWithRouteTable, EnableTransitRouterRouteTablePropagation and the lists of both. And
// what people and their tools, such as Terraform, call beside it: the calls that make, change, delete, tag and grant
// connections, change attachments, end and move bindings, list tags and add CIDR blocks; function/README.md has them
// all. All have the checks, limits and error codes of their definitions, and their answers have the names, types and
// words: testdata has both as facts, and tests say which are left out, and why.
//
// It does not imitate: what another account's key may do besides making, reading, changing, tagging and granting its
// VPN connections, request quotas, routes, the growth and exhaustion of a transit router's CIDR blocks, availability of
// zones, billing, regions in which a service is not sold, expiry of client tokens, customer gateways, and everything
// IPsec: its settings are kept and shown, and tunnels are up when the seed says so, whatever the settings are. What a
// key may do, Options.Allow decides. Where the documentation is silent about the order of checks, or about a code, a
// comment says "assumed".
package estate

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/standin/ram"
	"vpn-attach/function/internal/standin/sign"
)

// Options are what an estate needs from outside. Account, Region and Keys are required.
type Options struct {
	Account string // the account id, 10 to 20 digits, that owns the transit routers and for which every key acts
	Region  string // of a seed entry that names none
	Keys    sign.Keys

	// AccountOf names the account of a key that belongs to another one; may be nil. Such a key sees the VPN connections
	// of its account.
	AccountOf func(accessKeyID string) string

	// Allow judges a call of a key before anything is done; nil allows every call. The verdict is the refusal.
	Allow func(accessKeyID string, r ram.Request) *ram.Verdict

	// Speed divides all times of the estate; 0 means 1.
	Speed float64
	// AttachSeconds is how long an attachment stays Attaching.
	AttachSeconds float64
	// RouteTableSeconds is how long a binding to a route table stays Associating or Enabling.
	RouteTableSeconds float64
	// DetachSeconds is how long an attachment stays Detaching after DeleteTransitRouterVpnAttachment.
	DetachSeconds float64
	// Stale says of a call, by its context, how old the state is that DescribeVpnConnection answers; may be nil.
	Stale func(context.Context) (age time.Duration, ok bool)
	// Empty says of a call, by its context, that a list is answered without entries; may be nil.
	Empty func(context.Context) bool
	// AttachedCode is the error of a create for a connection that has an attachment: by default
	// InvalidStatus.ResourceStatus, alternatively QuotaFull.ChildInstanceRelatedCen; the documentation allows both.
	AttachedCode string
	// OnChange, if set, is called for every attachment that is made or changes its status, one at a time and in order.
	// It may call the estate's methods, except Close.
	OnChange func(Attachment)
	// OnTrail, if set, is called for every write to a VPN connection, a refused one included, with the event that
	// EventBridge's bus default of the caller's account gets of it, one at a time and in order. It may call the
	// estate's methods, except Close.
	OnTrail func(event string)
}

// Estate is the state and the service in front of it. All its methods may be called concurrently.
type Estate struct {
	options    Options
	signatures *sign.Verifier
	operations map[string]operation

	mu          sync.Mutex
	routers     []*TransitRouter
	connections map[string]*VPNConnection
	ordered     []*VPNConnection       // the same by id, see inOrder; nil when that has changed
	attachments []*attachment          // every one ever made, by creation
	live        map[string]*attachment // by connection: those not deleted
	byID        map[string]*attachment
	byTag       tagIndex
	bindings    []*Binding            // every one ever made, by creation
	bindingsOf  map[string][]*Binding // the same by attachment
	tokens      map[string]success    // by client token
	creates     []Create
	binds       []Bind
	requests    int // the number of the last request id
	made        int // the number of the last connection id

	pending   []transition // by time
	changes   []Attachment // for OnChange, in order
	trails    []string     // for OnTrail, in order
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
		signatures:  &sign.Verifier{Keys: o.Keys},
		operations:  operations(),
		connections: make(map[string]*VPNConnection),
		live:        make(map[string]*attachment),
		byID:        make(map[string]*attachment),
		byTag:       make(tagIndex),
		bindingsOf:  make(map[string][]*Binding),
		tokens:      make(map[string]success),
		timers:      make(map[*time.Timer]bool),
	}
	if err := e.load(seed); err != nil {
		e.Close()
		return nil, err
	}
	return e, nil
}

// complete checks the options and fills in their defaults.
func (o *Options) complete() error {
	o.AttachedCode, o.Speed = cmp.Or(o.AttachedCode, codeResourceStatus), cmp.Or(o.Speed, 1)
	switch {
	case !isAccount(o.Account):
		return fmt.Errorf("option Account: %q is not an account id", o.Account)
	case o.Region == "":
		return fmt.Errorf("option Region is missing")
	case o.Keys == nil:
		return fmt.Errorf("option Keys is missing")
	case o.Speed < 0 || o.AttachSeconds < 0 || o.RouteTableSeconds < 0 || o.DetachSeconds < 0:
		return fmt.Errorf("options Speed, AttachSeconds, RouteTableSeconds and DetachSeconds cannot be negative")
	case o.AttachedCode != codeResourceStatus && o.AttachedCode != codeQuotaFull:
		return fmt.Errorf("option AttachedCode: %q is neither %s nor %s",
			o.AttachedCode, codeResourceStatus, codeQuotaFull)
	}
	return nil
}

// Action names the operation that a request asks for; "" when it is not an RPC call.
func (e *Estate) Action(r *http.Request) string {
	action, _ := sign.Operation(r)
	return action
}

func isAccount(id string) bool {
	return len(id) >= 10 && len(id) <= 20 && strings.Trim(id, "0123456789") == ""
}
