package local

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"vpn-attach/function/internal/standin/cms"
	"vpn-attach/function/internal/standin/eventbridge"
	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/oss"
	"vpn-attach/function/internal/standin/ram"
	"vpn-attach/function/internal/standin/resourcemanager"
	"vpn-attach/function/internal/standin/ros"
	"vpn-attach/function/internal/standin/rpc"
	"vpn-attach/function/internal/standin/sls"
	"vpn-attach/function/internal/standin/sts"
	"vpn-attach/function/internal/template"
)

// account makes the services by which somebody deploys and operates.
func (c *Cloud) account() {
	c.Store = oss.New(oss.Options{Region: c.Spec.Region, Keys: c.Keys, AccountOf: c.accountOf})
	c.oss = c.Faults.Wrap("oss", c.Store)
	c.sls = c.Faults.Wrap("sls", sls.New(sls.Options{Keys: c.Keys, Has: c.hasLog, Search: c.searchLog}))
	c.ROS = ros.New(ros.Options{Region: c.Spec.Region, Keys: c.Keys, Maker: c.stacks})
	c.adopt()
	c.byAPI = map[string]http.Handler{ros.Version: c.Faults.Wrap("ros", formatted{c.ROS})}
	for name, service := range map[string]*rpc.Service{
		"eventbridge":     eventbridge.NewAPI(c.bridge, c.Keys),
		"ram":             c.access.roles.Service(),
		"resourcemanager": resourcemanager.New(c.Spec.Account, c.Keys),
		"cms":             cms.New(cms.Options{Keys: c.Keys, Rules: c.metricRules, Group: c.contacts}),
	} {
		c.byAPI[service.Version] = c.Faults.Wrap(name, formatted{service})
	}
}

// serveObjects serves this machine's own tools alone, whatever key a request has: an object can be a program, which a
// deployment has this machine run, and the keys of a local cloud are no secret.
func (c *Cloud) serveObjects(w http.ResponseWriter, r *http.Request) {
	if !fc.IsLocal(r) {
		c.Store.WriteError(w, r, http.StatusForbidden, "AccessDenied")
		return
	}
	c.oss.ServeHTTP(w, r)
}

// newRoles are the roles that are made by calls, beside those of the cloud file and of the stack.
func (c *Cloud) newRoles() *ram.Roles {
	return ram.NewRoles(ram.RolesOptions{Keys: c.Keys, AccountOf: c.accountOf, Taken: func(arn string) bool {
		for _, member := range c.Spec.Members {
			if member.ARN() == arn {
				return true
			}
		}
		for _, role := range c.stack().Roles() {
			if strings.EqualFold(role.Arn, arn) {
				return true
			}
		}
		return false
	}})
}

// madeRole is a role that a call made, as STS knows it.
func (c *Cloud) madeRole(arn string) (sts.Role, bool) {
	_, _, found := c.access.roles.Role(arn)
	of, name, _ := strings.Cut(strings.TrimPrefix(arn, "acs:ram::"), ":role/")
	return sts.Role{Account: of, Name: name}, found
}

// metricRules are the alarms of CloudMonitor.
func (c *Cloud) metricRules() (all []cms.Rule) {
	states := map[string]string{AlarmRinging: cms.Alarm, AlarmQuiet: cms.OK, AlarmUnknown: cms.Unknown}
	for _, a := range template.Of[metricAlarm](c.stack(), typeMetricAlarm) {
		now := judged(a.RuleName, func() (float64, string, error) { return c.metricOf(a) })
		all = append(all,
			cms.Rule{Name: a.RuleName, Namespace: a.Namespace, Metric: a.MetricName, State: states[now.State]})
	}
	return all
}

// ownGroup is the contact group that a local cloud has beside those of its stack: the one of ownParameters.
const ownGroup = "local"

// contacts are those of a group of the stack. An address counts as activated.
func (c *Cloud) contacts(group string) (all []cms.Contact, found bool) {
	if group == ownGroup {
		return []cms.Contact{{Name: ownGroup, Channels: map[string]string{"Mail": "local@example.com"}}}, true
	}
	known := map[string]cms.Contact{}
	var names []any
	for _, r := range c.stack().Resources {
		switch {
		case r.Type == "ALIYUN::CMS::Contact":
			contact := cms.Contact{Name: fmt.Sprint(r.Properties["ContactName"]), Channels: map[string]string{}}
			channels, _ := r.Properties["Channels"].(map[string]any)
			for channel, address := range channels {
				contact.Channels[channel] = fmt.Sprint(address)
			}
			known[contact.Name] = contact
		case r.Type == "ALIYUN::CMS::ContactGroup" && r.Properties["ContactGroupName"] == group:
			names, found = r.Properties["ContactNames"].([]any)
		}
	}
	for _, name := range names {
		all = append(all, known[fmt.Sprint(name)])
	}
	return all, found
}

// hasLog reports whether the stack has a logstore.
func (c *Cloud) hasLog(project, logstore string) bool {
	s := c.store()
	return s.isMade && s.project == project && s.name == logstore
}

// searchLog finds entries of the function's log: what it wrote as JSON.
func (c *Cloud) searchLog(query string) (all []sls.Entry, err error) {
	matches := func(map[string]any) bool { return true }
	if strings.TrimSpace(query) != "*" && query != "" {
		if matches, err = readQuery(query+" | "+justCount, c.store().fields); err != nil {
			return nil, err
		}
	}
	for _, line := range c.log.all() {
		r, isRecord := recordOf(line)
		if isRecord && matches(r.fields) {
			all = append(all, sls.Entry{Time: r.at, Fields: map[string]string{
				"message": line, "functionName": c.deployed.FunctionName}})
		}
	}
	return all, nil
}

// recordOf is a line of the log as a query sees it.
func recordOf(line string) (record, bool) {
	var written map[string]any
	if json.Unmarshal([]byte(line), &written) != nil {
		return record{}, false
	}
	text, _ := written["time"].(string)
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return record{}, false
	}
	r := record{at: at, fields: map[string]any{}}
	for name, value := range written {
		r.fields["message."+name] = value
	}
	return r, true
}

// HasRole reports whether a call made a role.
func (c *Cloud) HasRole(arn string) bool {
	_, found := c.madeRole(arn)
	return found
}

// HasBus reports whether there is a bus of that name.
func (c *Cloud) HasBus(name string) bool { return c.bridge.HasBus(name) }
