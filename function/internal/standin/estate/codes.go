package estate

import (
	"net/http"
	"strings"
)

// The error codes that the stand-in answers at more than one place.
const (
	codeMissingParameter   = "MissingParameter"
	codeConnectionNotFound = "InvalidVpnConnectionInstanceId.NotFound"
	codeDryRun             = "DryRunOperation"
	codeInvalidParameter   = "InvalidParameter"
	codeIllegalRegion      = "IllegalParam.RegionId"
	codeRouterNotFound     = "InvalidTransitRouterId.NotFound"
	codeVPNNotFound        = "InvalidVpnId.NotFound"
	codeResourceStatus     = "InvalidStatus.ResourceStatus"
	codeQuotaFull          = "QuotaFull.ChildInstanceRelatedCen"
	codeAttachmentNotFound = "InvalidTransitRouterAttachmentId.NotFound"
	codeAttachmentStatus   = "IncorrectStatus.Attachment"
)

// messages has a line for each known code: the page of CreateTransitRouterVpnAttachment word for word, and after the
// empty line the texts of other pages of the same services (assumed to be the same here). A line that begins with a
// space continues the one before.
const messages = `
NoPermission.AliyunServiceRolePolicyForCEN You are not authorized to create the service linked role. Role Name:
 AliyunServiceRolePolicyForCEN. Service Name: cen.aliyuncs.com. Make sure that the user has been granted the
 ram:CreateServiceLinkedRole permission.
OperationUnsupported.TransitRouterRegionId The specified TransitRouterRegion does not support the operation.
InvalidCenId.NotFound CenId is not found.
InvalidStatus.ResourceStatus The resource is not in a valid state for the attachment operation.
InvalidTransitRouterId.NotFound TransitRouterId is not found.
Forbbiden.TransitRouterServiceNotOpen The user has not open transit router service.
InvalidTransitRouterMode.NeedUpgrade TransitRouter need to upgrade.
InvalidAvailable.NoResource No resource in the available zone.
OperationUnsupported.VpnAttachment The specified region does not support the operation.
OperationUnsupported.TransitRouterType The specified TransitRouterType does not support the operation.
OperationFailed.AllocateCidrFailed Operation failed because vpn allocate cidr failed.
OperationUnsupported.ZoneId The specified ZoneId does not support the operation.
MissingParam.CenIdOrRegionId Either CenId or RegionId must be specified.
IllegalParam.RegionId RegionId is illegal.
OperationUnsupported.CenFullLevel CEN full level does not support TransitRouter
InvalidOperation.CenInstanceStatus The CEN instance is not in a valid state for the operation.
IllegalParam.ZoneMappings The Specified Parameter ZoneMappings is illegal
IncorrectStatus.TransitRouter The status of TransitRouter is incorrect.
InvalidOperation.VpnNetworkTypeInvalid The network type of child-instance is invalid.
QuotaExceeded.CenQuotaVpnAttachPerTransitRouter The maximum number of VPN attachment per Transit Router is exceeded.
QuotaFull.ChildInstanceRelatedCen The childinstance has exceed the quota of the times that a childinstance can be
 attached as an attachment.
Forbidden.ResourceOwnerTransitRouterServiceNotOpen The resource owner user has not opened transit router service.
OperationUnsupported.VcoTunnelNotMatchZoneParam The tunnel type of the entered Vco does not match the Zone parameter.
Forbidden.ResourceOwnerTransitRouterServiceExpired The transit router service of the account to which the resource
 belongs has been suspended due to arrears. Please notify the other party to renew the service and try again.
Forbidden.TransitRouterServiceExpired The transit router service is out of service.
InvalidParameter Invalid parameter.
Unauthorized The AccessKeyId is unauthorized.
IllegalParam.TransitRouterRegionId TransitRouterRegionId is illegal.
InvalidVpnId.NotFound The specified vpn connection instance id does not exist.
InvalidParameter.ResourceType The specified parameter ResourceType is invalid.
InvalidParameter.VpnId The specified parameter VpnId is invalid.
IllegalParam.ChargeType The specified ChargeType is illegal.

DryRunOperation Request validation has been passed with DryRun flag set.
IdempotentParameterMismatch The request uses the same client token as a previous, but non-identical request.
InvalidVpnConnectionInstanceId.NotFound The specified vpn connection instance id does not exist.
InvalidTransitRouterAttachmentId.NotFound TransitRouterAttachmentId is not found.
InvalidTransitRouterRouteTableId.NotFound TransitRouterRouteTableId is not found.
IncorrectStatus.Attachment The status of the attachment is incorrect.
InvalidOperation.AssociationExist The attachment is already associated with a route table.
InvalidOperation.PropagationExist The attachment already propagates to the route table.
OperationFailed.RouteTableAssociationExist Operation failed because TransitRouterRouteTable exists.
OperationFailed.RouteTablePropagationExist Operation failed because RouteTablePropagation exists.
IncorrectStatus.VpnAttachment The status of the IPsec-VPN connection does not support the operation: it is attached to
 a transit router.
InvalidResourceId.NotFound The specified ResourceId does not exist.
InvalidAction.NotFound Specified api is not found, please check your url and method.
MissingParameter An input parameter that is mandatory for processing this request is not supplied.
RequestBodyTooLarge The request body is too large.
Throttling Request was denied due to request throttling.
Throttling.User Request was denied due to user flow control.
Throttling.Api Request was denied due to api flow control.
ServiceUnavailable The request has failed due to a temporary failure of the server.
InternalError The request processing has failed due to some unknown error.
Operation.Blocking The resource is being operated by another request, please try again later.
InvalidSecurityToken.Expired Specified SecurityToken is expired.
SignatureNonceUsed Specified signature nonce was used already.
`

// message is the service's text for a code; an unknown code, which only a fault can ask for, gets a neutral text.
func message(code string) string {
	for line := range strings.Lines(strings.ReplaceAll(messages, "\n ", " ")) {
		if name, text, _ := strings.Cut(strings.TrimSpace(line), " "); name == code && code != "" {
			return text
		}
	}
	return "The request failed."
}

// statusOf is the HTTP status of a code. All errors on the page of CreateTransitRouterVpnAttachment are 400; for an
// unknown VPN connection 404 is assumed.
func statusOf(code string) int {
	if code == codeConnectionNotFound {
		return http.StatusNotFound
	}
	return http.StatusBadRequest
}
