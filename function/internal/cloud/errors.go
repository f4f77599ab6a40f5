package cloud

import (
	"errors"
	"fmt"
	"net/http"
	"time"
)

// APIError is a service's refusal, or the lack of a usable answer. Adapters make it from
// what their SDK returns; it holds no text that was sent.
type APIError struct {
	Action     string // the API operation
	Code       string // "" when there was no usable answer
	Message    string
	RequestID  string
	Status     int           // HTTP status; 0 = nobody knows whether the call had an effect
	RetryAfter time.Duration // what the service asks to wait; 0 when it does not say
}

func (e *APIError) Error() string {
	if e.Code == "" {
		return fmt.Sprintf("calling %s: %s", e.Action, e.Message)
	}
	return fmt.Sprintf("calling %s: %s (HTTP %d): %s", e.Action, e.Code, e.Status, e.Message)
}

// CodeHeldBack says that the function itself held a call back: its share of the quota is used up until after the
// invocation, or others stand in its way. RetryAfter says for how long.
const CodeHeldBack = "HeldBack"

// HeldBack is the error of a call that the function did not make, and that is worth making after wait.
func HeldBack(action string, wait time.Duration, why string) *APIError {
	return &APIError{
		Action: action, Code: CodeHeldBack, Status: http.StatusTooManyRequests, RetryAfter: wait, Message: why,
	}
}

// CodeRedirected says that an answer sent the function to another address. No client goes there.
const CodeRedirected = "Redirected"

// CodeTooLarge says that a message does not fit into a queue. No call is made for it.
const CodeTooLarge = "MessageTooLarge"

// RefusedError says that a queue refuses messages for what they are: it takes none of them, whenever they are sent.
type RefusedError struct{ Cause *APIError } // why the first of them was refused

func (e *RefusedError) Error() string { return e.Cause.Error() }

func (e *RefusedError) Unwrap() error { return e.Cause }

// HasCode reports whether err is a service's answer with this code.
func HasCode(err error, code string) bool {
	var api *APIError
	return errors.As(err, &api) && api.Code == code
}

// EffectUnknown reports whether a call may have had its effect although it failed.
func EffectUnknown(err error) bool {
	var api *APIError
	return err != nil && (!errors.As(err, &api) || api.Status == 0)
}
