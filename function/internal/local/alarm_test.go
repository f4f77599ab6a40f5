package local

import (
	"strings"
	"testing"

	"vpn-attach/function/internal/template"
)

func TestWhatAQueryOfAnAlarmFinds(t *testing.T) {
	indexed := map[string]string{"m.status": "text", "m.lag": "long", "failed": "text"}
	fields := map[string]any{"m.status": "retrying", "m.lag": 90.0, "failed": "true"}
	for search, want := range map[string]bool{
		"m.status: retrying":                                     true,
		"m.status: attached":                                     false,
		"m.status: retrying and m.lag > 90":                      false,
		"m.status: retrying and m.lag >= 90":                     true,
		"m.lag < 90 or m.lag <= 90":                              true,
		"not m.lag > 90":                                         true,
		"m.status: attached or failed: true and m.lag > 1":       true,
		"(m.status: attached or failed: true) and m.lag > 100":   false,
		"failed: true and (m.status: attached or m.lag > 89.5 )": true,
	} {
		matches, err := readQuery(search+"\n| select  count(1) as n", indexed)
		if err != nil || matches(fields) != want {
			t.Errorf("%s: want %v, %v", search, want, err)
		}
	}
	for query, want := range map[string]string{
		"m.status: a | select max(lag) as n":        "cannot work out",
		"m.status: a":                               "cannot work out",
		"m.code: a | select count(1) as n":          `"m.code" is not indexed`,
		"m.status > 1 | select count(1) as n":       "does not compare numbers",
		"m.lag > soon | select count(1) as n":       "does not compare numbers",
		"(m.lag > 1 | select count(1) as n":         "lacks a parenthesis",
		"m.lag > 1 m.lag > 2| select count(1) as n": "not understood",
	} {
		if _, err := readQuery(query, indexed); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want it to say %s", query, err, want)
		}
	}
}

func TestAnAlarmIsJudgedOrSaidToBeUnknown(t *testing.T) {
	for condition, want := range map[string]string{
		"n > 2": AlarmRinging, "n > 3": AlarmQuiet, "n >= 3": AlarmRinging,
		"n < 3": AlarmQuiet, "n <= 3": AlarmRinging,
		"n == 3": AlarmRinging, "n == 0": AlarmQuiet, "n != 3": AlarmUnknown,
		"n > some": AlarmUnknown, "": AlarmUnknown,
	} {
		got := judged("a", func() (float64, string, error) { return 3, condition, nil })
		if got.State != want || got.Name != "a" || got.Detail == "" {
			t.Errorf("%q: got %+v, want %s", condition, got, want)
		}
	}
}

func TestAMetricThatTheLocalCloudDoesNotHaveIsUnknown(t *testing.T) {
	cloud, err := StartInProcess(preset(), Options{Deployed: TheStack()})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	for metric, isKnown := range map[string]bool{
		"ActiveMessages": true, "InactiveMessages": true, "DelayMessages": true, "NumberOfMessagesSent": false,
	} {
		alarm := cloud.Stack.MetricAlarms()[0]
		alarm.MetricName = metric
		if _, _, err := cloud.metricOf(alarm); err == nil != isKnown {
			t.Errorf("%s: %v", metric, err)
		}
	}
	if _, _, err := cloud.metricOf(template.MetricAlarm{}); err == nil {
		t.Error("an alarm on nothing is judged")
	}
}
