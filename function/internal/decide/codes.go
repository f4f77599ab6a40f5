package decide

import (
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
	CodeHeldBack            = cloud.CodeHeldBack
	CodeNotAttached         = "NotAttached"
	CodeNotOurs             = "NotOurs"
	CodeNotOptedOut         = "NotOptedOut"
)

// Codes of the services that decide something by themselves.
const (
	CodeDryRunPassed       = "DryRunOperation"
	CodeZoneOutOfPlace     = "OperationUnsupported.VcoTunnelNotMatchZoneParam"
	CodeConnectionNotFound = "InvalidVpnConnectionInstanceId.NotFound"
)

// Marks in an advice, and what is written in their place.
const (
	permissionMark   = "{permission}" // what the refused action needs
	askAgain         = "{ask}"        // how to have the event tried again
	askAgainSentence = "{Ask}"        // the same at the beginning of a sentence
)
