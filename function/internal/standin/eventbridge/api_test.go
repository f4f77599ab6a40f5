package eventbridge

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/rpc"
	"vpn-attach/function/internal/standin/sign"
)

func TestARuleIsReadStoppedAndStarted(t *testing.T) {
	t.Parallel()
	var q queues
	rule := toQueue(nil)
	b := bridge(t, &q, rule)
	defer b.Close()
	api := NewAPI(b, &sign.Keyring{})
	call := func(action string, pairs ...string) string {
		parameters := url.Values{}
		for i := 0; i+1 < len(pairs); i += 2 {
			parameters.Set(pairs[i], pairs[i+1])
		}
		answer, refusal := api.Operations[action](rpc.Call{Parameters: parameters})
		if refusal != nil {
			_, body := api.Refusing(refusal)
			return fmt.Sprint(body["Success"], " ", body["Code"])
		}
		return fmt.Sprint(answer["Success"], " ", answer["Data"])
	}
	put := func() int {
		if err := b.Put(DefaultBus, []byte(`{"source":"acs.vpc"}`)); err != nil {
			t.Fatal(err)
		}
		q.mu.Lock()
		defer q.mu.Unlock()
		return len(q.took)
	}
	of := []string{"EventBusName", DefaultBus, "RuleName", rule.RuleName}
	if said := call("GetRule", of...); !strings.Contains(said, "Status:ENABLE") || !strings.Contains(said, "acs.vpc") {
		t.Errorf("the rule is %s", said)
	}
	if n := put(); n != 1 {
		t.Fatalf("%d messages came", n)
	}
	if said := call("DisableRule", of...); !strings.HasPrefix(said, "true") {
		t.Error(said)
	}
	if n := put(); n != 1 || !strings.Contains(call("GetRule", of...), "Status:DISABLE") {
		t.Errorf("of a rule that was stopped %d messages came", n)
	}
	call("EnableRule", of...)
	if n := put(); n != 2 {
		t.Errorf("of a rule that was started again %d messages came", n)
	}
	for _, c := range []struct {
		action string
		pairs  []string
		want   string
	}{
		{"GetRule", []string{"EventBusName", DefaultBus, "RuleName", "none"}, "false EventRuleNotExisted"},
		{"GetRule", []string{"EventBusName", "none", "RuleName", "none"}, "false EventBusNotExist"},
		{"DisableRule", []string{"EventBusName", DefaultBus}, "false MissingRuleName"},
		{"CreateEventBus", []string{"EventBusName", "members"}, "true map[EventBusARN:acs:eventbridge:" +
			"cn-hangzhou:1234567890123456:eventbus/members]"},
		{"CreateEventBus", []string{"EventBusName", "members"}, "false EventBusExist"},
		{"GetRule", []string{"EventBusName", "members", "RuleName", "none"}, "false EventRuleNotExisted"},
		{"CreateServiceLinkedRoleForProduct", []string{"ProductName", "SendToMNS"}, "true <nil>"},
		{"CreateServiceLinkedRoleForProduct", []string{"ProductName", "SendToMNS"}, "false EntityAlreadyExists.Role"},
	} {
		if got := call(c.action, c.pairs...); got != c.want {
			t.Errorf("%s %q: got %s, want %s", c.action, c.pairs, got, c.want)
		}
	}
}

func TestRulesAreReplacedAsAWhole(t *testing.T) {
	t.Parallel()
	var q queues
	b := bridge(t, &q, toQueue(nil))
	defer b.Close()
	wrong := toQueue(func(to *Target) { to.Type = "acs.fc.function" })
	if err := b.Replace([]Rule{wrong}); err == nil || !b.HasBus(DefaultBus) {
		t.Error("a rule that cannot be was taken")
	}
	put := func() int {
		if err := b.Put(DefaultBus, []byte(`{"source":"acs.vpc"}`)); err != nil {
			t.Fatal(err)
		}
		return len(q.took)
	}
	if n := put(); n != 1 {
		t.Errorf("after a wrong change %d messages came", n)
	}
	if err := b.Replace(nil); err != nil || put() != 1 {
		t.Errorf("without rules messages came, %v", err)
	}
}
