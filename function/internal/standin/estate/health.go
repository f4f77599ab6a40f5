package estate

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Course is when something of a connection is up, in the estate's time since the attachment was Attached: from UpAfter
// on, and until DownAfter if that is not zero. What is never up says why.
type Course struct {
	UpAfter   time.Duration `yaml:"upAfter,omitempty"`
	DownAfter time.Duration `yaml:"downAfter,omitempty"`
	Never     string        `yaml:"never,omitempty"`
}

// Tunnel is how the negotiation of a tunnel goes. Never and, while it is down again, Reason are codes of
// DiagnoseVpnConnections.
type Tunnel struct {
	Course `yaml:",inline"`
	Reason string `yaml:"reason,omitempty"`
	BGP    Course `yaml:"bgp,omitempty"` // if it is enabled, and while the tunnel is up
	// Here and There are the parameters of the two ends that differ, as the diagnosis tells them.
	Here  string `yaml:"here,omitempty"`
	There string `yaml:"there,omitempty"`
}

// IsUp reports whether it is up so long after the attachment was Attached.
func (c Course) IsUp(since time.Duration) bool {
	return c.Never == "" && since >= c.UpAfter && (c.DownAfter == 0 || since < c.DownAfter)
}

func (c Course) check(what string) error {
	isWord := strings.IndexFunc(c.Never, func(r rune) bool { return r < '0' || r > 'z' }) < 0
	if c.UpAfter < 0 || c.DownAfter < 0 || !isWord {
		return fmt.Errorf("%s: upAfter and downAfter are times, never is a code", what)
	}
	return nil
}

// checkHealth says what is wrong with how a connection comes up.
func (v *VPNConnection) checkHealth() error {
	if len(v.Tunnels) > v.tunnelCount() {
		return fmt.Errorf("it has %d tunnels, and %d are described", v.tunnelCount(), len(v.Tunnels))
	}
	courses := []Course{v.HealthCheck}
	for _, t := range v.Tunnels {
		courses = append(courses, t.Course, t.BGP)
	}
	for _, c := range courses {
		if err := c.check("tunnels"); err != nil {
			return err
		}
	}
	return nil
}

func (v *VPNConnection) tunnelCount() int {
	if v.SingleTunnel {
		return 1
	}
	return 2
}

// course is how the n-th tunnel goes, from 1. One that is not described is up at once.
func (v *VPNConnection) course(n int) (t Tunnel) {
	if n <= len(v.Tunnels) {
		t = v.Tunnels[n-1]
	}
	return t
}

// health is what is up of a connection at one moment. Nothing is before the attachment is Attached.
type health struct {
	v        *VPNConnection
	attached bool
	since    time.Duration // Attached
}

// healthOf is the health of a connection as it was some time ago. The lock is held.
func (e *Estate) healthOf(v *VPNConnection, age time.Duration) health {
	a := e.live[v.ID]
	if a == nil || a.Status != StatusAttached {
		return health{v: v}
	}
	since := time.Duration(float64(time.Since(a.Attached)-age) * e.options.Speed)
	return health{v, since >= 0, since}
}

func (h health) tunnel(n int) bool { return h.attached && h.v.course(n).IsUp(h.since) }

func (h health) bgp(n int) bool { return h.tunnel(n) && h.v.course(n).BGP.IsUp(h.since) }

func (h health) check() bool { return h.tunnel(1) && h.v.HealthCheck.IsUp(h.since) }

// secondPhase are the reasons for which the first phase of a negotiation succeeds and the second does not (assumed).
func secondPhase() []string {
	return []string{
		"TrafficSelectorMismatch", "PfsMismatch", "SecurityProtocolMismatch", "EncapsulationModeMismatch",
		"CommitMismatch", "Phase2NegotiationTimeout", "EncryptionAlgorithmMismatch",
	}
}

func (h health) negotiation(n int) string {
	switch {
	case h.tunnel(n):
		return "ipsec_sa_established"
	case h.attached && slices.Contains(secondPhase(), h.v.course(n).Never):
		return "ipsec_sa_not_established"
	}
	return "ike_sa_not_established"
}

// shows puts the states into the answer about a connection.
func (h health) shows(answer reply) {
	answer["Status"] = h.negotiation(1)
	bgp, check := answer["VpnBgpConfig"].(reply), answer["VcoHealthCheck"].(reply)
	if h.bgp(1) {
		bgp["Status"] = "success"
	}
	if h.check() {
		check["Status"] = "success"
	}
	options := answer["TunnelOptionsSpecification"].(reply)["TunnelOptions"].([]reply)
	for i, t := range options {
		t["Status"] = h.negotiation(i + 1)
		if h.bgp(i + 1) {
			t["TunnelBgpConfig"].(reply)["BgpStatus"] = "success"
		}
	}
}

// TunnelsUp says which tunnels of a connection are up now, in order.
func (e *Estate) TunnelsUp(id string) (up []bool) {
	e.locked(func() {
		v := e.connections[id]
		if v == nil {
			return
		}
		h := e.healthOf(v, 0)
		for n := range v.tunnelCount() {
			up = append(up, h.tunnel(n+1))
		}
	})
	return up
}

// The most ids that one diagnosis takes.
const (
	mostConnections = 51
	mostTunnels     = 100
)

// diagnose is DiagnoseVpnConnections of the VPC API. That what is up is left out, and that an id that is not the
// caller's is refused with InvalidParameter, is assumed. Its log shows the pre-shared key, as the log of a peer may.
func (e *Estate) diagnose(c call) (reply, string) {
	connections, tunnels := c.list("VpnConnectionIds"), c.list("TunnelIds")
	number, size, badPage := c.numberedPage()
	switch {
	case c.get("RegionId") == "":
		return nil, codeMissingParameter
	case badPage != "", len(connections)+len(tunnels) == 0,
		len(connections) > mostConnections, len(tunnels) > mostTunnels:
		return nil, codeInvalidParameter
	}
	found := []reply{}
	for _, v := range e.inOrder() {
		if v.Owner != c.account || v.Region != c.get("RegionId") {
			continue
		}
		for n := 1; n <= v.tunnelCount(); n++ {
			isAsked := take(tunnels, v.tunnelID(n))
			if v.SingleTunnel {
				isAsked = take(connections, v.ID)
			}
			if isAsked && !e.healthOf(v, 0).tunnel(n) {
				found = append(found, v.finding(n))
			}
		}
	}
	isLeft := func(id string) bool { return id != "" }
	if slices.ContainsFunc(connections, isLeft) || slices.ContainsFunc(tunnels, isLeft) {
		return nil, codeInvalidParameter
	}
	return reply{
		"TotalCount": len(found), "PageNumber": number, "PageSize": size, "VpnConnections": pageOf(found, number, size),
	}, ""
}

// take crosses out an id that is asked for.
func take(asked []string, id string) bool {
	at := slices.Index(asked, id)
	if at >= 0 {
		asked[at] = ""
	}
	return at >= 0
}

func (v *VPNConnection) finding(n int) reply {
	t := v.course(n)
	reason, severity := cmp.Or(t.Never, t.Reason), "Critical"
	if reason == "" {
		reason, severity = "NoExceptionFound", "Normal"
	}
	here, there := t.Here, t.There
	if reason == "PskMismatch" && here == "" {
		here, there = v.PSK, v.PSK+"-of-the-peer"
	}
	id := v.tunnelID(n)
	if v.SingleTunnel {
		id = ""
	}
	return reply{
		"VpnConnectionId": v.ID, "TunnelId": id, "FailedReasonCode": reason, "FailedReason": reason,
		"Severity": severity, "FailedTime": time.Now().UnixMilli(), "MismatchLocalParam": here,
		"MismatchRemoteParam": there,
		"SourceLog":           "2026-11-27 11:39:21 " + v.ID + " [PROTO_ERR]: negotiation failed, psk " + v.PSK,
	}
}

func (v *VPNConnection) tunnelID(n int) string {
	return []string{"tun-master-", "tun-slave-"}[n-1] + v.suffix()
}
