package app

import (
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/decide"
)

// environment is the least that the function starts with, and the given changes.
func environment(changes map[string]string) func(string) string {
	values := map[string]string{"MNS_ENDPOINT": "https://1234567890123456.mns.cn-hangzhou.aliyuncs.com", "MNS_QUEUE": "events", "MNS_TOPIC": "outcomes"}
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
	if !r.RequireConsent || !r.AutoPublish || r.DryRun || r.TagPrefix != "vpn-attach:" || r.DefaultRouter != "" || len(r.MatchTags)+len(r.Regions)+len(r.Accounts) != 0 {
		t.Errorf("rules %+v", r)
	}
	if c.Queue != "events" || c.Topic != "outcomes" || c.DeadLetters != "" || c.RetryHorizon != 24*time.Hour {
		t.Errorf("queues %+v", c)
	}
	if c.Concurrency != 16 || c.RouterConcurrency != 4 || c.CallTimeout != 5*time.Second || c.LogLevel != zerolog.InfoLevel {
		t.Errorf("limits %+v", c)
	}
	if c.CBNEndpoint.String() != "https://cbn.aliyuncs.com" || c.VPCEndpoint != nil {
		t.Errorf("endpoints %s and %v", c.CBNEndpoint, c.VPCEndpoint)
	}
}

func TestEveryVariableIsRead(t *testing.T) {
	c, err := ReadConfig(environment(map[string]string{
		"CBN_ENDPOINT": "cbn.example.com", "VPC_ENDPOINT": "http://127.0.0.1:8080", "REGIONS": "cn-hangzhou, eu-central-1",
		"ALLOWED_ACCOUNTS": "1234567890123456,6543210987654321", "TAG_PREFIX": "net/", "MATCH_TAGS": "env,site",
		"DEFAULT_TRANSIT_ROUTER": "tr-1", "REQUIRE_CONSENT": "false", "DRY_RUN": "true", "AUTO_PUBLISH": "0",
		"CONCURRENCY": "8", "ROUTER_CONCURRENCY": "2", "CALL_TIMEOUT": "1s500ms", "LOG_LEVEL": "warn",
		"ERROR_CLASSES": "Some.Code=operator, Other=retry", "MNS_DEAD_LETTER_QUEUE": "letters", "RETRY_HORIZON": "6h",
	}))
	if err != nil {
		t.Fatal(err)
	}
	r := c.Rules
	if strings.Join(r.Regions, "|") != "cn-hangzhou|eu-central-1" || len(r.Accounts) != 2 || r.TagPrefix != "net/" || strings.Join(r.MatchTags, "|") != "env|site" ||
		r.DefaultRouter != "tr-1" || r.RequireConsent || !r.DryRun || r.AutoPublish {
		t.Errorf("rules %+v", r)
	}
	if c.CBNEndpoint.String() != "https://cbn.example.com" || c.VPCEndpoint.String() != "http://127.0.0.1:8080" {
		t.Errorf("endpoints %s and %s", c.CBNEndpoint, c.VPCEndpoint)
	}
	if c.Concurrency != 8 || c.RouterConcurrency != 2 || c.CallTimeout != 1500*time.Millisecond || c.LogLevel != zerolog.WarnLevel {
		t.Errorf("limits %+v", c)
	}
	if c.DeadLetters != "letters" || c.RetryHorizon != 6*time.Hour {
		t.Errorf("dead letters %q, horizon %s", c.DeadLetters, c.RetryHorizon)
	}
	if c.ErrorClasses["Some.Code"] != decide.ClassOperator || c.ErrorClasses["Other"] != decide.ClassRetry {
		t.Errorf("classes %v", c.ErrorClasses)
	}
}

func TestWrongValuesAreNamedAndNeverRepeated(t *testing.T) {
	const secret = "LTAI-secret"
	cases := map[string]struct{ name, value string }{
		"a missing endpoint":                         {"MNS_ENDPOINT", ""},
		"an endpoint of another form":                {"MNS_ENDPOINT", "https://mns.aliyuncs.com"},
		"plain http beyond loopback":                 {"MNS_ENDPOINT", "http://1234567890123456.mns.cn-hangzhou.aliyuncs.com"},
		"an endpoint with a password":                {"CBN_ENDPOINT", "https://u:" + secret + "@cbn.aliyuncs.com"},
		"an endpoint with a query":                   {"VPC_ENDPOINT", "https://vpc.aliyuncs.com?k=" + secret},
		"an endpoint that is none":                   {"CBN_ENDPOINT", "://"},
		"a missing queue":                            {"MNS_QUEUE", ""},
		"a dead-letter queue with a path":            {"MNS_DEAD_LETTER_QUEUE", "../x"},
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
		"an endpoint of another service":             {"MNS_ENDPOINT", "https://1234567890123456.oss.cn-hangzhou.aliyuncs.com"},
		"a level that there is not":                  {"LOG_LEVEL", "loud"},
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

func TestAllFaultsAreNamedAtOnce(t *testing.T) {
	_, err := ReadConfig(func(string) string { return "" })
	for _, name := range []string{"MNS_ENDPOINT", "MNS_QUEUE", "MNS_TOPIC"} {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}
