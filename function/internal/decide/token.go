package decide

import (
	"errors"
	"fmt"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Token is the client token of one request through its tries. A call that may have had its effect is repeated with the
// same token, so that it has one effect at most. A definite refusal frees the token: a service may remember that the
// request failed, and answer IdempotentFailed to its token whatever has changed, so the next try has another one.
type Token struct {
	Value  string
	unsure bool // a call with this token may have had its effect
}

// After gives the token of the try after one that ended with err. It depends on the event and its attempt alone, so
// that a redelivery goes through the same tokens.
func (t Token) After(e event.Event, err error) Token {
	t.unsure = t.unsure || err != nil && !isRefusal(err)
	if cloud.HasCode(err, CodeIdempotentFailed) || err != nil && !t.unsure {
		return Token{Value: Digest(t.Value, fmt.Sprint(e.Attempt, e.Looks()))}
	}
	return t
}

// isRefusal reports whether a call certainly had no effect. A service that failed may have done what was asked.
func isRefusal(err error) bool {
	var api *cloud.APIError
	return errors.As(err, &api) && api.Status >= 400 && api.Status < 500
}
