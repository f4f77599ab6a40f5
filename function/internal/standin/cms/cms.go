// Package cms stands in for the part of CloudMonitor (CMS, 2019-01-01) that operators ask: DescribeMetricRuleList, and
// DescribeContactListByContactGroup. What rings, and who is told, is asked of whoever makes the service.
//
// It does not imitate: metrics, changes of rules and contacts, notifications, blacklists, and a filter of
// DescribeMetricRuleList other than by AlertState and RuleName. Its answers are those of the service's pages; the
// code of a group that does not exist is assumed.
package cms

import (
	"net/http"
	"strconv"
	"strings"

	"vpn-attach/function/internal/standin/rpc"
	"vpn-attach/function/internal/standin/sign"
)

// Version is the API's.
const Version = "2019-01-01"

// States of a rule.
const (
	OK      = "OK"
	Alarm   = "ALARM"
	Unknown = "INSUFFICIENT_DATA"
)

// Rule is a rule and how it stands.
type Rule struct{ Name, Namespace, Metric, State string }

// Contact is somebody who is told, by channels such as Mail or DingWebHook.
type Contact struct {
	Name     string
	Channels map[string]string
}

// Options of a service; all are required.
type Options struct {
	Keys sign.Keys
	// Rules are those of the account, as they stand now.
	Rules func() []Rule
	// Group gives the contacts of a group, and whether there is one.
	Group func(name string) (contacts []Contact, found bool)
}

// New makes a service.
func New(o Options) *rpc.Service {
	return rpc.New(Version, o.Keys, map[string]rpc.Operation{
		"DescribeMetricRuleList": o.listRules, "DescribeContactListByContactGroup": o.listContacts,
	})
}

// pageOf is the part of n entries that a call asks for, by Page from 1 and PageSize.
func pageOf(c rpc.Call, n int) (first, end int) {
	size, err := strconv.Atoi(c.Get("PageSize"))
	if err != nil || size < 1 || size > 100 {
		size = 10
	}
	page, err := strconv.Atoi(c.Get("Page"))
	if err != nil || page < 1 {
		page = 1
	}
	first = min((page-1)*size, n)
	return first, min(first+size, n)
}

// listRules finds rules by a part of their names.
func (o Options) listRules(c rpc.Call) (map[string]any, *sign.Refusal) {
	found := []any{}
	for _, r := range o.Rules() {
		state := c.Get("AlertState")
		if strings.Contains(r.Name, c.Get("RuleName")) && (state == "" || state == r.State) {
			found = append(found, map[string]any{"RuleName": r.Name, "RuleId": r.Name, "Namespace": r.Namespace,
				"MetricName": r.Metric, "AlertState": r.State, "EnableState": true})
		}
	}
	first, end := pageOf(c, len(found))
	return map[string]any{"Success": true, "Code": 200, "Total": strconv.Itoa(len(found)),
		"Alarms": map[string]any{"Alarm": found[first:end]}}, nil
}

func (o Options) listContacts(c rpc.Call) (map[string]any, *sign.Refusal) {
	if refusal := c.Missing("ContactGroupName"); refusal != nil {
		return nil, refusal
	}
	contacts, found := o.Group(c.Get("ContactGroupName"))
	if !found {
		return nil, rpc.Refuse(http.StatusNotFound, "ResourceNotFound", "The specified resource is not found.")
	}
	all := []any{}
	for _, contact := range contacts {
		all = append(all, map[string]any{"Name": contact.Name, "Channels": contact.Channels})
	}
	return map[string]any{"Success": true, "Code": "200", "Contacts": map[string]any{"Contact": all}}, nil
}
