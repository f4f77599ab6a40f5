package scale

import (
	"fmt"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/standin/estate"
)

// healthTimeout is the template's HEALTH_TIMEOUT, divided as the quotas are multiplied: so there are as many looks for
// each create as in the real time.
func (o Options) healthTimeout() time.Duration {
	return max(time.Second, (30 * time.Minute / time.Duration(o.Factor)).Round(time.Second))
}

// site is the i-th connection. Those that stay dark are spread over all.
func (o Options) site(i int) estate.VPNConnection {
	v := estate.VPNConnection{
		Name: fmt.Sprintf("site-%05d", i), PSK: "canary",
		Tags: map[string]string{"vpn-attach:transit-router": routerID(i / perRouter)},
	}
	if int(float64(i+1)*o.Dark) > int(float64(i)*o.Dark) {
		never := estate.Tunnel{Course: estate.Course{Never: "NoResponse"}}
		v.Tunnels = []estate.Tunnel{never, never}
	}
	return v
}

// isPage says whether a call reads a page of all connections, which the events of an invocation share. Only a look at
// the health reads a list for one connection.
func isPage(c call) bool { return c.action == cloud.ActionInventory && c.connection == "" }

// looks counts the calls that look at the health, per connection: those about one connection, and the pages of
// invocations that made no attachment. The most is of the readings of one connection that were answered.
func (r *run) looks() (each float64, most int) {
	makers, alone, calls := map[string]bool{}, map[string]int{}, 0
	for _, c := range r.calls {
		makers[c.key] = makers[c.key] || c.made
	}
	for _, c := range r.calls {
		if c.action != cloud.ActionInventory || isPage(c) && makers[c.key] {
			continue
		}
		calls++
		if c.connection != "" && c.answered {
			alone[c.connection]++
			most = max(most, alone[c.connection])
		}
	}
	return float64(calls) / float64(r.Connections), most
}

// healthBars are those of looking at the health, where it is looked at.
func (r Result) healthBars() (bars []bar) {
	if r.Health == decide.HealthOff {
		return nil
	}
	bars = []bar{{"looks at the health: calls per connection; the most at one",
		fmt.Sprintf("%.2f; %d", r.Looks, r.MostLooks), fmt.Sprintf("at most %d; %d", mostLooks, mostLooks),
		r.Looks <= mostLooks && r.MostLooks <= mostLooks}}
	if r.Without > 0 {
		slower := r.Took.Seconds() / r.Without.Seconds()
		bars = append(bars, bar{"time until all are attached, of that with HEALTH=off",
			fmt.Sprintf("%.3f, of %.0f s", slower, r.Without.Seconds()), fmt.Sprintf("at most %g", mostSlower),
			slower <= mostSlower})
	}
	return bars
}
