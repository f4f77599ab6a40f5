package decide

import (
	"fmt"
	"strings"

	"vpn-attach/function/internal/cloud"
)

// fewPlaces is from how many places on an outcome says that a transit router is almost full.
const fewPlaces = 5

// policiesPage is where the vendor says how routing policies permit what is rejected.
const policiesPage = "https://help.aliyun.com/en/cen/user-guide/routing-policy-overview/"

// apart is what the service does between attachments of these kinds.
const apart = "the service rejects traffic between VPN, VBR and CCN attachments of a transit router by a routing " +
	"policy of priority 5000, until a policy of yours permits it; see " + policiesPage + "."

// PlacesLeft is how many VPN attachments more a transit router takes, if nobody had its quota raised.
func PlacesLeft(attachments int) int { return max(0, cloud.MaxAttachments-attachments) }

// Neighbours says in sentences what else may keep a new attachment dark: what the service rejects between the
// attachments of a transit router, and that few places are left there. Attachments counts the new one as well.
func Neighbours(router cloud.Router, attachments int) (notes []string) {
	if others := attachments - 1; others > 0 {
		notes = append(notes, fmt.Sprintf("Transit router %s has other VPN attachments (%d): %s",
			router.ID, others, apart))
	}
	if left := cloud.MaxAttachments - attachments; left >= 0 && left <= fewPlaces {
		notes = append(notes, fmt.Sprintf("Transit router %s has %d of %d places for VPN attachments left, unless its "+
			"quota was raised.", router.ID, left, cloud.MaxAttachments))
	}
	return notes
}

// Networks says the same of the other networks of the transit router's CEN that the service keeps apart from a VPN
// attachment. That nothing is said proves nothing: there may be more of them than are known.
func Networks(router cloud.Router, known []cloud.Network) (notes []string) {
	count := map[string]int{}
	for _, n := range known {
		if n.Status != cloud.Detaching {
			count[n.Type]++
		}
	}
	var kinds []string
	for _, kind := range []string{cloud.NetworkVBR, cloud.NetworkCCN} {
		if count[kind] > 0 {
			kinds = append(kinds, fmt.Sprintf("%s attachments (%d)", kind, count[kind]))
		}
	}
	if len(kinds) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("%s, the CEN of transit router %s, has %s: %s",
		router.CenID, router.ID, strings.Join(kinds, " and "), apart)}
}
