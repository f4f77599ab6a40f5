package attach

import (
	"errors"
	"maps"
	"strings"
	"sync"

	"vpn-attach/function/internal/event"
)

// Class says who can do something about an error.
type Class string

// The classes. Reconcile never reaches an outcome: the state is read again, and
// what is found decides.
const (
	ClassRetry     Class = "retry"     // passes by itself: the same request again, later
	ClassReconcile Class = "reconcile" // somebody else may have acted: read the state again
	ClassOperator  Class = "operator"  // a person must act
	ClassPermanent Class = "permanent" // the request itself is wrong
	ClassMalformed Class = "malformed" // the message is wrong
)

// Codes of our own, beside those of the services. They are a contract.
const (
	CodeNoTarget            = "NoTarget"
	CodeOptedOut            = "OptedOut"
	CodeTargetNotFound      = "TargetNotFound"
	CodeTargetAmbiguous     = "TargetAmbiguous"
	CodeConsentMissing      = "ConsentMissing"
	CodeRouterNotEnterprise = "RouterNotEnterprise"
	CodeRouterNotActive     = "RouterNotActive"
	CodeRouterWithoutCIDR   = "RouterWithoutCidr"
	CodeOtherRegion         = "OtherRegion"
	CodeBoundToGateway      = "BoundToGateway"
	CodeAttachedElsewhere   = "AttachedElsewhere"
	CodeConnectionBusy      = "ConnectionBusy"
	CodeConnectionLocked    = "ConnectionLocked"
	CodeNameInvalid         = "NameInvalid"
	CodeGone                = "Gone"
	CodeMalformed           = event.CodeMalformed
	CodeOversize            = event.CodeOversize
	CodeNotAllowed          = "NotAllowed"
	CodeNoAnswer            = "NoAnswer"
	CodeInternal            = "Internal"
	CodeUnknownVersion      = "UnknownVersion"
	CodeConfirmTimeout      = "ConfirmTimeout"
	CodeVanished            = "Vanished"
	CodeTableUnknown        = "RouteTableUnknown"
	CodeTableAmbiguous      = "RouteTableAmbiguous"
	CodeTableElsewhere      = "RouteTableElsewhere"
	CodeGrantMissing        = "GrantMissing"
	CodeHeldBack            = "HeldBack"
	CodeNotAttached         = "NotAttached"
	CodeNotOurs             = "NotOurs"
	CodeNotOptedOut         = "NotOptedOut"
)

// Codes of the services that decide something by themselves.
const (
	codeDryRunPassed       = "DryRunOperation"
	codeZoneOutOfPlace     = "OperationUnsupported.VcoTunnelNotMatchZoneParam"
	codeConnectionNotFound = "InvalidVpnConnectionInstanceId.NotFound"
)

// Known is what the table says of a code.
type Known struct {
	Class  Class
	Advice string // what the reader of an outcome should do now
}

// ErrorTable knows every error: by exact code, then by documented family, then by
// HTTP status.
type ErrorTable struct {
	exact     func() map[string]Known // built when it is needed: most events meet no error
	overrides map[string]Class        // the operator's, whatever is known of a code otherwise
}

// NewErrorTable gives the table with an operator's additions and corrections.
func NewErrorTable(overrides map[string]Class) ErrorTable {
	exact := sync.OnceValue(func() map[string]Known {
		all := map[string]Known{}
		for _, rows := range []map[string]Known{ownErrors(), attachErrors(), sharedErrors()} {
			maps.Copy(all, rows)
		}
		return all
	})
	return ErrorTable{exact: exact, overrides: maps.Clone(overrides)}
}

// Lookup classifies a service's answer. What cannot be recognised is taken for
// passing when the service failed (5xx, no answer) or answered an unknown 400,
// which on these APIs is mostly a passing state, and for an operator's matter when
// it refused (403).
func (t ErrorTable) Lookup(code string, status int) Known {
	known := t.known(code, status)
	if class, found := t.overrides[code]; found {
		known.Class = class
	}
	return known
}

func (t ErrorTable) known(code string, status int) Known {
	if known, found := t.exact()[code]; found {
		return known
	}
	if known, found := family(code); found {
		return known
	}
	switch {
	case status == 403:
		return Known{ClassOperator, "Grant the function's RAM role " + permissionMark + ", then replay the event."}
	case status == 0 || status == 400 || status == 408 || status == 429 || status >= 500:
		return Known{ClassRetry, "Replay the event. If the code keeps coming back, look it up and classify it with ERROR_CLASSES."}
	}
	return Known{ClassPermanent, "Look the code up in the service's documentation; classify it with ERROR_CLASSES if it should be tried again."}
}

// family recognises codes by the documented patterns of their names.
func family(code string) (Known, bool) {
	lower := strings.ToLower(code)
	switch {
	case strings.Contains(lower, "throttling"):
		return Known{ClassRetry, "Wait: the API quota of the account is used up. Fewer parallel callers or a higher quota help."}, true
	case strings.HasPrefix(code, "IncorrectStatus."):
		return Known{ClassRetry, "Wait until the named resource has settled, then replay the event."}, true
	case strings.HasPrefix(code, "Forbidden"), strings.HasPrefix(code, "Forbbiden"), strings.HasPrefix(code, "NoPermission"):
		return Known{ClassOperator, "Grant the function's RAM role " + permissionMark + ", or open the service, as the message says; then replay the event."}, true
	}
	return Known{}, false
}

// Of classifies an error of any kind; a deadline that ran out or a broken
// connection is a lack of answer.
func (t ErrorTable) Of(err error) Class {
	api := answerOf(err)
	return t.Lookup(api.Code, api.Status).Class
}

// answerOf is what a service answered, or that it gave no answer.
func answerOf(err error) APIError {
	var api *APIError
	if !errors.As(err, &api) {
		return APIError{Code: CodeNoAnswer, Message: "the service gave no usable answer in time"}
	}
	answer := *api
	if answer.Code == "" && answer.Status == 0 {
		answer.Code = CodeNoAnswer
	}
	return answer
}

// Fault gives what an outcome says of err.
func (t ErrorTable) Fault(err error) *Fault {
	api := answerOf(err)
	known := t.Lookup(api.Code, api.Status)
	if api.Code == "" {
		api.Code = CodeNoAnswer
	}
	message := api.Message
	if api.Action != "" {
		message = api.Action + ": " + message
	}
	return &Fault{
		Code: printable(api.Code), Class: known.Class,
		Message: printable(message), Advice: adviceFor(api, known),
		RequestID: printable(api.RequestID), HTTPStatus: api.Status,
	}
}

// adviceFor names the permission that a refused action needs, and keeps advice that is
// about the create call to the create call.
func adviceFor(api APIError, known Known) string {
	if permission := permissions()[api.Action]; strings.Contains(known.Advice, permissionMark) {
		if permission == "" {
			permission = "the refused action"
		}
		return strings.ReplaceAll(known.Advice, permissionMark, permission)
	}
	if _, ofCreate := attachErrors()[api.Code]; ofCreate && api.Action != "" && api.Action != ActionCreate && known.Class == ClassPermanent {
		return "The service refuses what " + api.Action + " was asked for: check the tags and the region against the message, then report it as a fault of the function."
	}
	return known.Advice
}
