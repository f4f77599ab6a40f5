package decide

import (
	"fmt"

	"vpn-attach/function/internal/cloud"
)

// fewPlaces is from how many places on an outcome says that a transit router is almost full.
const fewPlaces = 5

// policiesPage is where the vendor says how routing policies permit what is rejected.
const policiesPage = "https://help.aliyun.com/en/cen/user-guide/routing-policy-overview/"

// PlacesLeft is how many VPN attachments more a transit router takes, if nobody had its quota raised.
func PlacesLeft(attachments int) int { return max(0, cloud.MaxAttachments-attachments) }

// Neighbours says in sentences what else may keep a new attachment dark: what the service rejects between the
// attachments of a transit router, and that few places are left there. Attachments counts the new one as well.
func Neighbours(router cloud.Router, attachments int) (notes []string) {
	if others := attachments - 1; others > 0 {
		notes = append(notes, fmt.Sprintf("Transit router %s has other VPN attachments (%d): the service rejects "+
			"traffic between VPN, VBR and CCN attachments of a transit router by a routing policy of priority 5000, "+
			"until a policy of yours permits it; see %s.", router.ID, others, policiesPage))
	}
	if left := cloud.MaxAttachments - attachments; left >= 0 && left <= fewPlaces {
		notes = append(notes, fmt.Sprintf("Transit router %s has %d of %d places for VPN attachments left, unless its "+
			"quota was raised.", router.ID, left, cloud.MaxAttachments))
	}
	return notes
}
