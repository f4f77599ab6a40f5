package estate_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"

	"vpn-attach/function/internal/standin/estate"
)

// refusal is the status and the code that a call is refused with, such as "404 InvalidRouteTableId.NotFound".
func (c *cloud) refusal(what, query string) string {
	c.t.Helper()
	client, err := openapi.NewClient(c.config())
	if err != nil {
		c.t.Fatal(err)
	}
	parameters := make(map[string]*string)
	for name, value := range values(c.t, query) {
		parameters[name] = &value[0]
	}
	_, err = client.CallApiWithCtx(context.Background(), params("POST", what),
		&openapimodels.OpenApiRequest{Query: parameters}, &dara.RuntimeOptions{})
	var refused *tea.SDKError
	if !errors.As(err, &refused) {
		return fmt.Sprintf("no refusal but %v", err)
	}
	return fmt.Sprintf("%d %s", tea.IntValue(refused.StatusCode), tea.StringValue(refused.Code))
}

// refusing is an estate in which everything that can be refused can be asked for. Its attachments are numbered from 1:
// of vco-1 and vco-2, as everywhere, and of the connections that are added here.
func refusing() estate.Seed {
	seed := bound()
	core, full := &seed.TransitRouters[0], map[string]string{}
	core.RouteTables = append(core.RouteTables, estate.RouteTable{ID: "vtb-fixed", Fixed: true})
	for n := range 20 {
		full[fmt.Sprint("k", n)] = "v"
	}
	seed.TransitRouters = append(seed.TransitRouters,
		estate.TransitRouter{ID: "tr-basic", CEN: "cen-3", Type: "Basic",
			RouteTables: []estate.RouteTable{{ID: "vtb-b"}}},
		estate.TransitRouter{ID: "tr-busy", CEN: "cen-4", Status: "Modifying",
			RouteTables: []estate.RouteTable{{ID: "vtb-busy"}}})
	seed.VPNConnections = append(seed.VPNConnections,
		estate.VPNConnection{ID: "vco-3", TransitRouter: "tr-basic"},
		estate.VPNConnection{ID: "vco-4", TransitRouter: "tr-core", State: "attaching"},
		estate.VPNConnection{ID: "vco-5", TransitRouter: "tr-core", HeldBy: "routeEntry"},
		estate.VPNConnection{ID: "vco-6", TransitRouter: "tr-core", HeldBy: "prefixList"},
		estate.VPNConnection{ID: "vco-7", TransitRouter: "tr-core", HeldBy: "flowLog"},
		estate.VPNConnection{ID: "vco-8", TransitRouter: "tr-core", HeldBy: "noForce"},
		estate.VPNConnection{ID: "vco-9", TransitRouter: "tr-core", Propagated: []string{"vtb-2"}},
		estate.VPNConnection{ID: "vco-10", State: "updating"},
		estate.VPNConnection{ID: "vco-11", CrossAccountAuthorized: true},
		estate.VPNConnection{ID: "vco-12", Tags: full},
		estate.VPNConnection{ID: "vco-13", TransitRouter: "tr-busy"},
		estate.VPNConnection{ID: "vco-14", TransitRouter: "tr-core", Associated: "vtb-fixed",
			Propagated: []string{"vtb-fixed"}},
		estate.VPNConnection{ID: "vco-15", State: "financialLocked"},
		estate.VPNConnection{ID: "vco-16", TransitRouter: "tr-core", Owner: stranger, CrossAccountAuthorized: true},
		estate.VPNConnection{ID: "vco-17", TransitRouter: "tr-core", Owner: stranger},
		estate.VPNConnection{ID: "vco-18", TransitRouter: "tr-core", CrossAccountAuthorized: true})
	return seed
}

// elsewhere are the documented codes that the estate never answers, by code or by operation and code, with the reason.
func elsewhere() map[string]string {
	const permissions, routes, gateways = "permissions are not imitated", "routes are not", "customer gateways are not"
	const unchecked = "types and scopes of tagged resources are not looked at"
	const atOnce = "a change is done at once; a fault can answer it"
	return map[string]string{
		"Unauthorized": permissions, "Forbidden": permissions, "Forbbiden.SubUser": permissions,
		"Forbidden.TagKeys": permissions, "Forbidden.NotAllowedCategary": permissions,
		"cbn TagResources InvalidInstanceType.NotFound":   unchecked,
		"vpc TagResources InvalidInstanceType.NotFound":   unchecked,
		"vpc UnTagResources InvalidInstanceType.NotFound": unchecked,
		"InvalidTagScope.NotFound":                        unchecked,
		"IllegalParam.TransitRouterTableType":             "it is about attachments of peers",
		"OperationUnsupported.TransitRouterCidr":          "all regions have all services",
		"OperationUnsupported.EnableBgp":                  "all regions have all services",
		"Resource.QuotaFull":                              "quotas are not imitated",
		"OperationFailed.NoAvailableAmount":               "billing is not imitated",
		"VpnRouteEntry.AlreadyExists":                     routes,
		"VpnRouteEntry.Conflict":                          routes,
		"VpnRouteEntry.BackupRoute":                       routes,
		"VpnRouteEntry.InvalidWeight":                     routes,
		"QuotaExceeded.PolicyBasedRoute":                  routes,
		"CreateDbrRoutesQuotaFull.QuotaFull":              routes,
		"CustomerGateway.ConflictRouteEntry":              gateways,
		"CustomerGateway.ConflictVpnIp":                   gateways,
		"MissingParam.CustomerGatewayAsn":                 gateways,

		"InvalidCustomerGatewayInstanceId.NotFound": gateways,
		"OperationFailed.MissCertificate":           "only a gateway with national ciphers has certificates",
		"MissingParam.RemoteId":                     "only a gateway with national ciphers asks for it",
		"IllegalParam.EnableBgp":                    "only a VPN gateway asks for it",
		"InvalidVpnConnection.AlreadyExists":        "connections alike are allowed",
		"VpnTask.CONFLICT":                          atOnce,
		"InternalError":                             "only a fault answers it",
		"cbn TagResources InvalidParameter":         "every fault has a code of its own",
		"vpc UnTagResources QuotaExceeded.TagNum":   "no tag is added",
		"vpc UnTagResources InvalidTagValue":        "no value is sent",

		"vpc ListTagResources QuotaExceeded.TagNum": "SizeLimitExceeded.TagNum says the same",
		"Forbbiden.TransitRouterServiceNotOpen":     "the service is open",
		"Forbidden.TransitRouterServiceExpired":     "billing is not imitated",
		"NoPermission.AliyunServiceRoleForCEN":      permissions,
		"Forbidden.OperateShareResource":            permissions,
		"OperationFailed.TaskConflict":              atOnce,
		"IncorrectStatus.TransitRouterConnectPeer":  "it is about attachments of peers",
		"VpnGateway.Configuring":                    "it is about connections of gateways",
		"InvalidVpnGatewayInstanceId.NotFound":      "it is about connections of gateways",
		"CreatePbrRoutesQuotaFull.QuotaFull":        routes,

		"vpc DescribeVpnAttachments Forbidden.TagKey.Duplicated": "Duplicated.TagKey says the same",
		"vpc UnTagResources Forbidden.TagKey.Duplicated":         "it has no effect to remove a tag twice",
		"vpc DescribeVpnConnections Forbidden.TagKey.Duplicated": "Duplicated.TagKey says the same",
		"vpc CreateVpnAttachment Forbidden.TagKey.Duplicated":    "Duplicated.TagKey says the same",
	}
}

// The refusals of CreateTransitRouterVpnAttachment have a test of their own. A code that is documented with two
// statuses is answered with the first. A row with a note is of an operation whose definition is not at hand.
func TestEveryDocumentedCodeIsAnsweredWhereItsCauseArises(t *testing.T) {
	c := open(t, refusing(), nil)
	refusals := map[string]map[string]string{
		"cbn " + associateAction:  bindingRefusals(estate.KindAssociate),
		"cbn " + propagateAction:  bindingRefusals(estate.KindPropagate),
		"vpc CreateVpnAttachment": connectionRefusals(),

		"vpc ModifyVpnAttachmentAttribute": modificationRefusals(),
	}
	seen := map[string]bool{}
	for _, more := range []map[string]map[string]string{
		listRefusals(), changeRefusals(), taggingRefusals(), endRefusals(), grantRefusals(), tagListRefusals(),
	} {
		for operation, calls := range more {
			refusals[operation] = calls
		}
	}
	for _, row := range rows(t, "codes.tsv") {
		operation, status, code := row[0], row[1], row[2]
		if seen[operation+code] {
			continue
		}
		seen[operation+code] = true
		query, provoked := refusals[operation][code]
		switch reason := elsewhere()[code] + elsewhere()[operation+" "+code]; {
		case operation == "cbn CreateTransitRouterVpnAttachment":
		case provoked == (reason != ""):
			t.Errorf("%s: %s has a call: %t; the reason for none is %q", operation, code, provoked, reason)
		case !provoked:
		default:
			if got := c.refusal(operation, query); got != status+" "+code {
				t.Errorf("%s %s is refused with %s; want %s %s", operation, query, got, status, code)
			}
		}
	}
}
