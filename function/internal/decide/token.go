package decide

import (
	"errors"
	"fmt"

	"vpn-attach/function/internal/cloud"
)

// NthToken is the client token of a request after so many of its tokens are spent, from its first one. A request is
// repeated with the same token for as long as it is worth anything, so that it has one effect at most.
func NthToken(first string, spent int) string {
	if spent == 0 {
		return first
	}
	return Digest(first, fmt.Sprint(spent))
}

// SpendsToken reports whether a service says that it remembers the failure of the request with this token: nothing can
// come of that token any more, and the next try has another one. No other answer spends a token within an attempt: a
// copy of the event, or its redelivery after a death, knows nothing of an answer that it did not get itself. Of this
// one it learns from the service, so that all of them go through the same tokens.
func SpendsToken(err error) bool { return cloud.HasCode(err, CodeIdempotentFailed) }

// IsRefusal reports whether a call certainly had no effect. A service that failed may have done what was asked.
func IsRefusal(err error) bool {
	var api *cloud.APIError
	return errors.As(err, &api) && api.Status >= 400 && api.Status < 500
}
