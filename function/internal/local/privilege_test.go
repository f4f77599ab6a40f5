package local_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/template"
)

// without is the template whose role may not do an action.
func without(t *testing.T, action string) local.Deployed {
	t.Helper()
	path, err := local.FindInProject("template.yml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	quoted := "'" + action + "'"
	if !strings.Contains(string(text), quoted) {
		t.Fatalf("the template does not name %s", quoted)
	}
	read, err := template.Parse([]byte(strings.ReplaceAll(string(text), quoted, "'nothing:AtAll'")))
	if err != nil {
		t.Fatal(err)
	}
	return local.Deployed{Template: read}
}

func TestAnActionThatIsTakenAwayIsNamed(t *testing.T) {
	t.Parallel()
	cases, err := local.ReadCases(events.Files)
	if err != nil {
		t.Fatal(err)
	}
	for action, name := range map[string]string{
		"cen:ListTransitRouters":                             "created-by-id",
		"cen:CreateTransitRouterVpnAttachment":               "created-by-id",
		"cen:ListTransitRouterVpnAttachments":                "created-by-id",
		"cen:DeleteTransitRouterVpnAttachment":               "detach",
		"cen:ListTransitRouterRouteTables":                   "route-tables",
		"cen:ListTransitRouterRouteTableAssociations":        "route-tables",
		"cen:ListTransitRouterRouteTablePropagations":        "route-tables",
		"cen:AssociateTransitRouterAttachmentWithRouteTable": "route-tables",
		"cen:EnableTransitRouterRouteTablePropagation":       "route-tables",
		"cen:DescribeGrantRulesToCen":                        "connection-of-another-account",
		"vpc:DescribeVpnConnection":                          "created-by-id",
		"vpc:DescribeVpnConnections":                         "sweep",
		"mns:SendMessage":                                    "created-by-id",
		"mns:BatchSendMessage":                               "created-by-id",
		"mns:PublishMessage":                                 "created-by-id",
		"log:PostLogStoreLogs":                               "created-by-id",
		"sts:AssumeRole":                                     "connection-of-another-account",
	} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			for _, one := range cases {
				if one.Name != name {
					continue
				}
				inVirtualTime(t, func(t *testing.T) {
					document, differences := one.Run(t.Context(), local.StartInProcess,
						local.Options{Deployed: without(t, action)}, 30*time.Hour, nil)
					fmt.Println("=====", action, document.Took, document.Calls, differences)
					for _, o := range document.Outcomes {
						fmt.Println("   O", string(o))
					}
					for i, o := range document.Log {
						if i < 6 {
							fmt.Println("   L", string(o))
						}
					}
					fmt.Println("   DL", len(document.DeadLetters))
				})
			}
		})
	}
}
