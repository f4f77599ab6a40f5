package main_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/fault"
)

// ramActions gives the names under which RAM knows a call of a product.
func ramActions(product, call string) []string {
	actions := []string{product + ":" + call}
	if call == cloud.ActionSend { // either name, by different pages of the documentation
		actions = append(actions, "mns:SendMessage")
	}
	return actions
}

// platformActions are what the platform does in the name of the function's role.
func platformActions() []string { return []string{"log:PostLogStoreLogs"} }

// namedActions are the calls that the function says it makes. Each is named with its product by what it needs.
func namedActions() (actions []string) {
	for _, action := range cloud.Actions() {
		product, _, _ := strings.Cut(action.Permission, ":")
		actions = append(actions, ramActions(product, action.Name)...)
	}
	return actions
}

// recordedActions are what the services saw of the function in cases that bind route tables, sweep, detach, attach a
// connection of another account, and find one that does not come up.
func recordedActions(t *testing.T) []string {
	t.Helper()
	var mu sync.Mutex
	seen := map[string]bool{}
	note := func(x fault.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		product := map[string]string{"mns": "mns", "openapi": "cen", "sts": "sts"}[x.Service]
		if strings.HasPrefix(x.Action, cloud.ActionDescribe) || x.Action == cloud.ActionDiagnose {
			product = "vpc"
		}
		if x.Status/100 != 2 || x.Fault != nil {
			return
		}
		for _, action := range ramActions(product, x.Action) {
			seen[action] = true
		}
	}
	options := local.Options{Watch: local.Watch{Exchange: note}}
	for _, name := range []string{"route-tables", "sweep", "detach", "connection-of-another-account",
		"never-up-in-real-time"} {
		one := caseNamed(t, name)
		synctest.Test(t, func(t *testing.T) {
			time.Sleep(time.Until(time.Date(2026, 11, 23, 3, 10, 0, 0, time.UTC)))
			_, differences := one.Run(t.Context(), local.StartInProcess, options, 30*time.Hour, nil)
			if len(differences) > 0 {
				t.Errorf("case %s: %s", name, differences)
			}
			time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
		})
	}
	return slices.Sorted(maps.Keys(seen))
}

// disagreements compares what the role may do, what the function names, and what was done.
func disagreements(allowed, named, recorded []string) (found []string) {
	for _, action := range append(slices.Clone(named), platformActions()...) {
		if !slices.Contains(allowed, action) {
			found = append(found, action+" is called and not allowed")
		}
	}
	for _, action := range allowed {
		if !slices.Contains(named, action) && !slices.Contains(platformActions(), action) {
			found = append(found, action+" is allowed and never called")
		}
	}
	for _, action := range named {
		if !slices.Contains(recorded, action) {
			found = append(found, action+" was never exercised")
		}
	}
	for _, action := range recorded {
		if !slices.Contains(named, action) {
			found = append(found, action+" was done and is not named")
		}
	}
	return found
}

// allowedActions reads the policy of the template's role.
func allowedActions(t *testing.T) (actions []string) {
	t.Helper()
	for _, statement := range readTemplate(t).policy() {
		actions = append(actions, statement.Action...)
		resources, isList := statement.Resource.([]any)
		if !isList && !slices.Equal(statement.Action, []string{"sts:AssumeRole"}) {
			t.Errorf("%v may be done to %v", statement.Action, statement.Resource)
		}
		for _, resource := range resources {
			isAll := resource == "*" && slices.Equal(statement.Action, []string{"vpc:" + cloud.ActionDiagnose})
			if text := fmt.Sprint(resource); !isAll && !strings.Contains(text, "${ALIYUN::TenantId}") {
				t.Errorf("%v may be done to %s", statement.Action, text)
			}
		}
	}
	return actions
}

func TestTheRoleMayDoWhatTheFunctionDoesAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, found := range disagreements(allowedActions(t), namedActions(), recordedActions(t)) {
		t.Error(found)
	}
}

func TestEveryDisagreementAboutPermissionsIsFound(t *testing.T) {
	t.Parallel()
	all := []string{"cen:A", "vpc:B"}
	more, allowed := []string{"cen:A", "vpc:B", "cen:C"}, append(slices.Clone(all), platformActions()...)
	wider := append(slices.Clone(more), platformActions()...)
	cases := map[string]struct {
		allowed, named, recorded []string
		want                     string
	}{
		"all agree":                        {allowed, all, all, ""},
		"one more is allowed":              {wider, all, all, "cen:C is allowed and never called"},
		"one less is allowed":              {allowed[1:], all, all, "cen:A is called and not allowed"},
		"one more is called":               {allowed, more, more, "cen:C is called and not allowed"},
		"one less is called":               {allowed, all[:1], all[:1], "vpc:B is allowed and never called"},
		"no test exercises one":            {allowed, all, all[:1], "vpc:B was never exercised"},
		"something is done under no name":  {allowed, all, more, "cen:C was done and is not named"},
		"the platform may not do its part": {all, all, all, "log:PostLogStoreLogs is called and not allowed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(disagreements(c.allowed, c.named, c.recorded), "; "); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestOnlyRolesOfNamedMembersMayBeAssumed(t *testing.T) {
	p := readTemplate(t)
	must(t, "MembersPolicy", p.Resources["MembersPolicy"].Condition == "HasMembers", "it is there for members alone")
	for _, one := range p.policy() {
		if !slices.Contains(one.Action, "sts:AssumeRole") {
			continue
		}
		accounts := at(one.Resource, "Fn::Split", 1, "Fn::Join", 1, 1, "Fn::Replace")
		named := at(accounts, 1, "Ref") == "AllowedAccounts"
		must(t, "MembersPolicy", named, "the accounts are those that are served")
		must(t, "MembersPolicy", !strings.Contains(fmt.Sprint(one.Resource), "*"), "no account or role is a wildcard")
	}
	role := regexp.MustCompile(p.Parameters["OwnerRole"].AllowedPattern)
	for name, legal := range map[string]bool{
		"vpn-attach-reader": true, "acs:ram::{account}:role/reader": false, "*": false, "": false, "a/b": false,
	} {
		must(t, "OwnerRole", role.MatchString(name) == legal, fmt.Sprintf("%q is taken: %t", name, legal))
	}
}
