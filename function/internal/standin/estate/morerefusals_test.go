package estate_test

import (
	"fmt"
	"maps"
	"strings"
)

// endRefusals are the refusals of the calls that end or move a binding, by operation and code.
func endRefusals() map[string]map[string]string {
	const table = "&TransitRouterRouteTableId="
	first, second, fixed := attachmentQuery(1), attachmentQuery(2), attachmentQuery(11)
	common := func(more map[string]string) map[string]string {
		maps.Copy(more, map[string]string{
			"InvalidParameter":                           second + table + "vtb-2&DryRun=perhaps",
			"InvalidParameter.TransitRouterAttachmentId": "TransitRouterRouteTableId=vtb-2",
			"InvalidParameter.TransitRouterRouteTableId": second,
			"InvalidAttachmentId.NotFound":               attachmentQuery(99) + table + "vtb-2",
			"InvalidRouteTableId.NotFound":               second + table + "vtb-99",
			"IncorrectStatus.TransitRouterInstance":      attachmentQuery(10) + table + "vtb-busy",
			"IncorrectStatus.AttachmentOrRouteTable":     first + table + "vtb-3",
		})
		return more
	}
	return map[string]map[string]string{
		"cbn " + dissociateAction: common(map[string]string{
			"OperationUnsupported.dissociateRouteTable": fixed + table + "vtb-fixed",
		}),
		"cbn " + disableAction: common(map[string]string{
			"OperationUnsupported.DisablePropagation": fixed + table + "vtb-fixed",
		}),
		"cbn " + replaceAction: common(map[string]string{
			"OperationUnsupported.Associate":      second + table + "vtb-fixed",
			"OperationFailed.TransitRouterType":   attachmentQuery(3) + table + "vtb-b",
			"IllegalParam.TransitRouterTableId":   second + table + "vtb-far",
			"AssociationExist.TransitRouterTable": second + table + "vtb-2",
		}),
	}
}

// grantRefusals are the refusals of the calls that grant a connection, or change its attachment. The caller's
// connection vco-11 is granted to every CEN, and vco-18 is attached as well.
func grantRefusals() map[string]map[string]string {
	ofType := func(kind string) string { return strings.Replace(toStranger, "VPN", kind, 1) + "vco-12" }
	const ownCEN = "CenId=cen-99&CenOwnerId=" + account + "&InstanceType=VPN&InstanceId=vco-12"
	const order = "&OrderType="
	return map[string]map[string]string{
		"cbn GrantInstanceToTransitRouter": {
			"IllegalParam.CenId":                     ownCEN,
			"InvalidVbr.NotFound":                    ofType("ExpressConnect"),
			"OperationFailed.GrantCrossAccountExist": toStranger + "vco-11",
			"InvalidParameter":                       toStranger + "vco-12" + order + "PayByNobody",
			"InvalidInstanceId.NotFound":             ofType("VPC"),
		},
		"cbn RevokeInstanceFromTransitRouter": {
			"MissingParameter": "CenId=cen-9", "InvalidParameter": ofType("Odd"), "IllegalParam.CenId": ownCEN,
			"OperationFailed.GrantCrossAccountNotExist": toStranger + "vco-12",
			"InvalidInstanceId.NotFound":                toStranger + "vco-99",
			"IncorrectStatus.ResourceStatus":            strings.Replace(toStranger, "cen-9", "cen-1", 1) + "vco-18",
		},
		"cbn " + updateAction: {
			"InvalidTransitRouterAttachmentId.NotFound":            attachmentQuery(99),
			"IncorrectStatus.TransitRouterAttachmentId":            attachmentQuery(4),
			"InvalidParameter":                                     attachmentQuery(1) + "&AutoPublishRouteEnabled=x",
			"InvalidParameter.OrderType":                           attachmentQuery(1) + order + "PayByNobody",
			"InvalidOperation.OrderTypeMustMatchGrantCrossAccount": attachmentQuery(12) + order + "PayByResourceOwner",
			"OperationFailed.GrantCrossAccountNotExist":            attachmentQuery(13) + order + "PayByCenOwner",
		},
		"vpc DescribeVpnAttachments": changeRefusals()["vpc DescribeVpnConnections"],
	}
}

// tagListRefusals are the refusals of the lists of tags.
func tagListRefusals() map[string]map[string]string {
	const here = "RegionId=cn-hangzhou&ResourceType="
	const router, connection = here + "TransitRouter", here + "VPNATTACHMENT"
	many := ""
	for n := range 21 {
		many += fmt.Sprintf("&ResourceId.%d=vco-%d", n+1, n)
	}
	common := func(known string, more map[string]string) map[string]string {
		maps.Copy(more, map[string]string{
			"InvalidTagKey":                known + tagged(1, "acs:k", "v"),
			"InvalidTagValue":              known + tagged(1, "k", "aliyun"),
			"InvalidInstanceIds.NotFound":  known + "&ResourceId.1=odd",
			"InvalidInstanceType.NotFound": here + "Odd&ResourceId.1=odd",
			"BothEmpty.TagsAndResources":   known,
		})
		return more
	}
	return map[string]map[string]string{
		"cbn ListTagResources": common(router, map[string]string{
			"MissingParam":                    "ResourceId.1=tr-core",
			"QuotaExceeded.TagNum":            router + tagged(21, "k#", "v"),
			"SizeLimitExceeded.ResourceIdNum": router + many,
			"IllegalParam.NextToken":          router + tagged(1, "k", "v") + "&NextToken=odd",
			"IllegalParam.Region":             "RegionId=Hangzhou!&ResourceType=TransitRouter&ResourceId.1=tr-core",
			"InvalidParameter":                router + tagged(1, "k", "v") + "&PageSize=51",
		}),
		"vpc ListTagResources": common(connection, map[string]string{
			"MissingParam":                 "ResourceType=VPNATTACHMENT&ResourceId.1=vco-1",
			"MissingParam.ResourceType":    "RegionId=cn-hangzhou&ResourceId.1=vco-1",
			"SizeLimitExceeded.TagNum":     connection + tagged(21, "k#", "v"),
			"SizeLimitExceeded.ResourceId": connection + many,
			"Forbidden.TagKey.Duplicated":  connection + tagged(2, "k", "v"),
		}),
	}
}

// modificationRefusals are the refusals of ModifyVpnAttachmentAttribute.
func modificationRefusals() map[string]string {
	const here, to = "RegionId=cn-hangzhou&VpnConnectionId=", "RegionId=cn-hangzhou&VpnConnectionId=vco-1"
	calls := map[string]string{
		"VpnConnection.Configuring":               here + "vco-10",
		"VpnConnection.FinancialLocked":           here + "vco-15",
		"InvalidVpnConnectionInstanceId.NotFound": here + "vco-99",
		"InvalidName":                             to + "&Name=http://n",
		"IllegalParam.NetworkType":                to + "&NetworkType=odd",
		"IllegalParam.BgpConfig":                  to + "&BgpConfig=none",
		"ModifyIkeV1WithMultiRoutes.Invalid": to + "&LocalSubnet=10.0.0.0/16,10.1.0.0/16" +
			`&IkeConfig={"IkeVersion":"ikev1"}`,
	}
	for code, query := range connectionRefusals() {
		switch prefix, _, _ := strings.Cut(code, "."); prefix {
		case "IllegalParam", "NotSupportVpnConnectionParameter", "InvalidTunnelCidr", "InvalidLocalBgpIp":
			calls[code] = query + "&VpnConnectionId=vco-1"
		}
	}
	calls["MissingParameter.TunnelCidr"] = to + "&EnableTunnelsBgp=true"
	return calls
}
