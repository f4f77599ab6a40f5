package decide

import (
	"os"
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
)

// attachedWith is a connection on tr-core with these tunnels.
func attachedWith(tunnels ...cloud.Tunnel) cloud.Connection {
	return cloud.Connection{
		ID: "vco-1", RegionID: "cn-hangzhou", State: cloud.StateAttached, TransitRouterID: "tr-core", CenID: "cen-core",
		Tunnels: tunnels,
	}
}

func upTunnel(id string) cloud.Tunnel {
	return cloud.Tunnel{ID: id, Negotiation: cloud.NegotiationPhase2Up}
}

func downTunnel(id string) cloud.Tunnel {
	return cloud.Tunnel{ID: id, Negotiation: cloud.NegotiationPhase1Down}
}

func TestAConnectionIsJudgedByAllThatIsEnabled(t *testing.T) {
	bgp := func(t cloud.Tunnel, state string) cloud.Tunnel {
		t.BGP = state
		return t
	}
	one, two := upTunnel("tun-1"), upTunnel("tun-2")
	half := cloud.Tunnel{ID: "tun-2", Negotiation: cloud.NegotiationPhase2Down}
	for name, c := range map[string]struct {
		tunnels []cloud.Tunnel
		check   string
		want    HealthState
		second  string // how phase 1 and 2 of the last tunnel are told
	}{
		"both tunnels are up":           {[]cloud.Tunnel{one, two}, "", HealthUp, "up up"},
		"one of two is":                 {[]cloud.Tunnel{one, downTunnel("tun-2")}, "", HealthDegraded, "down down"},
		"one has its first phase alone": {[]cloud.Tunnel{one, half}, "", HealthDegraded, "up down"},
		"its first phase has just come up": {[]cloud.Tunnel{{Negotiation: cloud.NegotiationPhase1Up}}, "",
			HealthDown, "up down"},
		"none is":                    {[]cloud.Tunnel{half, downTunnel("tun-1")}, "", HealthDown, "down down"},
		"the service has a new word": {[]cloud.Tunnel{{Negotiation: "resting"}}, "", HealthDown, "unknown unknown"},
		"there is no tunnel":         {nil, "", HealthDown, ""},
		"BGP is up as well":          {[]cloud.Tunnel{bgp(one, cloud.CheckPassed)}, "", HealthUp, "up up"},
		"BGP is not":                 {[]cloud.Tunnel{bgp(one, "false"), two}, "", HealthDegraded, "up up"},
		"BGP is not in any tunnel":   {[]cloud.Tunnel{bgp(one, "failed")}, "", HealthDegraded, "up up"},
		"the health check passes":    {[]cloud.Tunnel{one}, cloud.CheckPassed, HealthUp, "up up"},
		"the health check fails":     {[]cloud.Tunnel{one}, "failed", HealthDegraded, "up up"},
	} {
		t.Run(name, func(t *testing.T) {
			connection := attachedWith(c.tunnels...)
			connection.HealthCheck = c.check
			tunnels, second := Tunnels(connection), ""
			if len(tunnels) > 0 {
				last := tunnels[len(tunnels)-1]
				second = last.IKE + " " + last.IPsec
			}
			if got := StateOf(tunnels); got != c.want || second != c.second {
				t.Errorf("it is %s, %q, want %s, %q", got, second, c.want, c.second)
			}
		})
	}
}

// TestEveryDocumentedReasonHasARow holds the table against the vendor's list.
func TestEveryDocumentedReasonHasARow(t *testing.T) {
	all, text := readReasons(), ""
	for _, fields := range documented(t, "testdata/reasons.tsv") {
		text += fields[0] + " "
		if _, known := all[fields[0]]; !known {
			t.Errorf("no row has %s", fields[0])
		}
	}
	own := strings.Fields(reasonBGP + " " + reasonHealthCheck + " " + reasonDiagnosisRefused + " " +
		reasonDiagnosisFailed + " " + reasonNotKnown)
	for code, r := range all {
		isActor := r.actor == "here" || r.actor == "peer" || r.actor == ActorBoth || r.actor == "vendor"
		if !isActor || r.cause == "" || r.advice == "" || strings.Contains(r.advice, "{") {
			t.Errorf("the row of %s is not whole: %+v", code, r)
		}
		if !strings.Contains(text, code+" ") && !strings.Contains(strings.Join(own, " ")+" ", code+" ") {
			t.Errorf("%s is neither documented nor the function's own", code)
		}
	}
	file, err := os.ReadFile("reasons.md")
	if rows := strings.Count(string(file), "\n| ") - 2; err != nil || rows != len(all) || rows != 31 {
		t.Errorf("%d rows were read, the file has %d: %v", len(all), rows, err)
	}
}

func TestParametersAreToldOnlyWhereTheyCannotBeKeys(t *testing.T) {
	for _, c := range []struct {
		reason, here, there string
		told                bool
	}{
		{"EncryptionAlgorithmMismatch", "AES-256", "3des", true},
		{"EncryptionAlgorithmMismatch", "aes", "canary", false},
		{"EncryptionAlgorithmMismatch", "canary", "aes", false},
		{"EncryptionAlgorithmMismatch", "", "", false},
		{"DhGroupMismatch", "group2", "group14", true},
		{"LifetimeMismatch", "86400", "3600", true},
		{"LifetimeMismatch", "86400", "1234567890", false},
		{"PeerMismatch", "203.0.113.1", "198.51.100.1", true},
		{"PeerMismatch", "203.0.113.1", "canary", false},
		{"PeerMismatch", "203.0.113.1", "1.2.3.4.5", false},
		{"PeerMismatch", "203.0.113.1", "1.2.3.canary", false},
		{"TrafficSelectorMismatch", "10.0.0.0/8", "10.0.0.0/33", false},
		{"TrafficSelectorMismatch", "10.0.0.0/8,10.1.0.0/16", "192.168.0.0/16", true},
		{"PskMismatch", "aes", "aes256", false},
		{"ProposalMismatch", "aes", "aes256", false},
		{"NewMismatch", "aes", "aes256", false},
	} {
		found := []cloud.Finding{{TunnelID: "tun-1", Reason: c.reason, Here: c.here, There: c.there}}
		why := CauseOf(Tunnels(attachedWith(downTunnel("tun-1"))), found)
		if told := strings.Contains(why.Cause, "at the peer "+c.there); told != c.told || why.Reason != c.reason ||
			strings.Contains(why.Cause, "canary") || strings.Contains(why.Advice, "canary") {
			t.Errorf("%+v is told as %+v", c, why)
		}
	}
}

func TestACauseNamesEachReasonOnce(t *testing.T) {
	both := Tunnels(attachedWith(downTunnel("tun-1"), downTunnel("tun-2")))
	alike := []cloud.Finding{{TunnelID: "tun-1", Reason: "NoResponse"}, {TunnelID: "tun-2", Reason: "NoResponse"}}
	same := CauseOf(both, alike)
	if same.Reason != "NoResponse" || same.Actor != "peer" || strings.Count(same.Cause, "does not answer") != 1 {
		t.Errorf("of two alike: %+v", same)
	}
	apart := CauseOf(both, []cloud.Finding{{TunnelID: "tun-2", Reason: "NoResponse"}})
	if apart.Reason != "NoExceptionFound, NoResponse" || apart.Actor != ActorBoth ||
		!strings.Contains(apart.Cause, "tun-2: The device does not answer.") {
		t.Errorf("of two that differ: %+v", apart)
	}
	strange := CauseOf(both[:1], []cloud.Finding{{TunnelID: "tun-1", Reason: "Bad\x07" + strings.Repeat("x", 500)}})
	if len(strange.Reason) > maxCode || strings.Contains(strange.Reason, "\x07") {
		t.Errorf("a code that is no code is told as %q", strange.Reason)
	}
}

func TestOnlyTunnelsThatAreDownAreDiagnosed(t *testing.T) {
	e := anEvent()
	f, ask := Diagnosis(e, attachedWith(upTunnel("tun-1"), downTunnel("tun-2")), home())
	if !ask || len(f.TunnelIDs) != 1 || f.TunnelIDs[0] != "tun-2" || f.OwnerID != "" || f.RegionID != "cn-hangzhou" {
		t.Errorf("of two: %+v, %t", f, ask)
	}
	e.OwnerID = foreign
	if f, ask = Diagnosis(e, attachedWith(downTunnel("")), home()); !ask || len(f.TunnelIDs) != 0 ||
		f.ConnectionID != "vco-1" || f.OwnerID != foreign {
		t.Errorf("of one: %+v, %t", f, ask)
	}
	if _, ask = Diagnosis(e, attachedWith(upTunnel("")), home()); ask {
		t.Error("what is up is diagnosed")
	}
}
