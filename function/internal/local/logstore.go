package local

import (
	"fmt"
	"time"

	"vpn-attach/function/internal/template"
)

// store is where the platform writes the function's log.
type store struct {
	project, name string
	isMade        bool              // the stack has the project and the logstore
	hasMetrics    bool              // also of each invocation how it ended
	fields        map[string]string // by which a query may search, with their types
}

// storeOf is the store that the function's configuration names.
func storeOf(stack *template.Stack) (s store) {
	for _, r := range stack.Resources {
		if config, has := r.Properties["LogConfig"].(map[string]any); has && r.Type == typeFunction {
			s.project, s.name = fmt.Sprint(config["Project"]), fmt.Sprint(config["Logstore"])
			s.hasMetrics = config["EnableRequestMetrics"] == true
		}
	}
	s.fields = map[string]string{}
	hasProject := false
	for _, r := range stack.Resources {
		isOurs := r.Properties["ProjectName"] == s.project && r.Properties["LogstoreName"] == s.name
		switch {
		case r.Type == "ALIYUN::SLS::Project" && r.Properties["Name"] == s.project:
			hasProject = true
		case r.Type == "ALIYUN::SLS::Logstore" && isOurs:
			s.isMade = true
		case r.Type == "ALIYUN::SLS::Index" && isOurs:
			s.index(r.Properties)
		}
	}
	s.isMade = s.isMade && hasProject
	return s
}

// index notes the fields of an index.
func (s store) index(properties map[string]any) {
	keys, _ := properties["KeyIndices"].([]any)
	for _, one := range keys {
		key, _ := one.(map[string]any)
		name := fmt.Sprint(key["Name"])
		s.fields[name] = fmt.Sprint(key["Type"])
		inner, _ := key["JsonKeyIndices"].([]any)
		for _, one := range inner {
			field, _ := one.(map[string]any)
			s.fields[name+"."+fmt.Sprint(field["Name"])] = fmt.Sprint(field["Type"])
		}
	}
}

// windowOf is how far an alert looks back into the store. One that reads another, or looks back less far than to the
// time before, does not see everything.
func (s store) windowOf(a logAlarm, region string) (time.Duration, error) {
	query, schedule := a.Detail.Configuration.QueryList[0], a.Detail.Schedule
	if query.Project != s.project || query.Store != s.name || query.Region != region || !s.isMade {
		return 0, fmt.Errorf("no function writes its log into %s of %s in %s", query.Store, query.Project, query.Region)
	}
	window, err := time.ParseDuration(query.Start)
	if err != nil || window >= 0 {
		return 0, fmt.Errorf("the window %q is not known here", query.Start)
	}
	every, err := time.ParseDuration(schedule.Interval)
	if err != nil || schedule.Type != "FixedRate" {
		return 0, fmt.Errorf("the schedule %s %q is not known here", schedule.Type, schedule.Interval)
	}
	if -window < every {
		return 0, fmt.Errorf("it looks back for %s every %s, and misses what is between", -window, every)
	}
	return -window, nil
}
