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
	t.unsure = t.unsure || MayHaveWorked(err)
	if FreesToken(err, t.unsure) {
		return Token{Value: Digest(t.Value, fmt.Sprint(e.Attempt, e.Looks()))}
	}
	return t
}

// MayHaveWorked reports whether a call that failed may have had its effect: nobody, or a service that failed, answered.
func MayHaveWorked(err error) bool { return err != nil && !isRefusal(err) }

// FreesToken reports whether the next try of a request has another token after one that ended with err. unsure says
// that a call with this token may have had its effect.
func FreesToken(err error, unsure bool) bool {
	return cloud.HasCode(err, CodeIdempotentFailed) || !unsure && isRefusal(err)
}

// CreateToken is the client token of a create, from the one of its first try. The event counts its refusals, so that an
// attempt goes on where the last one ended: a create without an answer is repeated with the same token even then.
func CreateToken(e event.Event, first string) string {
	if e.Refusals == 0 {
		return first
	}
	return Digest(first, fmt.Sprint(e.Refusals))
}

// isRefusal reports whether a call certainly had no effect. A service that failed may have done what was asked.
func isRefusal(err error) bool {
	var api *cloud.APIError
	return errors.As(err, &api) && api.Status >= 400 && api.Status < 500
}
