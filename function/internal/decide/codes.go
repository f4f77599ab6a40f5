package decide

import (
	_ "embed"
	"strconv"
	"strings"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Class says who can do something about an error.
type Class string

// The classes. Reconcile never reaches an outcome: the state is read again, and what is found decides.
const (
	ClassRetry     Class = "retry"     // a transient error: the same request again, later
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
	CodeTagsNotShown        = "TagsNotShown"
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
	CodeUnsigned            = event.CodeUnsigned
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
	CodeHeldBack            = cloud.CodeHeldBack
	CodeRedirected          = cloud.CodeRedirected
	CodeTooLarge            = cloud.CodeTooLarge
	CodeNotAttached         = "NotAttached"
	CodeNotOurs             = "NotOurs"
	CodeNotOptedOut         = "NotOptedOut"
)

// Codes of the services that decide something by themselves.
const (
	CodeDryRunPassed       = "DryRunOperation"
	CodeZoneOutOfPlace     = "OperationUnsupported.VcoTunnelNotMatchZoneParam"
	CodeConnectionNotFound = "InvalidVpnConnectionInstanceId.NotFound"
	CodeIdempotentFailed   = "IdempotentFailed"
)

// Marks in an advice, and what is written in their place.
const (
	permissionMark   = "{permission}" // what the refused action needs
	actionMark       = "{action}"     // its name
	askAgain         = "{ask}"        // how to have the event tried again
	askAgainSentence = "{Ask}"        // the same at the beginning of a sentence
)

// codesFile holds the table of all codes, with the meaning of its columns.
//
//go:embed codes.md
var codesFile string

// name is what a row is found by: a code, a family or an HTTP status, and the action that it is for; empty is any.
type name struct{ action, code string }

// row is all that is known of a code.
type row struct {
	class  Class
	share  int    // retried for 1/share of RETRY_HORIZON; 0 is all of it
	then   Class  // after that time, or when the state does not explain the code; empty is retry
	action string // that the row is for; empty is any
	advice string
}

// readRows reads the table: the lines of codes.md that begin with a code.
func readRows() map[name]row {
	rows := map[name]row{}
	for line := range strings.Lines(codesFile) {
		cells := strings.Split(line, "|")
		if len(cells) != 8 || strings.HasPrefix(line, "|--") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		share, _ := strconv.Atoi(strings.TrimPrefix(cells[3], "1/"))
		for action := range strings.SplitSeq(cells[5], ", ") {
			rows[name{action, cells[1]}] = row{Class(cells[2]), share, Class(cells[4]), action, cells[6]}
		}
	}
	delete(rows, name{"action", "code"}) // the heading
	return rows
}
