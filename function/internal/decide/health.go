package decide

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// HealthState says whether a connection carries traffic. It is the message tag of its document.
type HealthState string

// The states. Half of a connection that has two tunnels is degraded, as is one without BGP or its health check.
const (
	HealthUp       HealthState = "up"
	HealthDegraded HealthState = "degraded"
	HealthDown     HealthState = "down"
)

// HealthMode says whether attached connections are looked at.
type HealthMode string

// The modes.
const (
	HealthOff    HealthMode = "off"
	HealthReport HealthMode = "report"
)

// The words of a TunnelBrief.
const (
	wordUp      = "up"
	wordDown    = "down"
	wordUnknown = "unknown" // the service has another word
)

// TunnelBrief is what a document says of a tunnel. What is not enabled is not there.
type TunnelBrief struct {
	ID          string `json:"id"` // of the connection where it has one tunnel without an id
	IKE         string `json:"ike"`
	IPsec       string `json:"ipsec"`
	BGP         string `json:"bgp,omitempty"`
	HealthCheck string `json:"healthCheck,omitempty"` // of the connection, in each tunnel
}

// Tunnels reads the states of a connection's tunnels.
func Tunnels(c cloud.Connection) (all []TunnelBrief) {
	for _, t := range c.Tunnels {
		brief := TunnelBrief{
			ID: event.Printable(t.ID, maxCode), BGP: checkWord(t.BGP), HealthCheck: checkWord(c.HealthCheck),
		}
		if brief.ID == "" {
			brief.ID = c.ID
		}
		brief.IKE, brief.IPsec = phases(t.Negotiation)
		all = append(all, brief)
	}
	return all
}

// phases reads the state of a negotiation.
func phases(negotiation string) (ike, ipsec string) {
	switch negotiation {
	case cloud.NegotiationPhase2Up:
		return wordUp, wordUp
	case cloud.NegotiationPhase2Down, cloud.NegotiationPhase1Up:
		return wordUp, wordDown
	case cloud.NegotiationPhase1Down:
		return wordDown, wordDown
	}
	return wordUnknown, wordUnknown
}

// checkWord reads the state of a BGP session or a health check. While it is down the service has several words for it.
func checkWord(state string) string {
	switch state {
	case "":
		return ""
	case cloud.CheckPassed:
		return wordUp
	}
	return wordDown
}

// StateOf judges a connection by its tunnels.
func StateOf(tunnels []TunnelBrief) HealthState {
	carrying, whole := 0, 0
	for _, t := range tunnels {
		if t.IPsec != wordUp {
			continue
		}
		carrying++
		if t.BGP != wordDown && t.HealthCheck != wordDown {
			whole++
		}
	}
	switch {
	case carrying == 0:
		return HealthDown
	case whole == len(tunnels):
		return HealthUp
	}
	return HealthDegraded
}

// Why is why a connection is not up, and who acts. It holds no key and no text of a log.
type Why struct {
	Reason string `json:"reason,omitempty"` // a code of the table, or of the service; several with commas between
	Cause  string `json:"cause,omitempty"`
	Advice string `json:"advice,omitempty"`
	Actor  Actor  `json:"actor,omitempty"`
}

// Diagnosis is what must be asked about tunnels that are not up. ask is false when nothing need be.
func Diagnosis(e event.Event, c cloud.Connection, f Function) (filter cloud.DiagnosisFilter, ask bool) {
	filter = cloud.DiagnosisFilter{OwnerID: f.Foreign(e.OwnerID), RegionID: c.RegionID, ConnectionID: c.ID}
	for i, t := range Tunnels(c) {
		if t.IPsec == wordUp {
			continue
		}
		ask = true
		if id := c.Tunnels[i].ID; id != "" {
			filter.TunnelIDs = append(filter.TunnelIDs, id)
		}
	}
	return filter, ask
}

// CauseOf says why tunnels are not up, by what a diagnosis found of them. Without findings, nothing of it is known.
func CauseOf(tunnels []TunnelBrief, found []cloud.Finding) Why {
	reasons := readReasons()
	var c Why
	for _, t := range tunnels {
		switch {
		case t.IPsec != wordUp:
			f := findingOf(t, tunnels, found)
			c.add(t, reasonOf(reasons, f.Reason), f)
		case t.BGP == wordDown:
			c.add(t, reasons[reasonBGP], cloud.Finding{})
		case t.HealthCheck == wordDown:
			c.add(t, reasons[reasonHealthCheck], cloud.Finding{})
		}
	}
	return c
}

// Undiagnosed is the cause when the diagnosis was refused or did not answer.
func (c Codes) Undiagnosed(err error) Why {
	code := reasonDiagnosisFailed
	if fault := c.Fault(err); fault.Class == ClassOperator {
		code = reasonDiagnosisRefused
	}
	r := readReasons()[code]
	return Why{Reason: r.code, Cause: r.cause, Advice: r.advice, Actor: r.actor}
}

// findingOf is what a diagnosis found of a tunnel.
func findingOf(t TunnelBrief, tunnels []TunnelBrief, found []cloud.Finding) cloud.Finding {
	for _, f := range found {
		if (f.TunnelID == t.ID || f.TunnelID == "" && len(tunnels) == 1) && f.Reason != "" {
			return f
		}
	}
	return cloud.Finding{Reason: reasonNotFound}
}

// add takes the reason of one more tunnel into a cause. A reason that is there already is not said again.
func (c *Why) add(t TunnelBrief, r reason, f cloud.Finding) {
	codes := strings.Split(c.Reason, ", ")
	switch {
	case slices.Contains(codes, r.code):
		return
	case c.Reason == "":
		*c = Why{Reason: r.code, Cause: fmt.Sprintf("%s: %s", t.ID, r.tells(f)), Advice: r.advice, Actor: r.actor}
		return
	}
	c.Reason += ", " + r.code
	c.Cause += fmt.Sprintf(" %s: %s", t.ID, r.tells(f))
	c.Advice += " " + r.advice
	if c.Actor != r.actor {
		c.Actor = ActorBoth
	}
}

// HealthOutcome is the document that says whether a connection carries traffic.
type HealthOutcome struct {
	CloudEvent
	Data HealthData `json:"data"`
}

// HealthData is the body of a HealthOutcome.
type HealthData struct {
	State        HealthState   `json:"state"`
	ConnectionID string        `json:"vpnConnectionId"`
	RegionID     string        `json:"regionId"`
	OwnerID      string        `json:"ownerId"`
	RouterID     string        `json:"transitRouterId"`
	CenID        string        `json:"cenId,omitempty"`
	AttachmentID string        `json:"transitRouterAttachmentId,omitempty"`
	Tunnels      []TunnelBrief `json:"tunnels"`
	Since        time.Time     `json:"since"` // of the first of the looks in a row that showed this state
	Looks        int           `json:"looks"` // readings so far
	Why
	Event   EventBrief `json:"event"`
	Version string     `json:"version,omitempty"`
}

// Health makes the document of a connection. Its id depends on the event, and on whether somebody asked for it: so a
// redelivery repeats it, and whoever asks is answered anew.
func (f Function) Health(e event.Event, h Checked, now time.Time) HealthOutcome {
	data := HealthData{
		State: h.State, ConnectionID: e.ConnectionID, RegionID: e.RegionID, OwnerID: e.OwnerID,
		RouterID: h.Router.ID, CenID: h.Router.CenID, AttachmentID: e.Health.AttachmentID,
		Tunnels: h.Tunnels, Since: h.Since.UTC(), Looks: h.Looks, Why: h.Why, Event: briefOf(e), Version: f.Version,
	}
	says := []string{e.ID, e.Source, e.Type, fmt.Sprintf("%+v", e.Ask), event.TypeHealth, fmt.Sprint(e.Health.Asked)}
	return HealthOutcome{f.envelope(Digest(says...), event.TypeHealth, e.ConnectionID, now), data}
}

// Encode gives the document as it is published.
func (o HealthOutcome) Encode() ([]byte, error) { return encode(o, "event", o.Data.Event.ID) }
