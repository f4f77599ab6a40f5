package attach

import (
	"time"

	"vpn-attach/function/internal/cloud"
)

// permissionMark stands in an advice for the permission that the refused action needs.
const permissionMark = "{permission}"

// permissions are what the function's RAM role needs for each call that it makes.
func permissions() map[string]string {
	return map[string]string{
		ActionInventory:          "vpc:DescribeVpnConnections",
		ActionDescribe:           "vpc:DescribeVpnConnection",
		ActionRouters:            "cen:ListTransitRouters",
		ActionAttachments:        "cen:ListTransitRouterVpnAttachments",
		ActionCreate:             "cen:CreateTransitRouterVpnAttachment on the transit router and its CEN",
		ActionDelete:             "cen:DeleteTransitRouterVpnAttachment on the attachment",
		ActionGrants:             "cen:DescribeGrantRulesToCen on the CEN",
		ActionAssumeRole:         "sts:AssumeRole on the other account's role",
		ActionTables:             "cen:ListTransitRouterRouteTables",
		cloud.ActionAssociations: "cen:ListTransitRouterRouteTableAssociations",
		cloud.ActionPropagations: "cen:ListTransitRouterRouteTablePropagations",
		cloud.ActionAssociate:    "cen:AssociateTransitRouterAttachmentWithRouteTable on the route table and the attachment",
		cloud.ActionPropagate:    "cen:EnableTransitRouterRouteTablePropagation on the route table and the attachment",
		"PublishMessage":         "mns:PublishMessage on the topic",
		"BatchSendMessage":       "mns:SendMessage on the queue",
	}
}

// ownErrors are the codes that this function makes. Where the remedy depends on the
// case (which tag, which candidates), the stage that refuses writes the advice.
func ownErrors() map[string]Known {
	return map[string]Known{
		CodeTargetNotFound:      {ClassPermanent, "Correct the tag on the VPN connection, or create what it names; then replay the event."},
		CodeTargetAmbiguous:     {ClassOperator, "Name one transit router by its id (tr-…) in the tag of the VPN connection."},
		CodeConsentMissing:      {ClassOperator, ""},
		CodeRouterNotEnterprise: {ClassPermanent, "VPN attachments need an Enterprise Edition transit router: name one in the tag of the VPN connection."},
		CodeRouterNotActive:     {ClassRetry, "Wait until the transit router is Active, then replay the event."},
		CodeRouterWithoutCIDR:   {ClassOperator, "Give the transit router a CIDR block (CreateTransitRouterCidr, /16 to /24), then replay the event."},
		CodeOtherRegion:         {ClassPermanent, "A VPN connection attaches to a transit router of its own region: name one in the tag."},
		CodeBoundToGateway:      {ClassPermanent, "The VPN connection belongs to a VPN gateway and can not attach to a transit router. Create one with CreateVpnAttachment, or remove the tag."},
		CodeAttachedElsewhere:   {ClassOperator, "Nothing was moved. Correct the tag, or detach the VPN connection from the other transit router and replay the event."},
		CodeConnectionBusy:      {ClassRetry, "Wait until the VPN connection has settled, then replay the event."},
		CodeConnectionLocked:    {ClassOperator, "Settle the overdue payment of the account that owns the VPN connection, then replay the event."},
		CodeNameInvalid:         {ClassPermanent, "Correct the tag: names have 2 to 128 characters, begin with a letter and do not begin with http:// or https://; descriptions have at most 256."},
		CodeMalformed:           {ClassMalformed, "Correct the producer of the message. The message itself is in no log, since it may hold pre-shared keys."},
		CodeOversize:            {ClassMalformed, "Send smaller messages: 64 KB is the most that a queue takes."},
		CodeNotAllowed:          {ClassMalformed, "If it should be served, add the region to REGIONS."},
		CodeNoAnswer:            {ClassRetry, "Replay the event: the same request is repeated safely. If it persists, check the endpoint and the network of the function."},
		CodeUnknownVersion:      {ClassOperator, "Deploy a version of the function that understands it, then replay the dead letter."},
		CodeConfirmTimeout:      {ClassRetry, "Look at the attachment in the console: it should not take this long. Ask the vendor, then replay the dead letter: it takes up where this ended."},
		CodeVanished:            {ClassOperator, "Find out who detached it. Replay the event to attach it again, or tag the VPN connection with none."},
		CodeTableUnknown:        {ClassOperator, ""},
		CodeTableAmbiguous:      {ClassOperator, ""},
		CodeTableElsewhere:      {ClassOperator, "Nothing was moved. Correct the tag, or dissociate the attachment from the other route table; then replay the event."},
		CodeGrantMissing:        {ClassOperator, ""},
		CodeNotOurs:             {ClassOperator, "Detach it where it was attached: what this function did not make it does not end."},
		CodeNotOptedOut:         {ClassOperator, ""},
		CodeHeldBack:            {ClassRetry, "Wait: this function uses its share of the API quotas alone. Raise QUOTA_SHARE, or the quotas and QUOTAS."},
		CodeInternal:            {ClassOperator, "Report this as a fault of the function, with the log of the request id."},
	}
}

// attachErrors are the 32 codes of the API page of CreateTransitRouterVpnAttachment.
// All of them are answered with HTTP 400, so the status says nothing.
func attachErrors() map[string]Known {
	return map[string]Known{
		"InvalidStatus.ResourceStatus":                    {ClassReconcile, "The VPN connection is in a state that can not be attached yet: wait, then replay the event."},
		"IncorrectStatus.TransitRouter":                   {ClassRetry, "The transit router is being changed: wait, then replay the event."},
		"InvalidOperation.CenInstanceStatus":              {ClassRetry, "The CEN instance is being changed: wait, then replay the event."},
		"OperationFailed.AllocateCidrFailed":              {ClassRetry, "Check that the transit router has a CIDR block with free addresses: the first VPN attachment reserves three blocks of it."},
		"InvalidVpnId.NotFound":                           {ClassRetry, "Check that the VPN connection exists in this region and account."},
		"QuotaFull.ChildInstanceRelatedCen":               {ClassReconcile, "The VPN connection is attached already: look for its attachment on another transit router."},
		"OperationUnsupported.VcoTunnelNotMatchZoneParam": {ClassPermanent, "Remove the zone tag: a dual-tunnel VPN connection takes its zones itself."},
		"InvalidAvailable.NoResource":                     {ClassOperator, "The zone has no capacity: name another with the zone tag, or ask the vendor for capacity."},
		"QuotaExceeded.CenQuotaVpnAttachPerTransitRouter": {ClassOperator, "Raise the quota of VPN attachments per transit router, or use another transit router."},
		"NoPermission.AliyunServiceRolePolicyForCEN":      {ClassOperator, "Let somebody with ram:CreateServiceLinkedRole create the service-linked role of cen.aliyuncs.com once for the account."},
		"Unauthorized":                                       {ClassOperator, "Grant the function's RAM role " + permissionMark + ", then replay the event."},
		"Forbbiden.TransitRouterServiceNotOpen":              {ClassOperator, "Activate the transit router service for the account."},
		"Forbidden.TransitRouterServiceExpired":              {ClassOperator, "Settle the overdue payment of the account: its transit router service is suspended."},
		"Forbidden.ResourceOwnerTransitRouterServiceNotOpen": {ClassOperator, "Ask the account that owns the VPN connection to activate the transit router service."},
		"Forbidden.ResourceOwnerTransitRouterServiceExpired": {ClassOperator, "Ask the account that owns the VPN connection to settle its overdue payment."},
		"InvalidTransitRouterMode.NeedUpgrade":               {ClassOperator, "Upgrade the transit router."},
		"OperationUnsupported.CenFullLevel":                  {ClassOperator, "Use a transit router of another CEN: CEN instances of level Full have no Enterprise Edition transit routers."},
		"InvalidCenId.NotFound":                              {ClassPermanent, "Correct the tag: the CEN does not exist."},
		"InvalidTransitRouterId.NotFound":                    {ClassPermanent, "Correct the tag: the transit router does not exist."},
		"OperationUnsupported.TransitRouterType":             {ClassPermanent, "Name an Enterprise Edition transit router in the tag."},
		"OperationUnsupported.TransitRouterRegionId":         {ClassPermanent, "The transit router's region does not take VPN attachments: use one in another region."},
		"OperationUnsupported.VpnAttachment":                 {ClassPermanent, "The region does not take VPN attachments: use another region."},
		"OperationUnsupported.ZoneId":                        {ClassPermanent, "Correct the zone tag: the zone does not take VPN attachments."},
		"IllegalParam.ZoneMappings":                          {ClassPermanent, "Correct the zone tag."},
		"InvalidOperation.VpnNetworkTypeInvalid":             {ClassPermanent, "The network type of the VPN connection does not attach to a transit router: create one with another network type."},
		"IllegalParam.RegionId":                              {ClassPermanent, "The region is not one of the service's: correct the event's producer or the request."},
		"IllegalParam.TransitRouterRegionId":                 {ClassPermanent, "The transit router's region is not one of the service's."},
		"MissingParam.CenIdOrRegionId":                       {ClassPermanent, "Report this as a fault of the function: it always sends the region."},
		"InvalidParameter":                                   {ClassPermanent, "Check the name, description and zone tags of the VPN connection against the message."},
		"InvalidParameter.ResourceType":                      {ClassPermanent, "Report this as a fault of the function, with the request id."},
		"InvalidParameter.VpnId":                             {ClassPermanent, "The service does not take the VPN connection's id: check that it was made with CreateVpnAttachment."},
		"IllegalParam.ChargeType":                            {ClassPermanent, "Report this as a fault of the function: it does not choose the billing method."},
	}
}

// sharedErrors are codes that the services answer beyond the API page.
func sharedErrors() map[string]Known {
	wait := "Wait, then replay the event: the service was busy."
	keys := "The function's credentials were not accepted: check that its role exists and trusts fc.aliyuncs.com."
	return map[string]Known{
		"Operation.Blocking":                        {ClassRetry, wait},
		"Rejected.Throttling":                       {ClassRetry, wait},
		"ServiceUnavailable":                        {ClassRetry, wait},
		"InternalError":                             {ClassRetry, wait},
		"InternalServerError":                       {ClassRetry, wait},
		"TokenProcessing":                           {ClassRetry, wait},
		"OperationFailed.TaskConflict":              {ClassRetry, wait},
		"LOCK_ERROR":                                {ClassRetry, wait},
		"SignatureNonceUsed":                        {ClassRetry, wait},
		"TooManyRequests":                           {ClassRetry, wait},
		"QpsLimitExceeded":                          {ClassRetry, wait},
		"InvalidSecurityToken.Expired":              {ClassRetry, "The credentials ran out in the middle: replay the event."},
		"SecurityTokenExpired":                      {ClassRetry, "The credentials ran out in the middle: replay the event."},
		"InvalidTransitRouterAttachmentId.NotFound": {ClassReconcile, "The attachment is gone: replay the event."},
		"IdempotentParameterMismatch":               {ClassPermanent, "Report this as a fault of the function: one client token went with two sets of parameters."},
		"InvalidAccessKeyId.NotFound":               {ClassOperator, keys},
		"InvalidAccessKeyId":                        {ClassOperator, keys},
		"SignatureDoesNotMatch":                     {ClassOperator, keys},
		"AccessDenied":                              {ClassOperator, "Grant the function's RAM role " + permissionMark + ", then replay the event."},
		"EntityNotExist.Role":                       {ClassOperator, "Create the role that OWNER_ROLE names, or correct OWNER_ROLE."},
		"QueueNotExist":                             {ClassOperator, "Create the queue that MNS_QUEUE or MNS_DEAD_LETTER_QUEUE names, or correct the variable."},
		"TopicNotExist":                             {ClassOperator, "Create the topic that MNS_TOPIC names, or correct MNS_TOPIC."},
		codeConnectionNotFound:                      {ClassPermanent, "Check the id and the region of the VPN connection."},
	}
}

// patience says how long a passing failure is worth trying again, as a share of the
// horizon (1/share), and whose matter it is from then on.
type patience struct {
	share time.Duration
	then  Class
}

// patienceOf: some codes look passing and mostly are not. The shares come to 30 s, 5 min and
// 30 min of a day.
func (t ErrorTable) patienceOf(code string, status int) patience {
	_, overridden := t.overrides[code]
	_, exact := t.exact()[code]
	_, ofFamily := family(code)
	switch {
	case overridden:
	case code == "InvalidVpnId.NotFound": // not visible yet, or of another region or owner
		return patience{2880, ClassPermanent}
	case code == "OperationFailed.AllocateCidrFailed": // a missing CIDR block looks the same
		return patience{288, ClassOperator}
	case status == 400 && !exact && !ofFamily:
		return patience{48, ClassOperator}
	}
	return patience{1, ClassRetry}
}

// reread is the class of a code that asked for the state to be read again, when the state
// says nothing of it.
func (t ErrorTable) reread(code string) Class {
	if code == "QuotaFull.ChildInstanceRelatedCen" {
		return ClassOperator
	}
	return ClassRetry
}
