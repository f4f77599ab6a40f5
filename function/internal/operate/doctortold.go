package operate

import (
	"context"
	"fmt"
	"strings"
)

// checkTold looks whether somebody hears of alarms.
func (o exam) checkTold(ctx context.Context) []Check {
	told, err := o.told(ctx)
	nobody := len(told) == 1 && strings.HasPrefix(told[0], "nobody")
	checks := []Check{found("somebody is told of alarms", err, nobody, "nobody is",
		o.command("set", "NotifyMail=ops@example.com"))}
	if err != nil || nobody {
		return checks
	}
	s, err := o.stack(ctx)
	if err != nil {
		return checks
	}
	groups := []string{}
	if s.parameters["NotifyMail"]+s.parameters["NotifyDingTalk"] != "" {
		groups = append(groups, o.Stack+"-"+o.Region) // as the template names it
	}
	if existing := s.parameters["AlarmContactGroup"]; existing != "" {
		groups = append(groups, existing)
	}
	for _, group := range groups {
		checks = append(checks, o.checkContacts(ctx, group))
	}
	return checks
}

// contact is somebody in a contact group, with the ways in which CloudMonitor reaches them.
type contact struct {
	Name     string
	Channels map[string]string
}

// checkContacts looks whether a contact group has somebody who can be reached.
func (o exam) checkContacts(ctx context.Context, group string) Check {
	what := "contact group " + plain(group) + " has an address"
	answer, err := ask[struct {
		Contacts struct{ Contact []contact }
	}](ctx, o.Operator, Call{Service: "cms", Action: "DescribeContactListByContactGroup",
		Flags: []string{"--ContactGroupName", group}})
	if refused(err, "NotExist", "NotFound", "404") {
		return found(what, nil, true, "there is no such group",
			o.command("deploy")+", or "+o.command("set", "AlarmContactGroup=NAME"))
	}
	reached := 0
	for _, c := range answer.Contacts.Contact {
		for _, address := range c.Channels {
			if address != "" {
				reached++
				break
			}
		}
	}
	return found(what, err, reached == 0,
		fmt.Sprintf("of %s none has one: nobody hears of an alarm", several(len(answer.Contacts.Contact), "contact")),
		"activate it by the link in the mail that CloudMonitor sent, or add one in CloudMonitor's console")
}
