package app

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
)

// Both adapters together are the whole cloud.
var (
	_ cloud.Reader = services{}
	_ cloud.Writer = services{}
)

// environment is the least that the function starts with, and the given changes.
func environment(changes map[string]string) func(string) string {
	values := map[string]string{"MNS_ENDPOINT": "https://1234567890123456.mns.cn-hangzhou.aliyuncs.com",
		"MNS_QUEUE": "events", "MNS_TOPIC": "outcomes", "FOLLOW_UP_KEY": strings.Repeat("k", 32)}
	for name, value := range changes {
		values[name] = value
	}
	return func(name string) string { return values[name] }
}

func TestTheLeastConfigurationIsFitForProduction(t *testing.T) {
	c, err := ReadConfig(environment(nil))
	if err != nil {
		t.Fatal(err)
	}
	r := c.Rules
	if !r.RequireConsent || !r.AutoPublish || r.DryRun || r.TagPrefix != "vpn-attach:" || r.DefaultRouter != "" ||
		len(r.MatchTags)+len(r.Regions)+len(r.Accounts) != 0 {
		t.Errorf("rules %+v", r)
	}
	if c.Queue != "events" || c.Topic != "outcomes" || c.DeadLetters != "" || c.RetryHorizon != 24*time.Hour {
		t.Errorf("queues %+v", c)
	}
	if c.Concurrency != 16 || c.RouterConcurrency != 4 || c.CallTimeout != 5*time.Second ||
		c.LogLevel != zerolog.InfoLevel {
		t.Errorf("limits %+v", c)
	}
	if c.CBNEndpoint.String() != "https://cbn.aliyuncs.com" || c.VPCEndpoint != nil ||
		c.STSEndpoint.String() != "https://sts.aliyuncs.com" {
		t.Errorf("endpoints %s, %v and %s", c.CBNEndpoint, c.VPCEndpoint, c.STSEndpoint)
	}
}

// other is a value for every variable that there is, none of them the default.
func other() map[string]string {
	return map[string]string{
		"MNS_ENDPOINT": "https://6543210987654321.mns.eu-central-1.aliyuncs.com", "MNS_QUEUE": "others",
		"MNS_TOPIC":             "endings",
		"MNS_DEAD_LETTER_QUEUE": "letters", "CBN_ENDPOINT": "cbn.example.com", "VPC_ENDPOINT": "http://127.0.0.1:8080",
		"STS_ENDPOINT": "http://localhost:8080", "TAG_PREFIX": "net/", "MATCH_TAGS": "env,,site ",
		"DEFAULT_TRANSIT_ROUTER": "tr-1",
		"REQUIRE_CONSENT":        "false", "AUTO_PUBLISH": "0", "DRY_RUN": "true",
		"REGIONS":          "cn-hangzhou, eu-central-1",
		"ALLOWED_ACCOUNTS": "1234567890123456,6543210987654321", "OWNER_ROLE": "acs:ram::{account}:role/other",
		"OWNER_EXTERNAL_ID": "x=1",
		"ERROR_CLASSES":     "Some.Code=operator, Other=retry", "CONCURRENCY": "8", "ROUTER_CONCURRENCY": "2",
		"CALL_TIMEOUT":  "1s500ms",
		"RETRY_HORIZON": "6h", "CONFIRM_TIMEOUT": "2h", "PAUSE": "true", "SWEEP": "attach", "SWEEP_MAX": "7",
		"HEALTH": "off", "HEALTH_TIMEOUT": "10m",
		"QUOTAS": "CreateTransitRouterVpnAttachment=7, ListTransitRouters=8/s", "QUOTA_SHARE": "0.25",
		"LOG_LEVEL": "warn", "FOLLOW_UP_KEY": strings.Repeat("n", 40),
		"FOLLOW_UP_KEY_PREVIOUS": strings.Repeat("p", 32),
		"FC_REGION":              "r", "FC_ACCOUNT_ID": "a", "FC_FUNCTION_NAME": "f",
		"ALIBABA_CLOUD_ACCESS_KEY_ID": "id", "ALIBABA_CLOUD_ACCESS_KEY_SECRET": "secret",
		"ALIBABA_CLOUD_SECURITY_TOKEN": "token",
	}
}

// Which variables there are is what the code asks for.
func TestEveryVariableIsReadAndDecidesSomething(t *testing.T) {
	asked := map[string]bool{}
	preset, err := ReadConfig(func(name string) string { asked[name] = true; return environment(nil)(name) })
	if err != nil {
		t.Fatal(err)
	}
	if !asked["DEBUG"] {
		t.Error("DEBUG is not read")
	}
	delete(asked, "DEBUG") // it decides nothing: it is refused, or has no effect
	if names, tested := slices.Sorted(maps.Keys(asked)),
		slices.Sorted(maps.Keys(other())); !slices.Equal(names, tested) {
		t.Fatalf("the code reads %q\nhere are   %q", names, tested)
	}
	for name, value := range other() {
		if c, err := ReadConfig(environment(map[string]string{name: value})); err != nil ||
			reflect.DeepEqual(c, preset) {
			t.Errorf("%s=%s changes nothing, or: %v", name, value, err)
		}
		if c, err := ReadConfig(environment(map[string]string{name: "  " + value + "\t"})); err != nil ||
			reflect.DeepEqual(c, preset) {
			t.Errorf("%s=%s between spaces changes nothing, or: %v", name, value, err)
		}
	}
}

func TestValuesArriveAsTheyAreMeant(t *testing.T) {
	c, err := ReadConfig(environment(other()))
	if err != nil {
		t.Fatal(err)
	}
	r := c.Rules
	if strings.Join(r.Regions, "|") != "cn-hangzhou|eu-central-1" || len(r.Accounts) != 2 || r.TagPrefix != "net/" ||
		strings.Join(r.MatchTags, "|") != "env|site" ||
		r.DefaultRouter != "tr-1" || r.RequireConsent || !r.DryRun || r.AutoPublish ||
		r.OwnerRole != "acs:ram::{account}:role/other" || r.OwnerExternalID != "x=1" {
		t.Errorf("rules %+v", r)
	}
	if c.CBNEndpoint.String() != "https://cbn.example.com" || c.VPCEndpoint.String() != "http://127.0.0.1:8080" ||
		c.STSEndpoint.String() != "http://localhost:8080" ||
		c.MNSEndpoint.Host != "6543210987654321.mns.eu-central-1.aliyuncs.com" {
		t.Errorf("endpoints %s, %s, %s and %s", c.CBNEndpoint, c.VPCEndpoint, c.STSEndpoint, c.MNSEndpoint)
	}
	if c.Concurrency != 8 || c.RouterConcurrency != 2 || c.CallTimeout != 1500*time.Millisecond ||
		c.LogLevel != zerolog.WarnLevel {
		t.Errorf("limits %+v", c)
	}
	if c.Queue != "others" || c.Topic != "endings" || c.DeadLetters != "letters" || c.RetryHorizon != 6*time.Hour ||
		c.ConfirmTimeout != 2*time.Hour || !c.Paused {
		t.Errorf("queues %+v", c)
	}
	if c.FollowUpKey != strings.Repeat("n", 40) || c.PreviousFollowUpKey != strings.Repeat("p", 32) {
		t.Error("the keys of follow-ups are not those that were given")
	}
	if c.Sweep != decide.SweepAttach || c.SweepMax != 7 || c.QuotaShare != 0.25 {
		t.Errorf("sweep and share %+v", c)
	}
	if c.Quotas[cloud.ActionCreate] != cloud.PerMinute(7) || c.Quotas[cloud.ActionRouters] != cloud.PerSecond(8) ||
		c.Quotas[cloud.ActionDescribe] != cloud.Quotas()[cloud.ActionDescribe] {
		t.Errorf("quotas %v", c.Quotas)
	}
	if c.ErrorClasses["Some.Code"] != decide.ClassOperator || c.ErrorClasses["Other"] != decide.ClassRetry {
		t.Errorf("classes %v", c.ErrorClasses)
	}
	if c.RegionID != "r" || c.AccountID != "a" || c.FunctionName != "f" || c.AccessKeyID != "id" ||
		c.AccessKeySecret != "secret" || c.SecurityToken != "token" {
		t.Errorf("of the platform: %+v", c)
	}
}

func TestThePlaceholderOfTheAccountMayBeWrittenAsItWasOnce(t *testing.T) {
	for _, written := range []string{"acs:ram::{account}:role/reader", "acs:ram::${account}:role/reader"} {
		c, err := ReadConfig(environment(map[string]string{"OWNER_ROLE": written}))
		if err != nil || c.Rules.OwnerRole != "acs:ram::{account}:role/reader" {
			t.Errorf("%s is read as %q, %v", written, c.Rules.OwnerRole, err)
		}
	}
}

func TestWrongValuesAreNamedAndNeverRepeated(t *testing.T) {
	const secret = "LTAI-secret"
	cases := map[string]struct{ name, value string }{
		"a missing endpoint":          {"MNS_ENDPOINT", ""},
		"an endpoint of another form": {"MNS_ENDPOINT", "https://mns.aliyuncs.com"},
		"plain http beyond loopback": {"MNS_ENDPOINT",
			"http://1234567890123456.mns.cn-hangzhou.aliyuncs.com"},
		"an endpoint with a password":                {"CBN_ENDPOINT", "https://u:" + secret + "@cbn.aliyuncs.com"},
		"an endpoint with a query":                   {"VPC_ENDPOINT", "https://vpc.aliyuncs.com?k=" + secret},
		"an endpoint that is none":                   {"CBN_ENDPOINT", "://"},
		"a missing queue":                            {"MNS_QUEUE", ""},
		"a dead-letter queue with a path":            {"MNS_DEAD_LETTER_QUEUE", "../x"},
		"dead letters among the events":              {"MNS_DEAD_LETTER_QUEUE", environment(nil)("MNS_QUEUE")},
		"no key":                                     {"FOLLOW_UP_KEY", ""},
		"a key that is too short":                    {"FOLLOW_UP_KEY", strings.Repeat("k", 31)},
		"a previous key that is too short":           {"FOLLOW_UP_KEY_PREVIOUS", "k"},
		"a missing topic":                            {"MNS_TOPIC", ""},
		"a topic with a path":                        {"MNS_TOPIC", "a/b"},
		"a topic without end":                        {"MNS_TOPIC", strings.Repeat("a", 121)},
		"a number that is none":                      {"CONCURRENCY", secret},
		"a number out of bounds":                     {"CONCURRENCY", "0"},
		"a time without a unit":                      {"CALL_TIMEOUT", "5"},
		"a time out of bounds":                       {"CALL_TIMEOUT", "2h"},
		"a yes or no that is neither":                {"REQUIRE_CONSENT", "perhaps"},
		"a region with a path":                       {"REGIONS", "cn-hangzhou,evil.example/"},
		"an account that is none":                    {"ALLOWED_ACCOUNTS", "12"},
		"a prefix that the service keeps for itself": {"TAG_PREFIX", "acs:x"},
		"a default router that is no id":             {"DEFAULT_TRANSIT_ROUTER", "core"},
		"a class that there is not":                  {"ERROR_CLASSES", "Some.Code=never"},
		"a class without a code":                     {"ERROR_CLASSES", "=retry"},
		"a level that would hide everything":         {"LOG_LEVEL", "disabled"},
		"a prefix with a space":                      {"TAG_PREFIX", "vpn attach:"},
		"an endpoint of another service": {"MNS_ENDPOINT",
			"https://1234567890123456.oss.cn-hangzhou.aliyuncs.com"},
		"a level that there is not":            {"LOG_LEVEL", "loud"},
		"a region without an end":              {"REGIONS", strings.Repeat("a", 41)},
		"a prefix without an end":              {"TAG_PREFIX", strings.Repeat("a", 41)},
		"a prefix with a control character":    {"TAG_PREFIX", "a\x00"},
		"a prefix that is an address":          {"TAG_PREFIX", "http://a"},
		"a queue that begins with a hyphen":    {"MNS_QUEUE", "-a"},
		"plain http to another host":           {"STS_ENDPOINT", "http://sts.aliyuncs.com"},
		"an STS endpoint with a path":          {"STS_ENDPOINT", "https://sts.aliyuncs.com/" + secret},
		"a role of one account":                {"OWNER_ROLE", "acs:ram::1234567890123456:role/reader"},
		"a role with another placeholder":      {"OWNER_ROLE", "acs:ram::{account}:role/{name}"},
		"a role without a name":                {"OWNER_ROLE", "acs:ram::{account}:role/"},
		"roles by a wildcard":                  {"OWNER_ROLE", "acs:ram::{account}:role/*"},
		"a role without an end":                {"OWNER_ROLE", "acs:ram::{account}:role/" + strings.Repeat("a", 256)},
		"a missing key of follow-ups":          {"FOLLOW_UP_KEY", ""},
		"a short key of follow-ups":            {"FOLLOW_UP_KEY", secret},
		"a short previous key":                 {"FOLLOW_UP_KEY_PREVIOUS", secret},
		"an external id of one character":      {"OWNER_EXTERNAL_ID", "x"},
		"an external id with a space":          {"OWNER_EXTERNAL_ID", "a b"},
		"a sweep that there is not":            {"SWEEP", "on"},
		"a quota of an API that is not called": {"QUOTAS", "CreateVpc=1"},
		"a quota of nothing":                   {"QUOTAS", "CreateTransitRouterVpnAttachment=0"},
		"a quota without an end":               {"QUOTAS", "CreateTransitRouterVpnAttachment=10000001"},
		"a quota without a number":             {"QUOTAS", "CreateTransitRouterVpnAttachment"},
		"a share of more than everything":      {"QUOTA_SHARE", "1.01"},
		"a share of nothing":                   {"QUOTA_SHARE", "0"},
		"a share that is no number":            {"QUOTA_SHARE", "NaN"},
		"tokens in the log":                    {"DEBUG", "dara"},
		"tokens in the log, of older SDKs":     {"DEBUG", "x,tea"},
		"tokens in the log, in the end":        {"DEBUG", "credential,dara"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := ReadConfig(environment(map[string]string{c.name: c.value}))
			if err == nil || !strings.Contains(err.Error(), c.name+": ") {
				t.Fatalf("got %v, want %s named", err, c.name)
			}
			if strings.Contains(err.Error(), secret) {
				t.Errorf("the value is repeated: %v", err)
			}
		})
	}
}

func TestAValueOfDebugThatTheSDKsDoNotHeedIsNoFault(t *testing.T) {
	for _, value := range []string{"", "1", "true", "*", "express:*", "teapot"} {
		if _, err := ReadConfig(environment(map[string]string{"DEBUG": value})); err != nil {
			t.Errorf("DEBUG=%s: %v", value, err)
		}
	}
}

func TestAllFaultsAreNamedAtOnce(t *testing.T) {
	_, err := ReadConfig(func(string) string { return "" })
	for _, name := range []string{"MNS_ENDPOINT", "MNS_QUEUE", "MNS_TOPIC", "FOLLOW_UP_KEY"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}
