package estate

import (
	"net/http"
	"strings"
)

// The error codes that the stand-in answers at more than one place.
const (
	codeMissingParameter     = "MissingParameter"
	codeConnectionNotFound   = "InvalidVpnConnectionInstanceId.NotFound"
	codeDryRun               = "DryRunOperation"
	codeInvalidParameter     = "InvalidParameter"
	codeIllegalRegion        = "IllegalParam.RegionId"
	codeRouterNotFound       = "InvalidTransitRouterId.NotFound"
	codeVPNNotFound          = "InvalidVpnId.NotFound"
	codeResourceStatus       = "InvalidStatus.ResourceStatus"
	codeNoPermission         = "NoPermission"
	codeForbidden            = "Forbidden.RAM"
	codeQuotaFull            = "QuotaFull.ChildInstanceRelatedCen"
	codeAttachmentNotFound   = "InvalidTransitRouterAttachmentId.NotFound"
	codeAttachmentIDNotFound = "InvalidAttachmentId.NotFound"
	codeTableNotFound        = "InvalidRouteTableId.NotFound"
	codeInstanceNotFound     = "InvalidInstanceId.NotFound"
	codeInstancesNotFound    = "InvalidInstanceIds.NotFound"
	codeRouterType           = "OperationFailed.TransitRouterType"
	codeRouterStatus         = "IncorrectStatus.TransitRouterInstance"
	codeConfiguring          = "VpnConnection.Configuring"
	codeInvalidName          = "InvalidName"
	codeAssociated           = "AssociationExist.TransitRouterTable"
	codeGrantMissing         = "OperationFailed.GrantCrossAccountNotExist"
	codeBindingStatus        = "IncorrectStatus.AttachmentOrRouteTable"
	codeOtherTable           = "IllegalParam.TransitRouterTableId"
	codeIllegalMaxResults    = "IllegalParam.MaxResults"
	codeTagQuota             = "QuotaExceeded.TagNum"
	codeMissingParam         = "MissingParam"
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
OperationFailed.RouteTableAssociationExist Operation failed because TransitRouterRouteTable exists.
OperationFailed.RouteEntryExist Operation failed because the TransitRouterAttachment exists in RouteTable.
OperationFailed.NotSupportForceDelete Not support force delete attachment.
IncorrectStatus.ResourceStatus The resource is not in a valid state for the attachment operation.
OperationFailed.RouteTablePropagationExist Operation failed because You are not allowed to delete TransitAttachment
 with TransitRouter RouteTable Associated.
OperationFailed.PrefixListExist Operation failed because PrefixList exists.
OperationFailed.FlowLogExistOrNisOpened Operation failed because FlowLog exists or Nis opened.
IllegalParam.NextToken The specified NextToken is invalid.
IllegalParam.TrInstance The specified TransitRouter is invalid.
IllegalParam.Region The specified Region is invalid.
IllegalParam.CenId The specified CenId is invalid.
IllegalParam.CenIdOrRegionId The specified CenId or RegionId is invalid.
IllegalParam.TransitRouterId The specified TransitRouterId is illegal.
IllegalParam.MaxResults The specified MaxResults is invalid.
InvalidParameterCombination.TransitRouter Region ID is required if no TransitRouterId or CenId specified.
InvalidOperation.UnsupportFilterValue The specified FeatureFilter Value is not supported by this operation.
InvalidOperation.UnsupportFilter The specified FeatureFilter is not supported by this operation.
IllegalParam.TagValue The tag values are not valid.
IllegalParam.TagKey The tag keys are not valid.
MissingParam.TransitRouterIdOrTransitRouterRouteTables Either TransitRouterId or TransitRouterRouteTables must be
 specified.
InvalidName Name is invalid.
AssociationExist.TransitRouterTable The specified association already exists.
OperationFailed.TransitRouterType Operation failed because transit router type not support this operation.
IncorrectStatus.AttachmentOrRouteTable The resource is not in a valid state for the operation.
IllegalParam.TransitRouterTableId The specified TransitRouterTableId is invalid.
OperationUnsupported.Associate The specified attachment or routeTable is not supported by this operation.
InvalidRouteTableId.NotFound The specified RouteTableId is not found.
InvalidAttachmentId.NotFound The specified AttachmentId is not found.
IncorrectStatus.TransitRouterInstance The status of TransitRouter is incorrect.
InvalidParameter.TransitRouterAttachmentId The specified parameter TransitRouterAttachmentId is invalid.
InvalidParameter.TransitRouterRouteTableId The specified parameter TransitRouterRouteTableId is invalid.
OperationUnsupported.EnablePropagation The specified attachment or routeTable is not supported by this operation.
InvalidParameter.RegionId The specified Region Id is invalid.
MissingParameter.RegionId Missing RegionId parameter.
OverLappingExist.Cidr The cidr overlapping exist.
IllegalParam.Cidr The specified cidr is invalid.
InstanceNotExist The instance is not exist.
InvalidTagKey The tag keys are not valid.
InvalidTagValue The tag values are not valid.
MissingParam A parameter is missing.
InvalidInstanceIds.NotFound The instanceIds are not found
QuotaExceeded.TagNum Custom Tags quota exceeded
SizeLimitExceeded.ResourceIdNum The ResourceIds parameter's number is exceed , Valid : 20
MissingParameter.TagValue The specified parameter TagValue is missing
IllegalParamLength.Tag The specified length of Tag is invalid.
DuplicatedParam.TagKey The parameter TagKey is duplicated.
MissingParameter.TagKey TagKey must be specified.
Forbidden.TagKey.Duplicated The specified tag key already exists.
SizeLimitExceeded.TagNum The maximum number of tags is exceeded.
InvalidParameter.TagValue The specified parameter TagValue is invalid.
InvalidParameter.TagKey The specified parameter TagKey is invalid.
Duplicated.TagKey The specified parameter TagKey is duplicated.
NotSupportVpnConnectionParameter.IpsecPfs The specified vpn connection ipsec Ipsec Pfs is not support.
NotSupportVpnConnectionParameter.IpsecAuthAlg The specified vpn connection ipsec Auth Alg is not support.
InvalidParameter.VpnConnectionName The specified vpn connection name is invalid.
MissingParameter.TunnelCidr The parameter TunnelCidr is mandatory when BGP is enabled.
InvalidParameter.BgpConfig The specified BgpConfig is invalid.
IllegalParam.LocalAsn The specified LocalAsn is invalid.
IllegalParam.TunnelCidr The specified TunnelCidr is invalid.
InvalidLocalBgpIp.Malformed The specified LocalBgpIp is malformed.
IllegalParam.LocalBgpIp The specified LocalBgpIp is invalid.
IllegalParam.LocalSubnet The specified "LocalSubnet" is invalid.
IllegalParam.RemoteSubnet The specified "RemoteSubnet" is invalid.
InvalidTunnelCidr.Malformed The specified TunnelCidr is malformed.
MissingParameter.TunnelOptionsSpecification The required parameters are missing when creating a tunnel for dual-tunnel
 VPN.
VpnConnection.InvalidCreateTunnelOptions The master and slave tunnels must be created at the same time.
VpnConnection.Configuring The specified service is configuring.
Vco.StatusNotSupport The current VCO status does not support operations such as modification and deletion.
CrossAccountAuthorizedVco.NotAllowDelete Current vpn connection is cross account authorized to cen, should delete
 cross account authorization first.
SizeLimitExceeded.ResourceId The maximum number of resource IDs is exceeded.
MissingParam.Tags You must specify the Tags parameter.
DuplicatedParam.ResourceIds The parameter of ResourceIds contains duplicate values.
VpnConnection.FinancialLocked The specified service is financial locked.
IllegalParam.BgpConfig The specified BgpConfig is invalid.
IllegalParam.NetworkType The specified NetworkType is invalid.
ModifyIkeV1WithMultiRoutes.Invalid Failed to modify VPN connection parameters. Multi-network is configured while using
 IkeV1 protocol.
ParameterCenInstanceId The CEN instance does not exist.
InvalidVbr.NotFound vbr is not found.
OperationFailed.GrantCrossAccountExist Cross-account authorization already exists.
OperationFailed.GrantCrossAccountNotExist Cross-account authorization does not exist.
InvalidInstanceId.NotFound InstanceId is not found.
IncorrectStatus.TransitRouterAttachmentId The resource is not in a valid state for the attachment operation.
InvalidParameter.OrderType The specified parameter OrderType is invalid.
InvalidOperation.OrderTypeMustMatchGrantCrossAccount The OrderType must be the same as the OrderType in the grant
 cross-account record.
OperationUnsupported.dissociateRouteTable The specified attachment or routeTable is not supported by this operation.
OperationUnsupported.DisablePropagation The specified attachment or routeTable is not supported by this operation.
InvalidInstanceType.NotFound The instance type is not found
BothEmpty.TagsAndResources Both of Tags and ResourceIds is empty.
MissingParam.ResourceType The param of ResourceType is missing.
NoPermission You are not authorized to perform this operation.
Forbidden.RAM User not authorized to operate on the specified resource, or this API doesn't support RAM.
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

// statusOf is the HTTP status of a code that an operation answers. All errors on the page of
// CreateTransitRouterVpnAttachment are 400.
func statusOf(action, code string) int {
	switch code {
	case codeConnectionNotFound, codeInstanceNotFound, codeTableNotFound:
		return http.StatusNotFound
	case codeAttachmentIDNotFound:
		if action != "DisableTransitRouterRouteTablePropagation" {
			return http.StatusNotFound
		}
	}
	return http.StatusBadRequest
}
