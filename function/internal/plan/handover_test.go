package plan

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

// TestTerraformReadsWhatIsHandedOver parses it with Terraform's own parser: every resource is imported by its id.
func TestTerraformReadsWhatIsHandedOver(t *testing.T) {
	spec, _ := mixed(t, 52)
	for i := range spec.Connections {
		if spec.Connections[i].TransitRouter != "" {
			spec.Connections[i].AttachmentID = "tr-attach-" + strings.TrimPrefix(spec.Connections[i].ID, "vco-")
		}
	}
	spec.Connections[2].AttachmentID = "tr-attach-${env}" // nothing in it is a template
	file, faults := hclsyntax.ParseConfig([]byte(Terraform(spec)), "standing.tf", hcl.InitialPos)
	if faults.HasErrors() {
		t.Fatal(faults)
	}
	imports, resources := map[string]string{}, map[string]bool{}
	for _, block := range file.Body.(*hclsyntax.Body).Blocks {
		switch block.Type {
		case "import":
			to := block.Body.Attributes["to"].Expr.Variables()[0]
			id, faults := block.Body.Attributes["id"].Expr.Value(nil)
			if faults.HasErrors() {
				t.Fatal(faults)
			}
			imports[to.RootName()+"."+to[1].(hcl.TraverseAttr).Name] = id.AsString()
		case "resource":
			resources[strings.Join(block.Labels, ".")] = true
			if block.Labels[0] == "alicloud_cen_transit_router_vpn_attachment" {
				comparesOnlyWhatIsWritten(t, block)
			}
		default:
			t.Errorf("a block of type %s", block.Type)
		}
	}
	for name := range imports {
		if !resources[name] {
			t.Errorf("%s is imported, and is no resource", name)
		}
	}
	const kind = "alicloud_cen_transit_router_"
	for name, id := range map[string]string{
		kind + "vpn_attachment.vco_00008":                  "tr-attach-00008",
		kind + "vpn_attachment.vco_00002":                  "tr-attach-${env}",
		kind + "route_table_association.vco_00024":         "tr-attach-00024:vtb-sites",
		kind + "route_table_propagation.vco_00024_vtb_sys": "tr-attach-00024:vtb-sys",
	} {
		if imports[name] != id {
			t.Errorf("%s is imported by %q, not %q", name, imports[name], id)
		}
	}
	if len(imports) != len(resources) {
		t.Errorf("%d imports, %d resources", len(imports), len(resources))
	}
}

// comparesOnlyWhatIsWritten fails where Terraform would take something that is not written for something to undo: the
// provider reads these from the service, and has no value of its own for them. Applied, routes would no longer reach
// the site.
func comparesOnlyWhatIsWritten(t *testing.T, resource *hclsyntax.Block) {
	t.Helper()
	ignored := map[string]bool{}
	for _, one := range resource.Body.Blocks[0].Body.Attributes["ignore_changes"].Expr.Variables() {
		ignored[one.RootName()] = true
	}
	for _, name := range []string{
		"auto_publish_route_enabled", "tags", "zone", "transit_router_attachment_description",
		"transit_router_attachment_name", "cen_id",
	} {
		if !ignored[name] {
			t.Errorf("%v: %s is compared", resource.Labels, name)
		}
	}
}

// TestOnlyWhatStandsIsHandedOver has an attachment of an account that was not read, which stands like any other, and
// one that is leaving its route table.
func TestOnlyWhatStandsIsHandedOver(t *testing.T) {
	text := Terraform(local.Spec{Connections: []estate.VPNConnection{
		{ID: "vco-1", TransitRouter: "tr-1", AttachmentID: "tr-attach-1", Owner: unread, Associated: "vtb-1"},
		{ID: "vco-2", TransitRouter: "tr-1", AttachmentID: "tr-attach-2", Associated: "vtb-1",
			AssociationStatus: "Dissociating", Propagated: []string{"vtb-2"}},
	}})
	for part, want := range map[string]bool{
		`id = "tr-attach-1"`: true, `id = "tr-attach-1:vtb-1"`: true, unread: false,
		`id = "tr-attach-2:vtb-1"`: false, `id = "tr-attach-2:vtb-2"`: true,
	} {
		if strings.Contains(text, part) != want {
			t.Errorf("%s, want %v: %s", part, want, text)
		}
	}
}

// TestWhatIsAttachedOfAccountsThatAreNotReadIsHandedOver reads without the member's role: its attachment is listed.
func TestWhatIsAttachedOfAccountsThatAreNotReadIsHandedOver(t *testing.T) {
	t.Parallel()
	spec, _ := mixed(t, 0)
	spec.Connections = []estate.VPNConnection{{ID: "vco-theirs", Owner: member, CrossAccountAuthorized: true,
		TransitRouter: "tr-core", Associated: "vtb-sites", Propagated: []string{"vtb-sys"}}}
	spec.Members = nil
	read, err := snapshot(t, served(t, spec), nil)
	if err != nil {
		t.Fatal(err)
	}
	text := Terraform(read.Spec)
	for _, part := range []string{`"vco-theirs"`, ":vtb-sites", ":vtb-sys"} {
		if !strings.Contains(text, part) {
			t.Errorf("there is no %s in %s", part, text)
		}
	}
}
