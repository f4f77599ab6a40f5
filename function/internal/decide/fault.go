package decide

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// End is an error that ends the work for an event: it is refused, or there is nothing to do.
type End struct {
	Status  Status // StatusFailed, StatusConflict or StatusSkipped
	Code    string
	Message string
	Advice  string // empty: what the code table says
}

func (e *End) Error() string { return e.Code + ": " + e.Message }

// Fail gives the End of an event that cannot be done.
func Fail(code, format string, args ...any) *End {
	return &End{Status: StatusFailed, Code: code, Message: printable(fmt.Sprintf(format, args...))}
}

// advise replaces what the code table advises.
func (e *End) advise(format string, args ...any) *End {
	e.Advice = fmt.Sprintf(format, args...)
	return e
}

// Conflict gives the End of an event whose connection is bound elsewhere. Nothing is touched:
// what is bound is never moved.
func Conflict(code, format string, args ...any) *End {
	end := Fail(code, format, args...)
	end.Status = StatusConflict
	return end
}

// Skip gives the End of an event with nothing to do.
func Skip(code string) *End { return &End{Status: StatusSkipped, Code: code} }

// Fault is what an outcome says of a failure.
type Fault struct {
	Code       string `json:"code"`
	Class      Class  `json:"class"`
	Exhausted  bool   `json:"exhausted"` // a transient error that outlived every retry
	Message    string `json:"message"`
	Advice     string `json:"advice"`
	RequestID  string `json:"requestId,omitempty"`
	HTTPStatus int    `json:"httpStatus,omitempty"`

	known row // what the table says of it
}

// Codes know every error: by exact code, then by family, then by HTTP status; of one action first, then of any.
type Codes struct {
	rows      func() map[name]row // read when it is needed: most events meet no error
	overrides map[string]Class    // the operator's, whatever the table says of a code
}

// NewCodes gives the table of all codes with an operator's additions and corrections (ERROR_CLASSES).
func NewCodes(overrides map[string]Class) Codes {
	return Codes{sync.OnceValue(readRows), maps.Clone(overrides)}
}

// lookup gives what is known of an answer, with the operator's word on its class.
func (c Codes) lookup(answer cloud.APIError) row {
	found := c.rows()[c.name(answer)]
	if class, overridden := c.overrides[answer.Code]; overridden {
		found.class, found.share, found.then = class, 0, ""
	}
	return found
}

// name is how the table names an answer: by its code as it is, by its form, or by its HTTP status.
func (c Codes) name(answer cloud.APIError) name {
	if found, known := c.named(answer.Action, answer.Code); known {
		return found
	}
	if strings.Contains(strings.ToLower(answer.Code), "throttling") {
		return name{"", "*throttling*"}
	}
	for end := len(answer.Code); end > 0; end-- {
		if found, known := c.named(answer.Action, answer.Code[:end]+"*"); known {
			return found
		}
	}
	return name{"", statusName(answer.Status)}
}

// named finds a row: of the action if there is one, else of any.
func (c Codes) named(action, code string) (found name, known bool) {
	for _, found = range []name{{action, code}, {"", code}} {
		if _, known = c.rows()[found]; known {
			return found, true
		}
	}
	return name{}, false
}

// statusName is how the table names an HTTP status.
func statusName(status int) string {
	switch {
	case status == 400, status == 403, status == 409:
		return fmt.Sprint("HTTP ", status)
	case status == 0 || status == 408 || status == 429 || status >= 500:
		return "HTTP 5xx"
	}
	return "any other"
}

// of gives what is known of an error of any kind. A deadline that passed or a broken connection is a lack of answer.
func (c Codes) of(err error) row {
	var end *End
	if errors.As(err, &end) {
		return c.lookup(cloud.APIError{Code: end.Code})
	}
	return c.lookup(answerOf(err))
}

// ClassOf classifies an error. ClassReconcile means that the state must be read again: what is found then decides, and
// only if it explains nothing, the fault stands.
func (c Codes) ClassOf(err error) Class { return c.of(err).class }

// MayPass reports whether the state of an event that ended with err may be another in a moment, so that it is worth
// reading again at once. A connection that does not exist may be so new that it is not visible yet, if it is the cloud
// that tells of it; of one that a request names, only the next attempts look again.
func (c Codes) MayPass(e event.Event, err error) bool {
	if cloud.HasCode(err, CodeConnectionNotFound) && !strings.Contains(e.Type, ":ActionTrail:") {
		return false
	}
	return c.ClassOf(err) == ClassReconcile
}

// answerOf is what a service answered, or that it gave no answer.
func answerOf(err error) cloud.APIError {
	var api *cloud.APIError
	if !errors.As(err, &api) {
		return cloud.APIError{Code: CodeNoAnswer, Message: "the service gave no usable answer in time"}
	}
	answer := *api
	if answer.Code == "" && answer.Status == 0 {
		answer.Code = CodeNoAnswer
	}
	return answer
}

// Fault gives what an outcome says of err.
func (c Codes) Fault(err error) Fault {
	found := c.of(err)
	fault := found.fault(err)
	fault.Class, fault.known = found.class, found
	if found.class == ClassReconcile {
		fault.Class = cmp.Or(found.then, ClassRetry)
	}
	var role roleError
	if errors.As(err, &role) && fault.Class != ClassRetry && found.action == "" {
		fault.Class, fault.Advice = ClassOperator, role.advice
	}
	return fault
}

// fault repeats an end, or a service's answer, with advice for the action that it answered.
func (r row) fault(err error) Fault {
	var end *End
	if errors.As(err, &end) {
		return Fault{Code: end.Code, Message: end.Message, Advice: cmp.Or(end.Advice, r.advice)}
	}
	api := answerOf(err)
	message := api.Message
	if api.Action != "" {
		message = api.Action + ": " + message
	}
	marks := strings.NewReplacer(
		permissionMark, cloud.Permission(api.Action), actionMark, cmp.Or(api.Action, "the function"))
	return Fault{
		Code: printable(cmp.Or(api.Code, CodeNoAnswer)), Message: printable(message),
		RequestID: printable(api.RequestID), HTTPStatus: api.Status,
		Advice: marks.Replace(r.advice),
	}
}

// finished writes into an advice how to have the event tried again, where that helps.
func (f Fault) finished(e event.Event) Fault {
	ask := askWords(e)
	if f.Exhausted {
		ask = "then move its dead letter back to the queue (scripts/vpn-attach redrive)"
	}
	f.Advice = strings.NewReplacer(askAgain, ask, askAgainSentence, strings.ToUpper(ask[:1])+ask[1:]).Replace(f.Advice)
	return f
}

// askWords say how a person asks for the same again: for the same account and region, and
// for a dry run only if it was one.
func askWords(e event.Event) string {
	const invoke = "then invoke the function with "
	same := fmt.Sprintf(`"vpnConnectionId":"%s","regionId":"%s","ownerId":"%s","dryRun":%t`,
		e.ConnectionID, e.RegionID, e.OwnerID, e.DryRun)
	switch {
	case len(e.Wishes) > 0:
		return "then send the request again"
	case e.Detach:
		return invoke + fmt.Sprintf(`{"detach":{%s,"force":%t}}`, same, e.Force)
	}
	return invoke + "{" + same + "}, or leave it to the next sweep where SWEEP=attach"
}
