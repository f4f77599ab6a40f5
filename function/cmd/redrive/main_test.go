package main

import (
	"errors"
	"os/exec"
	"strings"
	"testing"
)

func environment(values map[string]string) func(string) string {
	return func(name string) string { return values[name] }
}

func whole() map[string]string {
	return map[string]string{
		"MNS_ENDPOINT":                    "https://1234567890123456.mns.cn-hangzhou.aliyuncs.com",
		"ALIBABA_CLOUD_ACCESS_KEY_ID":     "ak",
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET": "sk-secret",
		"MNS_DEAD_LETTER_QUEUE":           "letters",
		"MNS_QUEUE":                       "events",
	}
}

func TestTheSettingsComeFromTheEnvironmentAndFlagsWin(t *testing.T) {
	s, err := read([]string{"--from", "other", "--max", "3", "--dry-run"}, environment(whole()))
	if err != nil || s.from != "other" || s.to != "events" || s.max != 3 || !s.dryRun {
		t.Errorf("got %+v, %v", s, err)
	}
	if s.key != "ak" || s.endpoint.Host != "1234567890123456.mns.cn-hangzhou.aliyuncs.com" {
		t.Errorf("key %q, endpoint %s", s.key, s.endpoint)
	}
}

func TestAllThatIsMissingIsNamedAtOnce(t *testing.T) {
	_, err := read(nil, environment(nil))
	for name := range whole() {
		if err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is not named in %v", name, err)
		}
	}
}

func TestWrongUsageIsRefusedAndNoSecretRepeated(t *testing.T) {
	wrong := whole()
	wrong["MNS_ENDPOINT"] = "https://sk-secret.example"
	for name, c := range map[string]struct {
		arguments []string
		values    map[string]string
	}{
		"one queue for both":    {[]string{"--from", "events"}, whole()},
		"a word":                {[]string{"all"}, whole()},
		"a negative number":     {[]string{"--max", "-1"}, whole()},
		"an endpoint of no use": {nil, wrong},
	} {
		_, err := read(c.arguments, environment(c.values))
		if err == nil || strings.Contains(err.Error(), "sk-secret") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if status := run(t.Context(), []string{"all"}, environment(whole())); status != 2 {
		t.Errorf("wrong usage exits %d", status)
	}
}

func TestTheEndpointIsReadAsTheFunctionReadsItsOwn(t *testing.T) {
	const account = "1234567890123456.mns.cn-hangzhou"
	for address, want := range map[string]string{
		"https://" + account + ".aliyuncs.com":                "https://" + account + ".aliyuncs.com",
		" " + account + ".aliyuncs.com\n":                     "https://" + account + ".aliyuncs.com",
		"http://localhost:8600/" + account + ".local.test":    "http://localhost:8600/" + account + ".local.test",
		"http://" + account + ".aliyuncs.com":                 "https://",
		"ftp://" + account + ".aliyuncs.com":                  "https://",
		"https://sk-secret@" + account + ".aliyuncs.com":      "neither a user nor a query",
		"https://" + account + ".aliyuncs.com?k=sk-secret":    "neither a user nor a query",
		"https://user:sk-secret@" + account + ".example/path": "neither a user nor a query",
		"https://sk-secret.example":                           "https://<account>.mns.<region>.aliyuncs.com",
		"https://\x7fsk-secret":                               "not the address of a service",
	} {
		values := whole()
		values["MNS_ENDPOINT"] = address
		s, err := read(nil, environment(values))
		if err == nil && s.endpoint.String() == want {
			continue
		}
		if err == nil || !strings.Contains(err.Error(), "MNS_ENDPOINT") || !strings.Contains(err.Error(), want) ||
			strings.Contains(err.Error(), "sk-secret") {
			t.Errorf("%q: got %v, %v", address, s.endpoint, err)
		}
	}
}

// The script exits with what the command exits with; `go run` would exit with 1 instead of 2.
func TestTheScriptExitsAsItsHelpSays(t *testing.T) {
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip("there is no bash")
	}
	for _, c := range []struct {
		argument string
		status   int
	}{{"--help", 0}, {"all", 2}, {"--unknown", 2}} {
		command := exec.Command(bash, "../../../scripts/redrive", c.argument)
		output, err := command.CombinedOutput()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			t.Fatal(err)
		}
		if status := command.ProcessState.ExitCode(); status != c.status {
			t.Errorf("scripts/redrive %s exits %d, want %d: %s", c.argument, status, c.status, output)
		}
	}
}
