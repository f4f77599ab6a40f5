package plan

import (
	"fmt"
	"strings"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

const heading = `# What stands, for teams that keep it in Terraform (provider aliyun/alicloud 1.246 or later).
# The plan of Terraform must say that it imports, and changes nothing.
`

// Terraform writes import blocks and resources for what is attached, associated and propagated. Applied, they change
// nothing: what the snapshot does not know, and the provider does not take from the service, is left out of what
// Terraform compares. Ids are those of the provider's source: of a binding, the attachment and the route table.
func Terraform(estates ...local.Spec) string {
	var text strings.Builder
	text.WriteString(heading)
	for _, spec := range estates {
		for _, v := range spec.Connections {
			if v.TransitRouter == "" || v.AttachmentID == "" {
				continue
			}
			writeAttachment(&text, v)
			name := nameOf(v.ID)
			bound := standing(v)
			if bound.Associated != "" {
				writeBinding(&text, "association", name, v.AttachmentID, bound.Associated)
			}
			for _, table := range bound.Propagated {
				writeBinding(&text, "propagation", name+"_"+nameOf(table), v.AttachmentID, table)
			}
		}
	}
	return text.String()
}

func writeAttachment(text *strings.Builder, v estate.VPNConnection) {
	const kind = "alicloud_cen_transit_router_vpn_attachment"
	name := nameOf(v.ID)
	writeImport(text, kind, name, v.AttachmentID)
	fmt.Fprintf(text, "\nresource %q %q {\n  transit_router_id = %s\n  vpn_id            = %s\n",
		kind, name, quoted(v.TransitRouter), quoted(v.ID))
	if v.Owner != "" && v.Owner != unread { // else the provider takes it from the service
		fmt.Fprintf(text, "  vpn_owner_id      = %s\n", quoted(v.Owner))
	}
	text.WriteString("  lifecycle {\n    ignore_changes = [\n      auto_publish_route_enabled, cen_id, tags, zone,\n" +
		"      transit_router_attachment_description, transit_router_attachment_name,\n    ]\n  }\n}\n")
}

func writeBinding(text *strings.Builder, kind, name, attachment, table string) {
	kind = "alicloud_cen_transit_router_route_table_" + kind
	writeImport(text, kind, name, attachment+":"+table)
	fmt.Fprintf(text,
		"\nresource %q %q {\n  transit_router_attachment_id  = %s\n  transit_router_route_table_id = %s\n}\n",
		kind, name, quoted(attachment), quoted(table))
}

func writeImport(text *strings.Builder, kind, name, id string) {
	fmt.Fprintf(text, "\nimport {\n  to = %s.%s\n  id = %s\n}\n", kind, name, quoted(id))
}

// nameOf makes a name of an id: letters, digits and underscores.
func nameOf(id string) string {
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, id)
}

// quoted is a text of HCL, in which nothing is a template.
func quoted(text string) string {
	return strings.NewReplacer("${", "$${", "%{", "%%{").Replace(fmt.Sprintf("%q", local.Safe(text)))
}
