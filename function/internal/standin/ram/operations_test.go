package ram_test

import (
	"reflect"
	"testing"

	"vpn-attach/function/internal/standin/ram"
)

func TestWhatACallNeeds(t *testing.T) {
	t.Parallel()
	const router = "acs:cen:*:1:centransitrouter/"
	for name, c := range map[string]struct {
		api, operation string
		parameters     map[string]string
		want           []ram.Demand
	}{
		"a resource that the call names": {"2017-09-12", "CreateTransitRouterVpnAttachment",
			map[string]string{"TransitRouterId": "tr-1", "CenId": "cen-1"}, []ram.Demand{
				{Action: "cen:CreateTransitRouterVpnAttachment", Resource: "acs:cen:*:1:ceninstance/cen-1"},
				{Action: "cen:CreateTransitRouterVpnAttachment", Resource: router + "tr-1"},
			}},
		"any when it names none": {"2017-09-12", "ListTransitRouters", nil, []ram.Demand{
			{Action: "cen:ListTransitRouters", Resource: "acs:cen:*:1:ceninstance/*"},
			{Action: "cen:ListTransitRouters", Resource: router + "*"},
		}},
		"each of a list": {"2017-09-12", "ListTransitRouterRouteTables", map[string]string{
			"TransitRouterRouteTableIds.1": "vtb-1", "TransitRouterRouteTableIds.2": "vtb-2",
		}, []ram.Demand{
			{Action: "cen:ListTransitRouterRouteTables", Resource: router + "*"},
			{Action: "cen:ListTransitRouterRouteTables", Resource: "acs:cen:*:1:centransitrouterroutetable/vtb-1"},
			{Action: "cen:ListTransitRouterRouteTables", Resource: "acs:cen:*:1:centransitrouterroutetable/vtb-2"},
		}},
		"two actions": {"mns", "BatchSendMessage", map[string]string{"queue": "q"}, []ram.Demand{
			{Action: "mns:SendMessage", Resource: "acs:mns:cn:1:/queues/q/messages"},
			{Action: "mns:BatchSendMessage", Resource: "acs:mns:cn:1:/queues/q/messages"},
		}},
		"a role": {"2015-04-01", "AssumeRole", map[string]string{"RoleArn": "acs:ram::2:role/r"},
			[]ram.Demand{{Action: "sts:AssumeRole", Resource: "acs:ram::2:role/r"}}},
		"a region": {"2016-04-28", "DescribeVpnConnection", map[string]string{"VpnConnectionId": "vco-1"},
			[]ram.Demand{{Action: "vpc:DescribeVpnConnection", Resource: "acs:vpc:cn:1:vpnconnection/vco-1"}}},
		"nothing": {"2015-04-01", "GetCallerIdentity", nil, []ram.Demand{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := ram.ReadOperations().Demands(ram.Request{
				API: c.api, Operation: c.operation, Account: "1", Region: "cn",
				Get: func(name string) string { return c.parameters[name] },
			})
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("got  %v\nwant %v", got, c.want)
			}
		})
	}
}

func TestTheSmallestPolicyAllowsWhatWasDemanded(t *testing.T) {
	t.Parallel()
	var ledger ram.Ledger
	for _, v := range []ram.Verdict{
		{Demand: ram.Demand{Action: "cen:B", Resource: "acs:cen:*:1:ceninstance/cen-1"}, Allowed: true},
		{Demand: ram.Demand{Action: "cen:B", Resource: "acs:cen:*:1:ceninstance/cen-2"}},
		{Demand: ram.Demand{Action: "cen:A", Resource: "acs:cen:*:1:ceninstance/*"}, Allowed: true},
		{Demand: ram.Demand{Action: "mns:C", Resource: "acs:mns:cn:1:/queues/q/messages"}, Allowed: true},
	} {
		ledger.Note(v)
	}
	demands := ledger.Demands()
	if demands[ram.Demand{Action: "cen:B", Resource: "acs:cen:*:1:ceninstance/*"}] || len(demands) != 3 {
		t.Errorf("demands %v", demands)
	}
	want := ram.Document{Version: "1", Statement: []ram.Statement{
		{Effect: "Allow", Action: []string{"cen:A", "cen:B"}, Resource: []string{"acs:cen:*:1:ceninstance/*"}},
		{Effect: "Allow", Action: []string{"mns:C"}, Resource: []string{"acs:mns:cn:1:/queues/q/messages"}},
	}}
	if got := ram.Smallest(demands); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}
