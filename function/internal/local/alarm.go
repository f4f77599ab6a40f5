package local

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"vpn-attach/function/internal/template"
)

// Alarm is an alarm of the stack, as it would stand now.
type Alarm struct {
	Name  string `json:"name"`
	Title string `json:"title,omitempty"` // what an alarm on the log says; the name of another one says it
	State string `json:"state"`           // ringing, quiet or unknown
	// Detail is the figure that decides, with its condition, or why nothing is known.
	Detail string `json:"detail"`
}

// States of an alarm.
const (
	AlarmRinging = "ringing"
	AlarmQuiet   = "quiet"
	AlarmUnknown = "unknown"
)

// Alarms judges every alarm of the stack by the services' own records. What those do not hold is unknown.
func (c *Cloud) Alarms() []Alarm {
	all := []Alarm{}
	for _, a := range template.Of[metricAlarm](c.stack(), typeMetricAlarm) {
		all = append(all, judged(a.RuleName, func() (float64, string, error) { return c.metricOf(a) }))
	}
	records := c.records()
	for _, a := range template.Of[logAlarm](c.stack(), typeLogAlarm) {
		if a.Detail.State != "Enabled" {
			all = append(all, Alarm{Name: a.Detail.Name, Title: a.Detail.DisplayName, State: AlarmQuiet,
				Detail: "it is not enabled"})
			continue
		}
		alarm := judged(a.Detail.Name, func() (float64, string, error) { return c.countOf(a, records) })
		alarm.Title = a.Detail.DisplayName
		all = append(all, alarm)
	}
	return all
}

// judged holds a figure against its condition, such as "n > 0".
func judged(name string, measure func() (n float64, condition string, err error)) Alarm {
	n, condition, err := measure()
	var rings bool
	if err == nil {
		rings, err = holds(n, condition)
	}
	switch {
	case err != nil:
		return Alarm{Name: name, State: AlarmUnknown, Detail: err.Error()}
	case rings:
		return Alarm{Name: name, State: AlarmRinging, Detail: fmt.Sprintf("n is %g; %s", n, condition)}
	}
	return Alarm{Name: name, State: AlarmQuiet, Detail: fmt.Sprintf("n is %g; %s", n, condition)}
}

// holds decides "n OPERATOR NUMBER".
func holds(n float64, condition string) (bool, error) {
	words := strings.Fields(condition)
	if len(words) != 3 || words[0] != "n" {
		return false, fmt.Errorf("the condition %q is not known here", condition)
	}
	bound, err := strconv.ParseFloat(words[2], 64)
	if err != nil {
		return false, fmt.Errorf("the condition %q has no number", condition)
	}
	switch words[1] {
	case ">":
		return n > bound, nil
	case ">=":
		return n >= bound, nil
	case "<":
		return n < bound, nil
	case "<=":
		return n <= bound, nil
	case "==":
		return n == bound, nil
	}
	return false, fmt.Errorf("the condition %q is not known here", condition)
}

// record is an entry of the function's log: its fields by the names by which a query finds them.
type record struct {
	at     time.Time
	fields map[string]any
}

// records are what the log of the function holds: what it wrote, and, with metrics, how each invocation ended.
func (c *Cloud) records() (all []record) {
	for _, line := range c.log.all() {
		if r, isRecord := recordOf(line); isRecord {
			all = append(all, r)
		}
	}
	if !c.store().hasMetrics {
		return all
	}
	for _, i := range c.Runtime.Invocations() {
		failed := strconv.FormatBool(i.Failure != nil)
		all = append(all, record{i.Started.Add(i.Duration), map[string]any{"hasFunctionError": failed}})
	}
	return all
}

// countOf counts what an alert of Log Service finds in its window of cloud time.
func (c *Cloud) countOf(a logAlarm, records []record) (float64, string, error) {
	config := a.Detail.Configuration
	if len(config.QueryList) != 1 || len(config.SeverityConfigurations) != 1 {
		return 0, "", fmt.Errorf("one query and one severity can be judged")
	}
	query := config.QueryList[0]
	search, analysis, _ := strings.Cut(query.Query, "|")
	counts := strings.Join(strings.Fields(analysis), " ") == justCount
	if !counts {
		query.Query = search + "| " + justCount
	}
	matches, err := readQuery(query.Query, c.store().fields)
	window, wrong := c.store().windowOf(a, c.Spec.Region)
	if err = cmp.Or(wrong, err); err != nil {
		return 0, "", err
	}
	since := time.Now().Add(-scaled(window, c.speed)).Truncate(time.Second)
	var found []record
	for _, r := range records {
		if !r.at.Before(since) && matches(r.fields) {
			found = append(found, r)
		}
	}
	condition := config.SeverityConfigurations[0].EvalCondition.Condition
	if counts {
		return float64(len(found)), condition, nil
	}
	return figured(analysis, found, c.store().fields, condition)
}

// figured is 1 when the figures of an analysis fulfil the condition, else 0.
func figured(analysis string, found []record, fields map[string]string, condition string) (float64, string, error) {
	all, err := figures(analysis, found, fields)
	if err != nil {
		return 0, "", err
	}
	if rings, err := holdAll(all, condition); err != nil || !rings {
		return 0, "n > 0", err
	}
	return 1, "n > 0", nil
}

// compareAlarms compares the states of the alarms that the expectation names.
func (e Expectation) compareAlarms(got []Alarm) (differences []string) {
	for _, name := range slices.Sorted(maps.Keys(e.Alarms)) {
		state := "none"
		for _, alarm := range got {
			if alarm.Name == name {
				state = alarm.State + " (" + alarm.Detail + ")"
			}
		}
		if word, _, _ := strings.Cut(state, " "); word != e.Alarms[name] {
			difference := fmt.Sprintf("alarms.%s: expected %s, got %s", name, e.Alarms[name], state)
			differences = append(differences, difference)
		}
	}
	return differences
}
