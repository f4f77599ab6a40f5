package main

import (
	"bytes"
	"strings"
	"testing"
)

// said runs the command in process.
func said(t *testing.T, environment map[string]string, arguments ...string) (out, complaint string, status int) {
	t.Helper()
	var o, e bytes.Buffer
	p := program{out: &o, errors: &e, folder: "../../..", getenv: func(name string) string { return environment[name] }}
	status = p.run(t.Context(), arguments)
	return o.String(), e.String(), status
}

func TestEveryVerbExplainsItself(t *testing.T) {
	for _, v := range verbs() {
		out, _, status := said(t, nil, v.name, "--help")
		first, _, _ := strings.Cut(v.help, "\n")
		if status != 0 || !strings.Contains(out, "Usage: scripts/vpn-attach "+v.name) || !strings.Contains(out, first) {
			t.Errorf("%s --help: status %d, %s", v.name, status, out)
		}
	}
	if out, _, status := said(t, nil, "--help"); status != 0 || !strings.Contains(out, "redrive ") {
		t.Errorf("--help: status %d, %s", status, out)
	}
}

func TestAWrongCommandLineIsRefusedBeforeAnyCall(t *testing.T) {
	in := map[string]string{"ALIBABA_CLOUD_REGION_ID": "cn-hangzhou", "ALIYUN_CLI": "/nowhere/aliyun"}
	deploying := func(setting string) []string { return []string{"deploy", "--dry-run", "--set", setting} }
	for name, c := range map[string]struct {
		environment map[string]string
		arguments   []string
		word        string
	}{
		"no verb":                  {in, nil, ""},
		"a verb of nobody":         {in, []string{"fix"}, "unknown verb"},
		"a flag of nobody":         {in, []string{"status", "--all"}, "all"},
		"no region":                {nil, []string{"status"}, "name the region"},
		"a region that is none":    {nil, []string{"status", "--region", "Mars"}, "name the region"},
		"a name too long":          {in, []string{"status", "--stack", strings.Repeat("a", 21)}, "--stack takes"},
		"no connection":            {in, []string{"attach"}, "attach [flags] VCO"},
		"two connections":          {in, []string{"attach", "vco-1", "vco-2"}, "attach [flags] VCO"},
		"nothing to set":           {in, []string{"set"}, "NAME=VALUE"},
		"a setting without value":  {in, []string{"set", "--dry-run", "SWEEP"}, "NAME=VALUE"},
		"a setting of nobody":      {in, deploying("Pauze=true"), "no setting Pauze"},
		"a value too long":         {in, deploying("MATCH_TAGS=" + strings.Repeat("a", 129)), "ROS takes 128"},
		"the ARN of a role":        {in, deploying("OwnerRole=acs:ram::1:role/r"), "of a role give the name"},
		"a key of somebody":        {in, deploying("FollowUpKey=k"), "is a secret"},
		"what deploy decides":      {in, deploying("Qualifier=LATEST"), "decided by"},
		"a word of no such choice": {in, deploying("SWEEP=sometimes"), "one of"},
		"a number out of range":    {in, deploying("CONCURRENCY=1000"), "range"},
	} {
		t.Run(name, func(t *testing.T) {
			_, complaint, status := said(t, c.environment, c.arguments...)
			if status != 2 || !strings.Contains(complaint, c.word) {
				t.Errorf("status %d, it said %s", status, complaint)
			}
		})
	}
}

func TestWhatIsMissingIsSaidWithItsFix(t *testing.T) {
	in := map[string]string{"ALIBABA_CLOUD_REGION_ID": "cn-hangzhou", "ALIYUN_CLI": "/nowhere/aliyun"}
	for name, c := range map[string]struct {
		arguments []string
		word      string
	}{
		"the CLI":         {[]string{"status"}, "there is no aliyun CLI"},
		"the local cloud": {[]string{"status", "--local", "--at", "127.0.0.1:1"}, "make serve"},
	} {
		t.Run(name, func(t *testing.T) {
			_, complaint, status := said(t, in, c.arguments...)
			if status != 1 || !strings.Contains(complaint, c.word) || !strings.Contains(complaint, "fix: ") {
				t.Errorf("status %d, it said %s", status, complaint)
			}
		})
	}
}

func TestADryDeploymentMakesNoCall(t *testing.T) {
	in := map[string]string{"ALIBABA_CLOUD_REGION_ID": "cn-hangzhou", "ALIYUN_CLI": "/nowhere/aliyun"}
	out, complaint, status := said(t, in, "deploy", "--dry-run", "--set", "DRY_RUN=true", "--notify", "ops@example.com")
	if status != 0 || !strings.Contains(out, "DryRun=true") {
		t.Errorf("status %d, %s %s", status, out, complaint)
	}
}
