package plan

import (
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
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
