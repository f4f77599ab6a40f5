package local_test

import (
	"context"
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/template"
)

// The tests here hold the policy of the function's role: it allows what the cases need, and nothing else.

// play plays a case under a template.
func play(
	ctx context.Context, one local.Case, deployed local.Deployed, needed *local.Privileges,
) (local.Document, []string) {
	options := local.Options{Deployed: deployed}
	return one.Run(ctx, needed.Start(local.StartInProcess), options, 30*time.Hour, nil)
}

// without is the template whose role may not do an action.
func without(t *testing.T, action string) local.Deployed {
	t.Helper()
	quoted := "'" + action + "'"
	text := templateText(t)
	if !strings.Contains(text, quoted) {
		t.Fatalf("the template does not name %s", quoted)
	}
	// What stands alone is the trust policy's.
	taken := strings.NewReplacer("Action: "+quoted, "Action: "+quoted, quoted, "'nothing:AtAll'")
	return parsed(t, taken.Replace(text))
}

func templateText(t *testing.T) string {
	t.Helper()
	path, err := local.FindInProject("template.yml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func parsed(t *testing.T, text string) local.Deployed {
	t.Helper()
	read, err := template.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return local.Deployed{Template: read}
}

// named finds a case.
func named(t *testing.T, name string) local.Case {
	t.Helper()
	cases, err := local.AllCases()
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(cases, func(c local.Case) bool { return c.Name == name })
	if at < 0 {
		t.Fatalf("there is no case %s", name)
	}
	return cases[at]
}

// casesOf names for each action of the role a case that shows its refusal.
func casesOf() map[string]string {
	return map[string]string{
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
		"cen:DescribeCenAttachedChildInstances":              "other-networks/vbr-and-ccn",
		"vpc:DescribeVpnConnection":                          "created-by-id",
		"vpc:DescribeVpnConnections":                         "sweep",
		"vpc:DiagnoseVpnConnections":                         "never-up-in-real-time",
		"mns:SendMessage":                                    "created-by-id",
		"mns:BatchSendMessage":                               "created-by-id",
		"mns:PublishMessage":                                 "created-by-id",
		"sts:AssumeRole":                                     "connection-of-another-account",
	}
}

func TestAnActionThatIsTakenAwayIsNamedByTheAdvice(t *testing.T) {
	t.Parallel()
	for action, name := range casesOf() {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			one := named(t, name)
			inVirtualTime(t, func(t *testing.T) {
				document, differences := play(t.Context(), one, without(t, action), &local.Privileges{})
				if len(differences) == 0 {
					t.Errorf("the case %s does not need it", name)
				}
				if said := advices(document); !slices.ContainsFunc(said, func(advice string) bool {
					return slices.Contains(strings.FieldsFunc(advice, isBetweenActions), action)
				}) {
					t.Errorf("no advice names it: %q", said)
				}
			})
		})
	}
}

// isBetweenActions says whether a character stands between the names of actions in an advice.
func isBetweenActions(r rune) bool { return strings.ContainsRune(" ,;.\"[]", r) }

// advices are those of the outcomes, and, where nothing could be sent or published, those of the log.
func advices(document local.Document) (said []string) {
	for _, outcome := range document.Outcomes {
		var read struct {
			Data struct {
				Advice string
				Error  struct{ Advice string }
			}
		}
		_ = json.Unmarshal(outcome, &read) // the function made it
		said = append(said, read.Data.Advice, read.Data.Error.Advice)
	}
	for _, line := range document.Log {
		if _, advice, found := strings.Cut(string(line), "grant the function's RAM role "); found {
			said = append(said, advice)
		}
	}
	return slices.DeleteFunc(said, func(advice string) bool { return advice == "" })
}

// TestWithoutThePermissionToWriteItThereIsNoLog holds what the platform may do as the role.
func TestWithoutThePermissionToWriteItThereIsNoLog(t *testing.T) {
	t.Parallel()
	one := named(t, "created-by-id")
	inVirtualTime(t, func(t *testing.T) {
		document, differences := play(t.Context(), one, without(t, "log:PostLogStoreLogs"), &local.Privileges{})
		if len(document.Log) > 0 || len(differences) > 0 {
			t.Errorf("%q, %q", document.Log, differences)
		}
	})
}

func TestEveryActionOfTheRoleHasACaseThatShowsItsRefusal(t *testing.T) {
	t.Parallel()
	spec, err := local.ReadSpec([]byte(`parameters: {AllowedAccounts: "6543210987654321"}`))
	if err != nil {
		t.Fatal(err)
	}
	needed := &local.Privileges{}
	cloud, err := needed.Start(local.StartInProcess)(spec, local.Options{Deployed: local.TheStack()})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	actions := map[string]string{"log:PostLogStoreLogs": "by the test above"}
	maps.Copy(actions, casesOf())
	for grant := range needed.Grants() {
		if actions[grant.Action] == "" {
			t.Errorf("no case shows that %s is refused", grant.Action)
		}
	}
}

func TestAWiderAndANarrowerPolicyAreNoticed(t *testing.T) {
	t.Parallel()
	const list, table = "['cen:ListTransitRouters',", "centransitrouterroutetable/*'}"
	const tables = "acs:cen:*:1234567890123456:centransitrouterroutetable/*"
	for want, text := range map[string]string{
		"": templateText(t),
		"cen:ListTransitRoutersToo on acs:cen:*:1234567890123456:ceninstance/* is granted and never needed"://
		strings.Replace(templateText(t), list, list+" 'cen:ListTransitRoutersToo',", 1),
		"cen:ListTransitRouters on acs:cen:*:1234567890123456:ceninstance/* is needed and not granted"://
		strings.Replace(templateText(t), list, "['cen:ListTransitRouter',", 1),
		"cen:List* on acs:cen:*:1234567890123456:ceninstance/* is granted, and less of it is needed"://
		strings.Replace(templateText(t), list, "['cen:List*',", 1),
		"cen:ListTransitRouters on * is granted, and less of it is needed"://
		strings.Replace(templateText(t), "{'Fn::Sub': 'acs:cen:*:${ALIYUN::TenantId}:ceninstance/*'}", "'*'", 1),
		"vpc:DescribeVpnConnection on acs:vpc:*:*:vpnconnection/* is granted, and less of it is needed"://
		strings.Replace(templateText(t), "acs:vpc:*:${ALIYUN::TenantId}", "acs:vpc:*:*", 1),
		"cen:ListTransitRouterRouteTables on " + tables + " is needed and not granted"://
		strings.Replace(templateText(t), table, "centransitrouterroutetable/vtb-1'}", 1),
	} {
		all := &local.Privileges{}
		one := named(t, "route-tables")
		inVirtualTime(t, func(t *testing.T) {
			play(t.Context(), one, parsed(t, text), all)
		})
		if found := slices.Concat(all.Unneeded(), all.Missing()); want != "" && !slices.Contains(found, want) {
			t.Errorf("want %s\ngot %s", want, strings.Join(found, "\n"))
		}
	}
}

func TestAFunctionWhoseRoleCannotBeUsedIsNotStarted(t *testing.T) {
	t.Parallel()
	for want, change := range map[string]*strings.Replacer{
		"does not name fc.aliyuncs.com": strings.NewReplacer("[fc.aliyuncs.com]", "[ecs.aliyuncs.com]"),
		"the stack has no role": strings.NewReplacer(
			"Role: {'Fn::GetAtt': [Role, Arn]}", "Role: 'acs:ram::1234567890123456:role/another'"),
		`"Actions" is none of`: strings.NewReplacer(
			"Action: ['mns:PublishMessage']", "Actions: ['mns:PublishMessage']"),
	} {
		spec, err := local.ReadSpec([]byte("region: cn-hangzhou"))
		if err != nil {
			t.Fatal(err)
		}
		deployed := parsed(t, change.Replace(templateText(t)))
		cloud, err := local.StartInProcess(spec, local.Options{Deployed: deployed})
		if err == nil {
			cloud.Close()
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
