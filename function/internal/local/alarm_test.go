package local

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

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

func TestEveryAlarmOfTheTemplateIsJudged(t *testing.T) {
	cloud, err := StartInProcess(preset(), Options{Deployed: TheStack()})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	judged := cloud.Alarms()
	if len(judged) < 10 {
		t.Errorf("there are %d alarms", len(judged))
	}
	for _, alarm := range judged {
		if alarm.State == AlarmUnknown {
			t.Errorf("%+v", alarm)
		}
	}
}

func TestWhatTheLocalCloudCannotMeasureIsUnknown(t *testing.T) {
	cloud, err := StartInProcess(preset(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	for figure, isKnown := range map[string]bool{
		"ActiveMessages Maximum 1": true, "InactiveMessages Maximum 1": true, "DelayMessages Maximum 1": true,
		"ActiveMessages Minimum 3": true, "DelayMessages Minimum 1": false, "ActiveMessages Maximum 2": true,
		"DelayMessages Maximum 2": false, "ActiveMessages Average 2": false,
		"NumberOfMessagesSent Maximum 1": false,
	} {
		alarm := template.Of[metricAlarm](cloud.Stack, typeMetricAlarm)[0]
		when := escalation{ComparisonOperator: "GreaterThanThreshold", Threshold: "0"}
		if _, err := fmt.Sscan(figure, &alarm.MetricName, &when.Statistics, &when.Times); err != nil {
			t.Fatal(err)
		}
		alarm.Escalations = map[string]escalation{"Critical": when}
		if _, _, err := cloud.metricOf(alarm); (err == nil) != isKnown {
			t.Errorf("%s: %v", figure, err)
		}
	}
	if _, _, err := cloud.metricOf(metricAlarm{}); err == nil {
		t.Error("an alarm on nothing is judged")
	}
}

func TestEventsThatWaitRingAfterFifteenMinutesWithoutAMomentOfNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cloud, err := StartInProcess(preset(), Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer cloud.Close()
		stateAfter := func(wait time.Duration) string {
			time.Sleep(wait)
			at := slices.IndexFunc(cloud.Alarms(), func(a Alarm) bool {
				return strings.HasSuffix(a.Name, "events wait for 15 minutes")
			})
			return cloud.Alarms()[at].State
		}
		send := func(delay time.Duration) {
			if _, err := cloud.Queues.Send(cloud.EventQueue, "{}", delay); err != nil {
				t.Fatal(err)
			}
		}
		take := func() {
			if _, err := cloud.Queues.Receive(t.Context(), cloud.EventQueue, 1, 0); err != nil {
				t.Fatal(err)
			}
		}
		send(10 * time.Minute) // which is delayed, and waits from then on
		states := []string{stateAfter(24 * time.Minute), stateAfter(time.Minute)}
		send(0)
		take()
		states = append(states, stateAfter(time.Second)) // the other one is still there
		take()
		states = append(states, stateAfter(time.Second), stateAfter(20*time.Minute), stateAfter(time.Minute))
		want := []string{AlarmQuiet, AlarmRinging, AlarmRinging, AlarmQuiet, AlarmQuiet, AlarmRinging} // visible again
		if !slices.Equal(states, want) {
			t.Errorf("got %q, want %q", states, want)
		}
	})
}

func TestWhatSweepsFindCountsWhenItIsTheSameAgain(t *testing.T) {
	const analysis = `select count(distinct concat("m.sweep", "m.vco")) - count(distinct "m.vco") as n`
	indexed := map[string]string{"m.sweep": "text", "m.vco": "text"}
	for name, c := range map[string]struct {
		found []string // sweep/connection
		want  float64
	}{
		"nothing":                     {nil, 0},
		"others each time":            {[]string{"1/a", "2/b", "3/c"}, 0},
		"one line, delivered again":   {[]string{"1/a", "1/a"}, 0},
		"the same by the next sweep":  {[]string{"1/a", "1/b", "2/b"}, 1},
		"two, by each of three":       {[]string{"1/a", "1/b", "2/a", "2/b", "3/a", "3/b"}, 4},
		"the same, and another later": {[]string{"1/a", "2/a", "3/b"}, 1},
	} {
		var found []record
		for _, text := range c.found {
			sweep, vco, _ := strings.Cut(text, "/")
			found = append(found, record{fields: map[string]any{"m.sweep": sweep, "m.vco": vco}})
		}
		if got, err := figures(analysis, found, indexed); err != nil || got["n"] != c.want {
			t.Errorf("%s: %v, %v, want %g", name, got, err, c.want)
		}
	}
	if _, err := figures(analysis, nil, map[string]string{"m.sweep": "text"}); err == nil {
		t.Error("a field that is not indexed is searched")
	}
}

// alarmsWith are the alarms of a cloud whose template says something else.
func alarmsWith(t *testing.T, from, to string) map[string]string {
	t.Helper()
	path, err := FindInProject("template.yml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), from) {
		t.Fatalf("the template does not say %q: %v", from, err)
	}
	read, err := template.Parse([]byte(strings.Replace(string(text), from, to, 1)))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := StartInProcess(preset(), Options{Deployed: Deployed{Template: read}})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	details := map[string]string{}
	for _, alarm := range cloud.Alarms() {
		details[alarm.Name] = alarm.State + ": " + alarm.Detail
	}
	return details
}

func TestAnAlarmThatLooksElsewhereOrTooBrieflyIsUnknown(t *testing.T) {
	const mistyped = "unknown: no function writes its log into "
	of := func(resource, property string) string { return "{'Fn::GetAtt': [" + resource + ", " + property + "]}" }
	for _, c := range []struct{ name, from, to, want string }{
		{"lag", "Store: function", "Store: functions", mistyped + "functions of"},
		{"lag", "Project: " + of("LogProject", "Name") + "\n              Region", "Project: x\n              Region",
			mistyped + "function of x"},
		{"lag", "Region: {Ref: 'ALIYUN::Region'}\n              Store", "Region: cn-beijing\n              Store",
			mistyped + "function of vpn-attach-1234567890123456-cn-hangzhou in cn-beijing"},
		{"failed", "LogstoreName: function\n      TTL", "LogstoreName: functions\n      TTL", mistyped},
		{"failed", "LogstoreName: function\n      FullText", "LogstoreName: functions\n      FullText",
			"is not indexed"},
		{"lag", "Interval: 5m}", "Interval: 50m}", "it looks back for 5m0s every 50m0s, and misses what is between"},
		{"lag", "Start: '-300s'", "Start: '-3s'", "it looks back for 3s every 5m0s"},
		{"vpn-attach: something needs a person", "region: {Ref: 'ALIYUN::Region'}, queue", "region: cn-beijing, queue",
			`unknown: there is no queue "vpn-attach-inbox" in cn-beijing`},
		{"vpn-attach: the function ended with an error", "functionName: " + of("Function", "FunctionName"),
			"functionName: other", "unknown: there is no function other of 1234567890123456 in cn-hangzhou"},
		{"vpn-attach: the function ended with an error", "userId: {Ref: 'ALIYUN::TenantId'}", "userId: '1'",
			"unknown: there is no function vpn-attach of 1 in"},
	} {
		if got := alarmsWith(t, c.from, c.to)[c.name]; !strings.Contains(got, c.want) {
			t.Errorf("%s: %s is %q, want %q", c.to, c.name, got, c.want)
		}
	}
}
