package main_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/fault"
)

// ramActions gives the names under which RAM knows a call of a service, by the name of our
// adapter for it.
func ramActions(adapter, call string) []string {
	product := map[string]string{"cbn": "cen", "vpc": "vpc", "mns": "mns", "aliyun": "sts"}[adapter]
	actions := []string{product + ":" + call}
	if call == "BatchSendMessage" { // either name, by different pages of the documentation
		actions = append(actions, "mns:SendMessage")
	}
	return actions
}

// platformActions are what the platform does in the name of the function's role.
func platformActions() []string { return []string{"log:PostLogStoreLogs"} }

// namedActions gives what package cloud says that the function calls.
func namedActions() (actions []string) {
	adapters := map[string]string{"cen": "cbn", "vpc": "vpc", "mns": "mns", "sts": "aliyun"}
	for _, action := range cloud.Actions() {
		product, _, _ := strings.Cut(action.Permission, ":")
		actions = append(actions, ramActions(adapters[product], action.Name)...)
	}
	return actions
}

// recordedActions are what the services saw of the function in cases that bind route tables, sweep, detach, and attach
// a connection of another account.
func recordedActions(t *testing.T) []string {
	t.Helper()
	var mu sync.Mutex
	seen := map[string]bool{}
	note := func(x fault.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		adapter := map[string]string{"mns": "mns", "openapi": "cbn", "sts": "aliyun"}[x.Service]
		if strings.HasPrefix(x.Action, "DescribeVpnConnection") {
			adapter = "vpc"
		}
		if x.Status/100 != 2 || x.Fault != nil {
			return
		}
		for _, action := range ramActions(adapter, x.Action) {
			seen[action] = true
		}
	}
	options := local.Options{Speed: local.CaseSpeed, Binary: binary, Watch: local.Watch{Exchange: note}}
	for _, name := range []string{"route-tables", "sweep", "detach", "connection-of-another-account"} {
		_, differences := caseNamed(t, name).Run(t.Context(), local.Start, options, local.CaseTimeout, nil)
		if len(differences) > 0 {
			t.Errorf("case %s: %s", name, differences)
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// disagreements compares what the role may do, what the adapters name, and what was done.
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
			found = append(found, action+" was done and is named by no adapter")
		}
	}
	return found
}

// allowedActions reads the policy of the template's role.
func allowedActions(t *testing.T) (actions []string) {
	t.Helper()
	for _, statement := range readTemplate(t).policy() {
		actions = append(actions, statement.Action...)
		for _, resource := range statement.Resource {
			if text := fmt.Sprint(resource); !strings.Contains(text, "${ALIYUN::TenantId}") && !slices.Equal(statement.Action, []string{"sts:AssumeRole"}) {
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
	allowed := append(slices.Clone(all), platformActions()...)
	cases := map[string]struct {
		allowed, named, recorded []string
		want                     string
	}{
		"all agree":                        {allowed, all, all, ""},
		"one more is allowed":              {append(slices.Clone(allowed), "cen:C"), all, all, "cen:C is allowed and never called"},
		"one less is allowed":              {allowed[1:], all, all, "cen:A is called and not allowed"},
		"an adapter calls one more":        {allowed, append(slices.Clone(all), "cen:C"), append(slices.Clone(all), "cen:C"), "cen:C is called and not allowed"},
		"an adapter calls one less":        {allowed, all[:1], all[:1], "vpc:B is allowed and never called"},
		"no test exercises one":            {allowed, all, all[:1], "vpc:B was never exercised"},
		"something is done under no name":  {allowed, all, append(slices.Clone(all), "cen:C"), "cen:C was done and is named by no adapter"},
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
