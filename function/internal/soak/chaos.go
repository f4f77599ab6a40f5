package soak

import (
	"fmt"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"vpn-attach/function/internal/standin/fault"
)

// The actions whose calls have an effect: a death before or after each is a crash point.
func effects() []string {
	return []string{
		"CreateTransitRouterVpnAttachment", "AssociateTransitRouterAttachmentWithRouteTable", "EnableTransitRouterRouteTablePropagation",
		"BatchSendMessage", "PublishMessage", "DeleteTransitRouterVpnAttachment",
	}
}

// chaos strikes calls while it is on. Which call of an action is struck, and by what, depends
// on the seed alone.
type chaos struct {
	seed uint64

	mu      sync.Mutex
	off     bool
	strikes map[string]int // by fault
}

// The odds, of ten thousand calls.
const (
	faultOdds = 400
	killOdds  = 30
)

// draw is what happens to the n-th call of an action.
func (c *chaos) draw(action string, n int) *fault.Fault {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.off {
		return nil
	}
	fault := c.fault(action, n)
	if fault != nil {
		c.strikes[label(*fault)]++
	}
	return fault
}

// stop ends the storm, so that it can settle.
func (c *chaos) stop() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.off = true
}

func (c *chaos) fault(action string, n int) *fault.Fault {
	// Each crash point is met early, once for certain.
	if i := slices.Index(effects(), action); i >= 0 {
		switch n {
		case 5 + 2*i + int(c.seed%3):
			return &fault.Fault{Action: action, Kill: fault.Before}
		case 16 + 2*i + int(c.seed%3):
			return &fault.Fault{Action: action, Kill: fault.After}
		}
	}
	// Of the few calls that queue follow-ups some are refused for good, and an empty list is
	// answered often enough in a row to outlast one look.
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
	fault := faults[roll%uint64(len(faults))]
	fault.Action = action
	return &fault
}

// roll is 0 to 9999 for the n-th call of an action.
func (c *chaos) roll(action string, n int) uint64 {
	h := fnv.New64a()
	fmt.Fprintf(h, "%d %s %d", c.seed, action, n)
	return (h.Sum64() >> 7) % 10000
}

// faultsOf are the ways in which calls of an action go wrong. None of them lasts.
func faultsOf(action string) []fault.Fault {
	common := []fault.Fault{
		{Status: 503, Code: "ServiceUnavailable"}, {Body: fault.BodyHTML}, {Body: fault.BodyEmpty, Status: 500}, {Body: fault.BodyTruncated},
		{Drop: fault.Before}, {Drop: fault.After}, {Drop: fault.After}, {Delay: 700 * time.Millisecond},
	}
	switch action {
	case "PublishMessage":
		return append(common, fault.Fault{Status: 404, Code: "TopicNotExist"}, fault.Fault{Status: 403, Code: "SecurityTokenExpired"})
	case "BatchSendMessage":
		return append(common, fault.Fault{Status: 404, Code: "QueueNotExist"}, fault.Fault{Status: 429, Code: "TooManyRequests"})
	case "CreateTransitRouterVpnAttachment":
		return append(common, fault.Fault{Status: 400, Code: "Operation.Blocking"}, fault.Fault{Status: 400, Code: "IncorrectStatus.TransitRouter"},
			fault.Fault{Status: 400, Code: "Throttling.User"}, fault.Fault{Body: fault.BodyEmpty})
	case "DescribeVpnConnection":
		return append(common, fault.Fault{Status: 400, Code: "InvalidSecurityToken.Expired"}, fault.Fault{Status: 400, Code: "Throttling.Api"},
			fault.Fault{StaleDescribe: stale}, fault.Fault{StaleDescribe: stale})
	case "ListTransitRouterVpnAttachments":
		return append(common, fault.Fault{EmptyList: true}, fault.Fault{EmptyList: true}, fault.Fault{EmptyList: true})
	}
	return append(common, fault.Fault{Status: 400, Code: "Throttling.User"}, fault.Fault{Status: 400, Code: "InvalidSecurityToken.Expired"})
}

// stale is how far a lagging reading is behind, by the cloud's own time.
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
		return "stale reading"
	case f.EmptyList:
		return "empty list"
	case f.Body != "":
		return "body " + f.Body
	}
	return f.Code
}
