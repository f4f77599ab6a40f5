package plan

import (
	"fmt"
	"io"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

// Why a tunnel is not up in a cloud file. The lists that are read do not say why, only how far the negotiation came.
const (
	noReason    = "NoExceptionFound"
	secondPhase = "Phase2NegotiationTimeout"
)

// downOf writes down what of an attached connection is not up. What a cloud file says nothing of is up.
func downOf(c cloud.Connection, v *estate.VPNConnection) {
	isDown, settings := false, estate.Settings{}
	var tunnels []estate.Tunnel
	for _, t := range c.Tunnels {
		var one estate.Tunnel
		switch t.Negotiation {
		case cloud.NegotiationPhase2Up:
		case cloud.NegotiationPhase2Down, cloud.NegotiationPhase1Up:
			one.Never = secondPhase
		default:
			one.Never = noReason
		}
		if one.Never == "" && t.BGP != "" && t.BGP != cloud.CheckPassed {
			one.BGP.Never = noReason
			settings["BgpConfig.EnableBgp"], settings["BgpConfig.TunnelCidr"] = "true", "169.254.10.0/30"
		}
		isDown = isDown || one.Never+one.BGP.Never != ""
		tunnels = append(tunnels, one)
	}
	if isDown {
		v.Tunnels = tunnels
	}
	if c.HealthCheck != "" && c.HealthCheck != cloud.CheckPassed {
		v.HealthCheck.Never, settings["HealthCheckConfig.enable"] = noReason, "true"
	}
	if len(settings) > 0 {
		v.Settings = settings
	}
}

// healthOf says whether a connection of a cloud file carries traffic, in the function's words; "" when it is not
// attached, or was not read.
func healthOf(v estate.VPNConnection) decide.HealthState {
	if v.TransitRouter == "" || v.State == cloud.StateAttaching || v.Owner == unread {
		return ""
	}
	c := cloud.Connection{ID: v.ID}
	for _, t := range v.AtStart() {
		c.Tunnels = append(c.Tunnels, cloud.Tunnel{Negotiation: t.Negotiation, BGP: t.BGP})
		c.HealthCheck = t.HealthCheck
	}
	return decide.StateOf(decide.Tunnels(c))
}

// health counts connections by the state that healthOf says.
type health map[decide.HealthState]int

func countHealth() health {
	return health{decide.HealthUp: 0, decide.HealthDegraded: 0, decide.HealthDown: 0}
}

// count leaves out what has no state.
func (h health) count(state decide.HealthState) {
	if state != "" {
		h[state]++
	}
}

func (h health) String() string {
	up, degraded, down := h[decide.HealthUp], h[decide.HealthDegraded], h[decide.HealthDown]
	return fmt.Sprintf("%d up, %d degraded, %d down", up, degraded, down)
}

// showHealth names the sites that are down, then those of which a part is.
func (d Document) showHealth(out io.Writer, all bool) {
	for _, state := range []decide.HealthState{decide.HealthDown, decide.HealthDegraded} {
		if d.Health[state] == 0 {
			continue
		}
		meaning := "attached, and no tunnel is up"
		if state == decide.HealthDegraded {
			meaning = "attached, and not all of it is up"
		}
		fmt.Fprintf(out, "sites %s (%d): %s\n", state, d.Health[state], meaning)
		shown := 0
		for _, c := range d.Connections {
			if c.Health != state {
				continue
			}
			if shown == shownOfAction && !all {
				fmt.Fprintf(out, "  and %d more: --json has all\n", d.Health[state]-shown)
				break
			}
			shown++
			fmt.Fprintf(out, "  %s\t%s\n", local.Safe(c.ID), local.Safe(c.RouterID))
		}
	}
}
