package main_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"
)

// The tests here hold what is written about the permissions of the function's role. That the function needs all of them
// and no other is shown by the cases, which are played under the role's policy.

// grants are the actions that the role may do in a stack that serves some accounts, each with its resources.
func grants(t *testing.T, accounts string) map[string][]any {
	t.Helper()
	all := map[string][]any{}
	for _, policy := range theStack(t, map[string]string{"AllowedAccounts": accounts}).Roles()[0].Policies {
		statements, _ := policy.PolicyDocument["Statement"].([]any)
		for _, one := range statements {
			actions, _ := at(one, "Action").([]any)
			resources, _ := at(one, "Resource").([]any)
			must(t, policy.PolicyName, len(actions) > 0 && len(resources) > 0, "actions and resources are lists")
			for _, action := range actions {
				all[fmt.Sprint(action)] = resources
			}
		}
	}
	return all
}

// allowedActions are all that the role may ever do.
func allowedActions(t *testing.T) (actions []string) {
	t.Helper()
	for action := range grants(t, "6543210987654321") {
		actions = append(actions, action)
	}
	return actions
}

func TestOnlyRolesOfNamedMembersMayBeAssumed(t *testing.T) {
	for accounts, want := range map[string][]any{
		"":                 nil,
		"6543210987654321": {"acs:ram::6543210987654321:role/vpn-attach-reader"},
		"6543210987654321, 9876543210987654": {"acs:ram::6543210987654321:role/vpn-attach-reader",
			"acs:ram::9876543210987654:role/vpn-attach-reader"},
	} {
		if got := grants(t, accounts)["sts:AssumeRole"]; !slices.Equal(got, want) {
			t.Errorf("accounts %q: %v", accounts, got)
		}
	}
	role := regexp.MustCompile(readTemplate(t).Parameters["OwnerRole"].AllowedPattern)
	for name, legal := range map[string]bool{
		"vpn-attach-reader": true, "acs:ram::{account}:role/reader": false, "*": false, "": false, "a/b": false,
	} {
		must(t, "OwnerRole", role.MatchString(name) == legal, fmt.Sprintf("%q is taken: %t", name, legal))
	}
}

func TestEveryResourceOfTheRoleIsOfItsAccountOrOfANamedMember(t *testing.T) {
	own := regexp.MustCompile(`^acs:[a-z]+:[a-z0-9*-]*:` + place().Account + `:.`)
	for action, resources := range grants(t, "6543210987654321") {
		for _, resource := range resources {
			must(t, action, own.MatchString(fmt.Sprint(resource)) || action == "sts:AssumeRole",
				fmt.Sprintf("%v is a resource of the account", resource))
		}
	}
}
