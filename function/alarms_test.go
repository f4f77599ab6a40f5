package main_test

import (
	"regexp"
	"slices"
	"testing"
)

// TestEveryAlarmNamesTheCommandThatShowsMore reads what an alarm sends to people: a subject, or a description.
func TestEveryAlarmNamesTheCommandThatShowsMore(t *testing.T) {
	var verbs []string
	named := regexp.MustCompile(`\{name: "(\w+)"`)
	for _, file := range []string{"verbs.go", "changing.go"} {
		for _, m := range named.FindAllStringSubmatch(page(t, "cmd/operate/"+file), -1) {
			verbs = append(verbs, m[1])
		}
	}
	alarms := 0
	for name, r := range readTemplate(t).Resources {
		var text any
		switch r.Type {
		case "ALIYUN::CMS::ResourceMetricRule":
			text = at(r.Properties["EmailSubject"], "Fn::Sub")
		case "ALIYUN::SLS::Alert":
			text = at(r.Properties, "Detail", "Configuration", "Annotations", 1, "Value")
		default:
			continue
		}
		alarms++
		said, _ := text.(string)
		found := regexp.MustCompile(`scripts/vpn-attach (\w+)`).FindStringSubmatch(said)
		if found == nil || !slices.Contains(verbs, found[1]) {
			t.Errorf("%s names no command: %s", name, said)
		}
	}
	if alarms < 12 || len(verbs) < 17 {
		t.Errorf("only %d alarms and the verbs %q were found", alarms, verbs)
	}
}
