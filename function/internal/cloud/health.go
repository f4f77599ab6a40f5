package cloud

import "context"

// Tunnel is the negotiation of one tunnel of a connection, as DescribeVpnConnection shows it. A connection in
// single-tunnel mode has one without an id.
type Tunnel struct {
	ID          string
	Negotiation string // one of the Negotiation constants, or a word that is not known
	BGP         string // CheckPassed, or any other word while it is down; empty when it is not enabled
}

// The states of a tunnel's negotiation. Phase 1 is IKE, phase 2 is IPsec, which carries traffic.
const (
	NegotiationPhase1Down = "ike_sa_not_established"
	NegotiationPhase1Up   = "ike_sa_established"
	NegotiationPhase2Down = "ipsec_sa_not_established"
	NegotiationPhase2Up   = "ipsec_sa_established"
)

// CheckPassed is the state of a BGP session that is up, and of a health check that passes.
const CheckPassed = "success"

// MaxAttachments is how many VPN attachments a transit router takes, unless somebody had its quota raised.
const MaxAttachments = 50

// DiagnosisFilter names what is diagnosed: a connection in single-tunnel mode, else tunnels by their ids.
type DiagnosisFilter struct {
	OwnerID, RegionID string
	ConnectionID      string   // the one in single-tunnel mode
	TunnelIDs         []string // of one in dual-tunnel mode
}

// Finding is why a tunnel is not up, as VPC API DiagnoseVpnConnections says. The log that the service adds is not read:
// it may hold a key.
type Finding struct {
	TunnelID    string // empty for a connection in single-tunnel mode
	Reason      string // the service's code
	Here, There string // the parameters that differ: of the connection, of its peer. They may be keys.
}

// Diagnoser asks why a connection is not up. Errors are *APIError. Nothing is retried.
type Diagnoser interface {
	Diagnose(ctx context.Context, filter DiagnosisFilter) ([]Finding, error)
}
