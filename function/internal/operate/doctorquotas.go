package operate

import (
	"context"
	"fmt"
	"time"
)

// neededInstances is how many instances of the function must be able to run at once: one for the stream, one for the
// timer and requests by hand.
const neededInstances = 2

// mostThrottled is how many invocations of a day may be throttled before somebody should act. A few are nothing: other
// tools use the same quotas, and the function makes way for them.
const mostThrottled = 10

// checkQuotas looks at what can run out: instances, places on transit routers, calls of APIs.
func (o exam) checkQuotas(ctx context.Context) []Check {
	checks := []Check{o.checkInstances(ctx)}
	checks = append(checks, o.checkPlaces(ctx))
	lines, err := o.Logs(ctx, LogChoice{Kind: "invocation", Since: 24 * time.Hour, Throttled: true})
	return append(checks, found("API quotas suffice", err, len(lines) > mostThrottled,
		fmt.Sprintf("%s of the last day were throttled", several(len(lines), "invocation")),
		o.command("set", "QUOTA_SHARE=0.3")+" leaves more to others; or have the quotas raised that "+
			"function/README.md lists under Role, and tell them by QUOTAS"))
}

// checkPlaces looks, by the last sweep, whether a transit router is full.
func (o exam) checkPlaces(ctx context.Context) Check {
	const what = "transit routers have places left"
	seen, err := o.lastSweep(ctx)
	switch {
	case err == nil && (seen == nil || !seen.hasHealth):
		return Check{What: what, State: stateUnknown, Says: "no sweep of the last day counted them"}
	case err != nil || len(seen.Routers) == 0:
		return found(what, err, false, "", "")
	}
	r := seen.Routers[0]
	return found(what, nil, r.Left == 0, r.Router+" takes no more VPN attachments",
		"have its quota raised in Quota Center, or tag new connections for another; "+o.command("plan")+" shows all")
}

// checkInstances looks how many instances are reserved for the function.
func (o exam) checkInstances(ctx context.Context) Check {
	answer, err := ask[struct {
		Reserved int `json:"reservedConcurrency"`
	}](ctx, o.Operator, o.fc("GET", "concurrency", ""))
	return found("two instances can run at once", err, answer.Reserved < neededInstances,
		fmt.Sprintf("%d reserved: the stream and the timer wait for each other", answer.Reserved), o.makesFunction())
}

// makesFunction says what sets the function up as it should be.
func (o exam) makesFunction() string {
	if o.byHand {
		return "s deploy -y"
	}
	return o.command("deploy")
}
