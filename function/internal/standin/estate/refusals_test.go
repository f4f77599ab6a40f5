package estate_test

import (
	"fmt"
	"strings"

	"vpn-attach/function/internal/standin/estate"
)

// attachmentQuery is a query that names the n-th attachment.
func attachmentQuery(n int) string {
	return fmt.Sprintf("TransitRouterAttachmentId=tr-attach-%018d", n)
}

// bindingRefusals are the calls of either binding that are refused, by code.
func bindingRefusals(kind string) map[string]string {
	const table = "&TransitRouterRouteTableId="
	first, second := attachmentQuery(1), attachmentQuery(2)
	calls := map[string]string{
		"InvalidParameter":                       first + table + "vtb-3&DryRun=perhaps",
		"InvalidAttachmentId.NotFound":           attachmentQuery(99) + table + "vtb-3",
		"InvalidRouteTableId.NotFound":           first + table + "vtb-99",
		"IllegalParam.TransitRouterTableId":      first + table + "vtb-far",
		"OperationFailed.TransitRouterType":      attachmentQuery(3) + table + "vtb-b",
		"IncorrectStatus.AttachmentOrRouteTable": attachmentQuery(4) + table + "vtb-3",
	}
	if kind == estate.KindAssociate {
		calls["OperationUnsupported.Associate"] = first + table + "vtb-fixed"
		calls["AssociationExist.TransitRouterTable"] = second + table + "vtb-3"
		return calls
	}
	calls["OperationUnsupported.EnablePropagation"] = first + table + "vtb-fixed"
	calls["InvalidParameter.TransitRouterAttachmentId"] = "TransitRouterRouteTableId=vtb-3"
	calls["InvalidParameter.TransitRouterRouteTableId"] = first
	return calls
}

// listRefusals are the calls of the lists of CBN that are refused, by operation and code.
func listRefusals() map[string]map[string]string {
	const here, core, table = "RegionId=cn-hangzhou", "TransitRouterId=tr-core", "TransitRouterRouteTableId=vtb-2"
	const badKey, badValue = "&Tag.1.Key=acs:k&Tag.1.Value=v", "&Tag.1.Key=k&Tag.1.Value=http://v"
	const badToken = "&NextToken=FFmyTO70tTpLG6I3FmYAXGKPd"
	many := ""
	for n := range 21 {
		many += fmt.Sprintf("&TransitRouterRouteTableIds.%d=vtb-2", n+1)
	}
	bindings := func(query string) map[string]string {
		return map[string]string{
			"IllegalParam.NextToken": query + badToken, "IllegalParam.MaxResults": query + "&MaxResults=51",
			"InvalidParameter": query + "&Status=Fine",
		}
	}
	return map[string]map[string]string{
		"vpc DiagnoseVpnConnections": {"InvalidParameter": here + "&TunnelIds.1=tun-master-none"},
		"cbn ListTransitRouters": {
			"InvalidParameterCombination.TransitRouter": "Type=Enterprise",
			"InvalidOperation.UnsupportFilter":          here + "&FeatureFilter.1.Key=Odd",
			"InvalidOperation.UnsupportFilterValue":     here + "&FeatureFilter.1.Key=Multicast",
			"IllegalParam.TagKey":                       here + badKey, "IllegalParam.TagValue": here + badValue,
			"InvalidParameter": here + "&PageSize=51",
		},
		"cbn ListTransitRouterVpnAttachments": {
			"IllegalParam.NextToken": core + badToken, "IllegalParam.MaxResults": core + "&MaxResults=51",
			"IllegalParam.TrInstance": "TransitRouterId=tr-99", "IllegalParam.Region": "RegionId=Hangzhou!",
			"IllegalParam.CenId": "CenId=99", "IllegalParam.CenIdOrRegionId": core + "&CenId=cen-2",
			"IllegalParam.TransitRouterId": "TransitRouterId=99", "InvalidParameter": core + badKey,
		},
		"cbn ListTransitRouterRouteTables": {
			"IllegalParam.NextToken": core + badToken, "InvalidParameter": core + "&MaxResults=101" + many,
			"InvalidTransitRouterId.NotFound": "TransitRouterId=tr-99",
			"IllegalParam.TagKey":             core + badKey, "IllegalParam.TagValue": core + badValue,
			"MissingParam.TransitRouterIdOrTransitRouterRouteTables": here,
			"InvalidName": core + "&TransitRouterRouteTableNames.1=http://n",
		},
		"cbn " + listAssociations: bindings(""),
		"cbn " + listPropagations: bindings(table),
		"cbn DescribeCenAttachedChildInstances": {
			"MissingParameter": here, "InvalidParameter": "CenId=cen-1&ChildInstanceType=VPN",
			"ParameterCenInstanceId": "CenId=cen-99",
		},
		"cbn DescribeGrantRulesToCen": {
			"InvalidParameter":          here + "&CenId=cen-1&ProductType=VPN&MaxResults=101",
			"MissingParameter":          here + "&CenId=cen-1",
			"InvalidParameter.RegionId": "RegionId=Hangzhou!&CenId=cen-1&ProductType=VPN",
			"IllegalParam.NextToken":    here + "&CenId=cen-1&ProductType=VPN" + badToken,
			"MissingParameter.RegionId": "CenId=cen-1&ProductType=VPN",
		},
	}
}

// changeRefusals are the refusals of the calls that change something, other than the bindings.
func changeRefusals() map[string]map[string]string {
	const cidr = "RegionId=cn-hangzhou&Cidr=10.9.0.0/16&TransitRouterId="
	const here = "RegionId=cn-hangzhou&VpnConnectionId="
	return map[string]map[string]string{
		"cbn DeleteTransitRouterVpnAttachment": {
			"InvalidParameter":                           attachmentQuery(1) + "&Force=perhaps",
			"InvalidTransitRouterAttachmentId.NotFound":  attachmentQuery(99),
			"OperationUnsupported.TransitRouterType":     attachmentQuery(3),
			"IncorrectStatus.ResourceStatus":             attachmentQuery(4),
			"OperationFailed.RouteEntryExist":            attachmentQuery(5) + "&Force=true",
			"OperationFailed.PrefixListExist":            attachmentQuery(6),
			"OperationFailed.FlowLogExistOrNisOpened":    attachmentQuery(7),
			"OperationFailed.NotSupportForceDelete":      attachmentQuery(8) + "&Force=true",
			"OperationFailed.RouteTableAssociationExist": attachmentQuery(2),
			"OperationFailed.RouteTablePropagationExist": attachmentQuery(9),
		},
		"cbn CreateTransitRouterCidr": {
			"OverLappingExist.Cidr": "TransitRouterId=tr-core&Cidr=10.255.0.0/16", "InstanceNotExist": cidr + "tr-99",
			"IllegalParam.Cidr":                     "TransitRouterId=tr-core&Cidr=10.0.0.0/8",
			"InvalidParameter":                      cidr + "tr-core&DryRun=x",
			"IllegalParam.RegionId":                 "RegionId=cn-beijing&Cidr=10.9.0.0/16&TransitRouterId=tr-core",
			"InvalidTransitRouterMode.NeedUpgrade":  cidr + "tr-basic",
			"IncorrectStatus.TransitRouterInstance": cidr + "tr-busy",
		},
		"vpc DeleteVpnAttachment": {
			"VpnConnection.Configuring": here + "vco-10", "Vco.StatusNotSupport": here + "vco-1",
			"CrossAccountAuthorizedVco.NotAllowDelete": here + "vco-11",
			"InvalidVpnConnectionInstanceId.NotFound":  here + "vco-99",
		},
		"vpc DescribeVpnConnection": {"InvalidVpnConnectionInstanceId.NotFound": here + "vco-99"},
		"vpc DescribeVpnConnections": {
			"SizeLimitExceeded.TagNum":  "RegionId=cn-hangzhou" + tagged(21, "k#", "v"),
			"InvalidParameter.TagKey":   "RegionId=cn-hangzhou" + tagged(1, "acs:k", "v"),
			"InvalidParameter.TagValue": "RegionId=cn-hangzhou" + tagged(1, "k", "aliyun"),
			"Duplicated.TagKey":         "RegionId=cn-hangzhou" + tagged(2, "k", "v"),
		},
	}
}

// taggingRefusals are the refusals of the calls that tag and untag.
func taggingRefusals() map[string]map[string]string {
	const one, keyOnly, valueOnly = "ResourceId.1=vco-12", "&Tag.1.Key=k", "&Tag.1.Value=v"
	many := ""
	for n := range 21 {
		many += fmt.Sprintf("&ResourceId.%d=vco-%d", n+1, n)
	}
	tag, long := tagged(1, "k", "v"), strings.Repeat("k", 65)
	common := func(more map[string]string) map[string]string {
		more["InvalidTagKey"], more["InvalidTagValue"] = one+tagged(1, "acs:k", "v"), one+tagged(1, "k", "aliyun")
		more["MissingParam"], more["InvalidInstanceIds.NotFound"] = tag[1:], "ResourceId.1=vco-99"+tag
		more["QuotaExceeded.TagNum"] = one + tag
		more["MissingParameter.TagValue"], more["MissingParameter.TagKey"] = one+keyOnly, one+valueOnly
		return more
	}
	return map[string]map[string]string{
		"cbn TagResources": common(map[string]string{
			"SizeLimitExceeded.ResourceIdNum": many[1:] + tag, "DuplicatedParam.TagKey": one + tagged(2, "k", "v"),
			"IllegalParamLength.Tag": one + tagged(1, long, "v"),
			"IllegalParam.Region":    one + tag + "&RegionId=Hangzhou!",
		}),
		"vpc TagResources": common(map[string]string{
			"SizeLimitExceeded.ResourceId": many[1:] + tag, "Forbidden.TagKey.Duplicated": one + tagged(2, "k", "v"),
			"SizeLimitExceeded.TagNum": one + tagged(21, "k#", "v"), "MissingParam.Tags": one,
			"DuplicatedParam.ResourceIds": one + "&ResourceId.2=vco-12" + tag,
		}),
		"vpc UnTagResources": {
			"InvalidTagKey": one + "&TagKey.1=acs:k", "MissingParam": one,
			"InvalidInstanceIds.NotFound":  "ResourceId.1=vco-99&TagKey.1=k",
			"SizeLimitExceeded.ResourceId": many[1:] + "&TagKey.1=k",
			"SizeLimitExceeded.TagNum":     one + strings.ReplaceAll(many, "ResourceId", "TagKey"),
			"DuplicatedParam.ResourceIds":  one + "&ResourceId.2=vco-12&TagKey.1=k",
		},
	}
}

// connectionRefusals are the refusals of CreateVpnAttachment.
func connectionRefusals() map[string]string {
	const to = "RegionId=cn-hangzhou&LocalSubnet=10.0.0.0/8&RemoteSubnet=10.1.0.0/16"
	const one, two = "&TunnelOptionsSpecification.1.", "&TunnelOptionsSpecification.2."
	const both = to + one + "CustomerGatewayId=cgw-1" + two + "CustomerGatewayId=cgw-2"
	bgp := func(text string) string { return to + "&BgpConfig={" + text + "}" }
	const on, block = `"EnableBgp":"true",`, `"TunnelCidr":"169.254.9.0/30"`
	return map[string]string{
		"InvalidParameter.VpnConnectionName":            to + "&Name=" + strings.Repeat("n", 101),
		"IllegalParam.LocalSubnet":                      "RegionId=cn-hangzhou&LocalSubnet=10&RemoteSubnet=10.1.0.0/16",
		"IllegalParam.RemoteSubnet":                     to + ",10",
		"NotSupportVpnConnectionParameter.IpsecPfs":     both + one + "TunnelIpsecConfig.IpsecPfs=group9",
		"NotSupportVpnConnectionParameter.IpsecAuthAlg": to + `&IpsecConfig={"IpsecAuthAlg":"crc"}`,
		"MissingParameter.TunnelCidr":                   both + "&EnableTunnelsBgp=true",
		"InvalidParameter.BgpConfig":                    to + "&BgpConfig=none",
		"InvalidTunnelCidr.Malformed":                   bgp(on + `"TunnelCidr":"a"`),
		"IllegalParam.TunnelCidr":                       bgp(on + `"TunnelCidr":"10.0.0.0/30"`),
		"InvalidLocalBgpIp.Malformed":                   bgp(on + block + `,"LocalBgpIp":"a"`),
		"IllegalParam.LocalBgpIp":                       bgp(on + block + `,"LocalBgpIp":"10.0.0.1"`),
		"IllegalParam.LocalAsn":                         bgp(on + block + `,"LocalAsn":0`),
		"SizeLimitExceeded.TagNum":                      to + tagged(21, "k#", "v"),
		"InvalidParameter.TagKey":                       to + tagged(1, "acs:k", "v"),
		"InvalidParameter.TagValue":                     to + tagged(1, "k", "aliyun"),
		"Duplicated.TagKey":                             to + tagged(2, "k", "v"),
		"MissingParameter.TunnelOptionsSpecification":   to + one + "TunnelIndex=1" + two + "TunnelIndex=2",
		"VpnConnection.InvalidCreateTunnelOptions":      to + one + "CustomerGatewayId=cgw-1",
		"DryRunOperation":                               to + "&DryRun=true",
	}
}
