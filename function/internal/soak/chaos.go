package soak

import (
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"vpn-attach/function/internal/standin/fault"
)

// effects are the actions whose calls have an effect: a kill before or after each is a crash point.
func effects() []string {
	return []string{
		"CreateTransitRouterVpnAttachment", "AssociateTransitRouterAttachmentWithRouteTable",
		"EnableTransitRouterRouteTablePropagation", "BatchSendMessage", "PublishMessage",
		"DeleteTransitRouterVpnAttachment",
	}
}

// chaos injects faults while it is on. Which call of an action gets which fault depends on the seed alone.
type chaos struct {
	seed uint64

	mu  sync.Mutex
	off bool
}

// The odds, of ten thousand calls.
const (
	faultOdds = 400
	killOdds  = 30
)

// draw is the fault of the n-th call of an action, or nil.
func (c *chaos) draw(action string, n int) *fault.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.off {
		return nil
	}
	return c.fault(action, n)
}

// stop ends the storm, so that the work can end.
func (c *chaos) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off = true
}

func (c *chaos) fault(action string, n int) *fault.Fault {
	// Each crash point certainly occurs once, early.
	if i := slices.Index(effects(), action); i >= 0 {
		switch n {
		case 5 + 2*i + int(c.seed%3):
			return &fault.Fault{Action: action, Kill: fault.Before}
		case 16 + 2*i + int(c.seed%3):
			return &fault.Fault{Action: action, Kill: fault.After}
		}
	}
	// Some of the few calls that queue follow-ups are refused permanently, and an empty list is answered often enough
	// in a row that one look sees nothing else.
	switch {
	case action == "BatchSendMessage" && n%9 == 3:
		return &fault.Fault{Action: action, Status: 404, Code: "QueueNotExist"}
	case action == "ListTransitRouterVpnAttachments" && n%60 >= 10 && n%60 < 20:
		return &fault.Fault{Action: action, EmptyList: true}
	}
	roll := c.roll(action, n)
	if roll < killOdds {
		return &fault.Fault{Action: action, Kill: []string{fault.Before, fault.After}[roll%2]}
	}
	if roll >= faultOdds {
		return nil
	}
	faults := faultsOf(action)
	drawn := faults[roll%uint64(len(faults))]
	drawn.Action = action
	return &drawn
}

// roll is 0 to 9999 for the n-th call of an action.
func (c *chaos) roll(action string, n int) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %d", c.seed, action, n)
	return (h.Sum64() >> 7) % 10000
}

// faultsOf are the faults of an action's calls. All of them are transient.
func faultsOf(action string) []fault.Fault {
	common := []fault.Fault{
		{Status: 503, Code: "ServiceUnavailable"}, {Body: fault.BodyHTML}, {Body: fault.BodyEmpty, Status: 500},
		{Body: fault.BodyTruncated}, {Drop: fault.Before}, {Drop: fault.After}, {Drop: fault.After},
		{Delay: 700 * time.Millisecond},
	}
	badRequests := func(codes ...string) (faults []fault.Fault) {
		for _, code := range codes {
			faults = append(faults, fault.Fault{Status: 400, Code: code})
		}
		return append(common, faults...)
	}
	empty, old := fault.Fault{EmptyList: true}, fault.Fault{StaleDescribe: stale}
	switch action {
	case "PublishMessage":
		return append(common, fault.Fault{Status: 404, Code: "TopicNotExist"},
			fault.Fault{Status: 403, Code: "SecurityTokenExpired"})
	case "BatchSendMessage":
		return append(common, fault.Fault{Status: 404, Code: "QueueNotExist"},
			fault.Fault{Status: 429, Code: "TooManyRequests"})
	case "CreateTransitRouterVpnAttachment":
		return append(badRequests("Operation.Blocking", "IncorrectStatus.TransitRouter", "Throttling.User"),
			fault.Fault{Body: fault.BodyEmpty})
	case "DescribeVpnConnection":
		return append(badRequests("InvalidSecurityToken.Expired", "Throttling.Api"), old, old)
	case "ListTransitRouterVpnAttachments":
		return append(common, empty, empty, empty)
	}
	return badRequests("Throttling.User", "InvalidSecurityToken.Expired")
}

// stale is how old the state of a stale answer is, by the cloud's own time.
const stale = 10 * time.Second

// label says what a fault does, for the table.
func label(f fault.Fault) string {
	switch {
	case f.Kill != "":
		return "kill " + f.Kill + " " + f.Action
	case f.Drop != "":
		return "drop " + f.Drop
	case f.Delay > 0:
		return "slow"
	case f.StaleDescribe > 0:
		return "stale answer"
	case f.EmptyList:
		return "empty list"
	case f.Body != "":
		return "body " + f.Body
	}
	return f.Code
}
