package cloud

import "context"

// Network is a network instance that is attached to a CEN, as CBN API DescribeCenAttachedChildInstances shows it. VPN
// connections are none.
type Network struct {
	Type   string // NetworkVPC, NetworkVBR, NetworkCCN
	Status string // Attaching, Attached, Detaching, or a word that is not known
}

// The types of network instances. A VBR is attached to the transit router of its region. A CCN has a region and a
// transit router of its own, and reaches the others through the CEN.
const (
	NetworkVPC = "VPC"
	NetworkVBR = "VBR"
	NetworkCCN = "CCN"
)

// NetworkFilter says whose network instances are listed. RegionID is on whose behalf.
type NetworkFilter struct{ RegionID, CenID string }

// NetworkLister lists the network instances of a CEN. Errors are *APIError. Nothing is retried.
type NetworkLister interface {
	ListNetworks(ctx context.Context, filter NetworkFilter) (Page[Network], error)
}
