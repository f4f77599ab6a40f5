package estate_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/estate"
)

// definition is what the vendor's definition of an operation says of one field of its answer.
type definition struct {
	kind  string   // string, integer, boolean, object or array
	words []string // the values that it may have; empty is any
}

// rows reads a table of facts, without its heading.
func rows(t *testing.T, name string) (table [][]string) {
	t.Helper()
	text, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		table = append(table, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return table[1:]
}

// definitions are the fields of all answers by operation and path.
func definitions(t *testing.T) map[string]map[string]definition {
	t.Helper()
	all := map[string]map[string]definition{}
	for _, row := range rows(t, "answers.tsv") {
		if all[row[0]] == nil {
			all[row[0]] = map[string]definition{}
		}
		all[row[0]][row[1]] = definition{row[2], strings.FieldsFunc(row[3], func(r rune) bool { return r == '|' })}
	}
	return all
}

// leftOut are the documented fields that no answer has, with the reason.
func leftOut() map[string]string {
	const one, list = "vpc DescribeVpnConnection ", "vpc DescribeVpnConnections VpnConnections.VpnConnection[]."
	const tunnel = "TunnelOptionsSpecification.TunnelOptions[].RemoteCaCertificate"
	return map[string]string{
		one + "RemoteCaCertificate":  "only a gateway with national ciphers has certificates",
		list + "RemoteCaCertificate": "as for one connection",
		one + tunnel:                 "documented for gateways with national ciphers alone",
		list + tunnel:                "as for one connection",
	}
}

// answers is one call or several of every operation that show all that its answer can have.
func answers() []struct{ operation, query string } {
	const here, first = "RegionId=cn-hangzhou", "TransitRouterAttachmentId=" + firstAttachment
	const subnets = here + "&LocalSubnet=10.0.0.0/8&RemoteSubnet=10.1.0.0/16"
	return []struct{ operation, query string }{
		{"cbn ListTransitRouters", "CenId=cen-1"},
		{"cbn ListTransitRouterRouteTables", "TransitRouterId=tr-core&MaxResults=1"},
		{"cbn ListTransitRouterVpnAttachments", "TransitRouterId=tr-core&MaxResults=1"},
		{"cbn " + listAssociations, "MaxResults=1"},
		{"cbn " + listPropagations, "TransitRouterRouteTableId=vtb-2&MaxResults=1"},
		{"cbn DescribeGrantRulesToCen", here + "&CenId=cen-1&ProductType=VPN&MaxResults=1"},
		{"cbn DescribeCenAttachedChildInstances", "CenId=cen-1"},
		{"cbn CreateTransitRouterVpnAttachment", here + "&TransitRouterId=tr-core&VpnId=vco-5"},
		{"cbn ListTransitRouterVpnAttachments", "TransitRouterId=tr-core"},
		{"cbn " + associateAction, first + "&TransitRouterRouteTableId=vtb-sys"},
		{"cbn " + propagateAction, first + "&TransitRouterRouteTableId=vtb-sys"},
		{"cbn " + listPropagations, "TransitRouterRouteTableId=vtb-sys"},
		{"cbn " + listAssociations, ""},
		{"cbn DeleteTransitRouterVpnAttachment", first + "&Force=true"},
		{"cbn ListTransitRouterVpnAttachments", "TransitRouterId=tr-core"},
		{"cbn CreateTransitRouterCidr", here + "&TransitRouterId=tr-core&Cidr=10.3.0.0/16"},
		{"cbn " + replaceAction, attachmentQuery(3) + "&TransitRouterRouteTableId=vtb-2"},
		{"cbn " + listAssociations, ""},
		{"cbn " + dissociateAction, attachmentQuery(4) + "&TransitRouterRouteTableId=vtb-sys"},
		{"cbn " + disableAction, attachmentQuery(4) + "&TransitRouterRouteTableId=vtb-2"},
		{"cbn " + updateAction, attachmentQuery(2) + "&AutoPublishRouteEnabled=false"},
		{"cbn GrantInstanceToTransitRouter", toStranger + "vco-1"},
		{"cbn ListTagResources", "ResourceType=TransitRouterVpnAttachment&Tag.1.Key=k&PageSize=1"},
		{"cbn TagResources", "ResourceType=TransitRouter&ResourceId.1=tr-core&Tag.1.Key=k&Tag.1.Value=v"},
		{"cbn UntagResources", "ResourceType=TransitRouter&ResourceId.1=tr-core&TagKey.1=k"},
		{"vpc DescribeVpnConnection", here + "&VpnConnectionId=vco-1"},
		{"vpc DescribeVpnConnection", here + "&VpnConnectionId=vco-2"},
		{"vpc DescribeVpnConnection", here + "&VpnConnectionId=vco-3"},
		{"vpc DescribeVpnConnection", here + "&VpnConnectionId=vco-4"},
		{"vpc DescribeVpnConnection", here + "&VpnConnectionId=vco-5"},
		{"vpc DescribeVpnConnections", here},
		{"vpc DiagnoseVpnConnections", here + "&TunnelIds.1=tun-slave-6"},
		{"vpc DiagnoseVpnConnections", here + "&VpnConnectionIds.1=vco-1"},
		{"vpc CreateVpnAttachment", subnets},
		{"vpc DeleteVpnAttachment", here + "&VpnConnectionId=vco-3"},
		{"vpc DescribeVpnAttachments", here},
		{"vpc DescribeVpnCrossAccountAuthorizations", here + "&VpnConnectionId=vco-1"},
		{"cbn RevokeInstanceFromTransitRouter", toStranger + "vco-1"},
		{"vpc ModifyVpnAttachmentAttribute", here + "&VpnConnectionId=vco-1&Name=renamed"},
		{"vpc ModifyVpnAttachmentAttribute", here + "&VpnConnectionId=vco-5&EnableTunnelsBgp=false"},
		{"vpc ListTagResources", here + "&ResourceType=VPNATTACHMENT&ResourceId.1=vco-1&Tag.1.Key=k"},
		{"vpc ListTagResources", here + "&ResourceType=VPNATTACHMENT&Tag.1.Key=k&MaxResults=1"},
		{"vpc TagResources", "ResourceType=VPNATTACHMENT&ResourceId.1=vco-1&Tag.1.Key=k&Tag.1.Value=v"},
		{"vpc UnTagResources", "ResourceType=VPNATTACHMENT&ResourceId.1=vco-1&TagKey.1=k"},
	}
}

// shown has a connection of every kind, among them two that are granted, and attachments of every status.
func shown() estate.Seed {
	seed := bound()
	seed.TransitRouters[0].Tags = map[string]string{"k": "v"}
	seed.TransitRouters[0].Networks = []estate.Network{{ID: "vbr-1", Type: "VBR"}}
	for i := range seed.VPNConnections {
		seed.VPNConnections[i].Tags = map[string]string{"k": "v"}
		seed.VPNConnections[i].AttachmentTags = map[string]string{"k": "v"}
	}
	seed.VPNConnections = append(seed.VPNConnections,
		estate.VPNConnection{ID: "vco-3", SingleTunnel: true},
		estate.VPNConnection{ID: "vco-4", AttachType: "VPNGW", NetworkType: "private"},
		estate.VPNConnection{ID: "vco-5", CrossAccountAuthorized: true},
		estate.VPNConnection{ID: "vco-6", TransitRouter: "tr-core", Associated: "vtb-sys",
			Propagated: []string{"vtb-2"}, Tunnels: []estate.Tunnel{{}, {Course: estate.Course{Never: "NoResponse"}}}},
		estate.VPNConnection{ID: "vco-7", Owner: stranger, CrossAccountAuthorized: true},
		estate.VPNConnection{ID: "vco-8", TransitRouter: "tr-core", Associated: "vtb-sys",
			Propagated: []string{"vtb-2"}})
	seed.VPNConnections[0].SingleTunnel, seed.VPNConnections[0].Zone = true, "cn-hangzhou-h"
	return seed
}

// reader walks one answer and notes what it finds.
type reader struct {
	t         *testing.T
	operation string
	defined   map[string]definition
	seen      map[string]bool // by operation and path
}

func (r reader) walk(path string, value any) {
	r.t.Helper()
	kind, text := kindOf(value)
	if path != "" {
		r.seen[r.operation+" "+path] = true
		d, ok := r.defined[path]
		switch {
		case !ok:
			r.t.Errorf("%s answers %s, which is not defined", r.operation, path)
			return
		case d.kind != kind:
			r.t.Errorf("%s answers %s as %s; it is defined as %s", r.operation, path, kind, d.kind)
		case len(d.words) > 0 && !slices.Contains(d.words, text):
			r.t.Errorf("%s answers %s as %q; it is one of %q", r.operation, path, text, d.words)
		}
	}
	switch value := value.(type) {
	case map[string]any:
		for name, field := range value {
			r.walk(strings.TrimPrefix(path+"."+name, "."), field)
		}
	case []any:
		for _, item := range value {
			r.walk(path+"[]", item)
		}
	}
}

// kindOf is the kind of a value as the definitions name it, and its text.
func kindOf(value any) (kind, text string) {
	switch value := value.(type) {
	case string:
		return "string", value
	case json.Number:
		if strings.ContainsAny(value.String(), ".eE") {
			return "number", value.String()
		}
		return "integer", value.String()
	case bool:
		return "boolean", ""
	case map[string]any:
		return "object", ""
	case []any:
		return "array", ""
	}
	return "null", ""
}

func TestEveryAnswerIsAsTheDefinitionsSay(t *testing.T) {
	zones := "&Zone.1.ZoneId=cn-hangzhou-h"
	c := open(t, shown(), func(o *estate.Options) { o.DetachSeconds = 10 })
	if err := c.AddConnection(estate.VPNConnection{ID: "vco-zoned", SingleTunnel: true}); err != nil {
		t.Fatal(err)
	}
	if _, code := c.create("VpnId=vco-zoned" + zones); code != "" {
		t.Fatal(code)
	}
	defined, seen, called := definitions(t), map[string]bool{}, map[string]bool{}
	// No definition of it is at hand; it answers as its counterpart does.
	defined["cbn UntagResources"] = defined["cbn TagResources"]
	for _, call := range answers() {
		body, code := c.call(call.operation, call.query)
		decoder := json.NewDecoder(strings.NewReader(body))
		decoder.UseNumber()
		var answer any
		if err := decoder.Decode(&answer); err != nil {
			t.Fatalf("%s %s answered %q %s", call.operation, call.query, code, body)
		}
		called[call.operation] = true
		reader{t, call.operation, defined[call.operation], seen}.walk("", answer)
	}
	if got := slices.Sorted(maps.Keys(called)); !slices.Equal(got, slices.Sorted(slices.Values(estate.Operations()))) {
		t.Errorf("called are %q, and the estate imitates %q", got, estate.Operations())
	}
	for operation := range defined {
		for path := range defined[operation] {
			field := operation + " " + path
			if reason := leftOut()[field]; seen[field] == (reason != "") {
				t.Errorf("%s is answered: %t; the reason to leave it out is %q", field, seen[field], reason)
			}
		}
	}
}

func TestTheDocumentNamesEveryOperation(t *testing.T) {
	text, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, operation := range estate.Operations() {
		if _, action, _ := strings.Cut(operation, " "); !strings.Contains(string(text), "`"+action+"`") {
			t.Errorf("function/README.md does not name %s", operation)
		}
	}
}
