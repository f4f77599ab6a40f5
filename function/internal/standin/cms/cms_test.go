package cms_test

import (
	"fmt"
	"net/url"
	"testing"

	"vpn-attach/function/internal/standin/cms"
	"vpn-attach/function/internal/standin/rpc"
)

func TestRulesAndContactsAreListed(t *testing.T) {
	var rules []cms.Rule
	for i := range 12 {
		state := cms.OK
		if i == 11 {
			state = cms.Alarm
		}
		rules = append(rules, cms.Rule{Name: fmt.Sprintf("vpn: %02d", i), State: state})
	}
	s := cms.New(cms.Options{
		Rules: func() []cms.Rule { return rules },
		Group: func(name string) ([]cms.Contact, bool) {
			return []cms.Contact{{Name: "ops", Channels: map[string]string{"Mail": "o@example.com"}}}, name == "night"
		},
	})
	for _, c := range []struct{ action, query, want string }{
		{"DescribeMetricRuleList", "AlertState=ALARM&RuleName=vpn:", "total 1: vpn: 11"},
		{"DescribeMetricRuleList", "AlertState=ALARM&RuleName=other", "total 0:"},
		{"DescribeMetricRuleList", "RuleName=: 0&PageSize=3", "total 10: vpn: 00 vpn: 01 vpn: 02"},
		{"DescribeMetricRuleList", "Page=2&PageSize=10", "total 12: vpn: 10 vpn: 11"},
		{"DescribeMetricRuleList", "Page=9", "total 12:"},
		{"DescribeContactListByContactGroup", "ContactGroupName=night", "ops map[Mail:o@example.com]"},
		{"DescribeContactListByContactGroup", "ContactGroupName=day", "ResourceNotFound"},
		{"DescribeContactListByContactGroup", "", "MissingContactGroupName"},
	} {
		parameters, err := url.ParseQuery(c.query)
		if err != nil {
			t.Fatal(err)
		}
		answer, refusal := s.Operations[c.action](rpc.Call{Parameters: parameters})
		var got string
		switch {
		case refusal != nil:
			got = refusal.Code
		case answer["Alarms"] != nil:
			got = fmt.Sprintf("total %s:", answer["Total"])
			for _, one := range answer["Alarms"].(map[string]any)["Alarm"].([]any) {
				got += fmt.Sprint(" ", one.(map[string]any)["RuleName"])
			}
		default:
			one := answer["Contacts"].(map[string]any)["Contact"].([]any)[0].(map[string]any)
			got = fmt.Sprint(one["Name"], " ", one["Channels"])
		}
		if got != c.want {
			t.Errorf("%s %s: got %q, want %q", c.action, c.query, got, c.want)
		}
	}
}
