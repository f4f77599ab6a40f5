package main_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/app"
)

// key is a key of so many characters.
func key(length int) string { return strings.Repeat("k", length) }

// TestAParameterTakesWhatTheFunctionTakes holds constraints at their bounds: what a deployment takes must not keep the
// function from starting.
func TestAParameterTakesWhatTheFunctionTakes(t *testing.T) {
	for name, values := range map[string]struct{ taken, refused []string }{
		"FollowUpKey":         {[]string{key(32), key(128)}, []string{"", key(31), key(129)}},
		"FollowUpKeyPrevious": {[]string{"", key(32), key(128)}, []string{key(31), key(129)}},
		"Pause":               {[]string{"true", "false"}, []string{"", "yes"}},
		"DryRun":              {[]string{"true", "false"}, []string{"", "yes"}},
		"RequireConsent":      {[]string{"true", "false"}, []string{"", "yes"}},
		"DefaultTransitRouter": {[]string{"", "tr-1a", "cen-1a"},
			[]string{"tr-", "vco-1", "tr-1 ", "tr-1\n"}},
		"TagPrefix":   {[]string{"a", key(40)}, []string{"", key(41)}},
		"AutoPublish": {[]string{"true", "false"}, []string{"", "1"}},
		"AllowedAccounts": {[]string{"", "1234567890", "1234567890 , 9876543210"},
			[]string{"1", "1234567890,", "all"}},
		"OwnerRole":         {[]string{"reader", key(64)}, []string{"", key(65), "acs:ram::1:role/reader"}},
		"OwnerExternalId":   {[]string{"ab", key(128)}, []string{"", "a", key(129)}},
		"Sweep":             {[]string{"off", "report", "attach"}, []string{"", "on"}},
		"SweepMax":          {[]string{"1", "1000"}, []string{"0", "1001", "a"}},
		"Health":            {[]string{"off", "report"}, []string{"", "attach"}},
		"QuotaShare":        {[]string{"0.01", "1"}, []string{"0", "0.009", "1.01", "NaN"}},
		"Concurrency":       {[]string{"1", "256"}, []string{"0", "257"}},
		"RouterConcurrency": {[]string{"1", "256"}, []string{"0", "257"}},
		"CallTimeout":       {[]string{"5s", "1s500ms"}, []string{"", "5", "soon"}},
		"RetryHorizon":      {[]string{"24h", "1h30m"}, []string{"", "1d"}},
		"ConfirmTimeout":    {[]string{"1h", "30m"}, []string{"", "-1h"}},
		"HealthTimeout":     {[]string{"30m", "45m"}, []string{"", "half"}},
		"LogLevel":          {[]string{"debug", "info", "warn", "error"}, []string{"", "all"}},
	} {
		for _, value := range values.taken {
			variables := theFunction(t, map[string]string{name: value}).EnvironmentVariables
			config := maps.Clone(variables)
			config["FC_REGION"] = "cn-hangzhou"
			if _, err := app.ReadConfig(func(name string) string { return config[name] }); err != nil {
				t.Errorf("%s=%q is taken, and the function does not start: %v", name, value, err)
			}
		}
		for _, value := range values.refused {
			given := map[string]string{
				"CodeBucket": "bucket", "CodeObject": "object", "FollowUpKey": key(32), name: value,
			}
			if _, err := theTemplate(t).Resolve(given, place()); err == nil {
				t.Errorf("%s=%q is taken", name, value)
			}
		}
	}
	for name, parameter := range readTemplate(t).Parameters {
		isSecret := slices.Contains([]string{"FollowUpKey", "FollowUpKeyPrevious", "NotifyDingTalk"}, name)
		must(t, name, parameter.NoEcho == isSecret, "exactly what is secret is not echoed")
	}
}

func TestTheOutputsNameWhatTheySay(t *testing.T) {
	stack, f := theStack(t, nil), theFunction(t, nil)
	for name, want := range map[string]string{
		"Queue": f.EnvironmentVariables["MNS_QUEUE"], "Topic": f.EnvironmentVariables["MNS_TOPIC"],
		"DeadLetters": f.EnvironmentVariables["MNS_DEAD_LETTER_QUEUE"], "FunctionName": f.FunctionName,
		"RoleArn": f.Role, "Inbox": queueOf(t, "inbox-failed"), "OutcomeQueueName": queueOf(t, "queue"),
	} {
		if got := stack.Output(name); got != want || want == "" {
			t.Errorf("the output %s is %q, not %q", name, got, want)
		}
	}
}

// queueOf is the queue that a subscription sends to.
func queueOf(t *testing.T, subscription string) string {
	t.Helper()
	for _, s := range theStack(t, nil).Subscriptions() {
		if s.SubscriptionName == subscription {
			return s.Endpoint[strings.LastIndexByte(s.Endpoint, '/')+1:]
		}
	}
	return ""
}

// TestWhoIsToldIsToldAtLast holds what the local cloud has no contacts and no lost pushes for.
func TestWhoIsToldIsToldAtLast(t *testing.T) {
	stack := theStack(t, map[string]string{"NotifyWebhook": "https://example.com"})
	for _, s := range stack.Subscriptions() {
		must(t, s.SubscriptionName, s.NotifyStrategy == "EXPONENTIAL_DECAY_RETRY", "it is tried again for a day")
	}
	for given, want := range map[string]string{
		"AlarmContactGroup": "[ops]", "NotifyMail": "[vpn-attach-cn-hangzhou]",
		"NotifyDingTalk":               "[vpn-attach-cn-hangzhou]",
		"NotifyMail AlarmContactGroup": "[vpn-attach-cn-hangzhou ops]",
	} {
		parameters := map[string]string{}
		for name := range strings.FieldsSeq(given) {
			parameters[name] = map[string]string{
				"AlarmContactGroup": "ops", "NotifyMail": "ops@example.com", "NotifyDingTalk": "https://example.com",
			}[name]
		}
		alarms := 0
		for _, r := range theStack(t, parameters).Resources {
			if r.Type != "ALIYUN::CMS::ResourceMetricRule" {
				continue
			}
			alarms++
			if got := fmt.Sprint(r.Properties["ContactGroups"]); got != want {
				t.Errorf("with %s, %s tells %s, not %s", given, r.ID, got, want)
			}
		}
		must(t, given, alarms == 6, "every alarm is made")
	}
}

// TestServerlessDevsDeploysWhatIsPackaged reads what only Serverless Devs acts on.
func TestServerlessDevsDeploysWhatIsPackaged(t *testing.T) {
	text := page(t, "../s.yaml")
	zip := regexp.MustCompile(`"out", "([^"]+)"`).FindStringSubmatch(page(t, "cmd/package/main.go"))
	must(t, "s.yaml", zip != nil && strings.Contains(text, "code: ./"+zip[1]+"\n"), "the code is what is packaged")
	must(t, "s.yaml", strings.Contains(text, "logConfig: auto\n"), "there is a log")
	must(t, "s.yaml", strings.Contains(text, "{run: make package, path: ./}"), "it is packaged before")
}
