package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vpn-attach/function/internal/plan"
)

// try runs the command.
func try(t *testing.T, arguments ...string) (status int, out, errors string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(t.Context(), arguments, console{
		out: &o, err: &e, getenv: func(string) string { return "" }, progress: &progress{out: &e},
	})
	if said := o.String() + e.String(); strings.Contains(said, "canary") {
		t.Errorf("a key is shown: %s", said)
	}
	return status, o.String(), e.String()
}

const template = "../../../template.yml"

const estateFile = "../../../events/clouds/default.yaml"

func TestTheStatusSaysWhetherSomethingWouldChange(t *testing.T) {
	nothing := filepath.Join(t.TempDir(), "nothing.yaml")
	if err := os.WriteFile(nothing, []byte("vpnConnections: [{id: vco-one}]\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		arguments []string
		want      int
	}{
		"something to attach":   {[]string{"--from", estateFile}, changes},
		"nothing to do":         {[]string{"--from", nothing}, nothingToDo},
		"no estate":             {nil, failed},
		"two estates":           {[]string{"--from", nothing, "--region", "cn-hangzhou"}, failed},
		"no such file":          {[]string{"--from", nothing + ".none"}, failed},
		"no such flag":          {[]string{"--none"}, failed},
		"no such action":        {[]string{"--from", nothing, "--only", "none"}, failed},
		"no such setting":       {[]string{"--from", nothing, "--set", "SWEEP=attach"}, failed},
		"a value that is wrong": {[]string{"--from", nothing, "--set", "REQUIRE_CONSENT=perhaps"}, failed},
		"nothing to compare":    {[]string{"--from", nothing, "--against"}, failed},
		"a page of a list":      {[]string{"--from", nothing, "--inventory", "--html", nothing + ".html"}, failed},
		"no region":             {[]string{"--region", "cn-hangzhou.example.com/"}, failed},
		"no account":            {[]string{"--region", "cn-hangzhou", "--account", ""}, failed},
		"another configuration": {[]string{"--from", nothing, "--against", "--set", "AUTO_PUBLISH=0"}, nothingToDo},
		"a rule for the rest":   {[]string{"--from", estateFile, "--against", "--set", "REQUIRE_CONSENT=0"}, changes},
		"what is attached":      {[]string{"--from", estateFile, "--inventory"}, nothingToDo},
		"no such parameter": {[]string{"--from", nothing, "--template", template, "--parameter",
			"None=1"}, failed},
		"a rule of the template": {[]string{"--from", nothing, "--template", template, "--parameter",
			"RequireConsent=false"}, nothingToDo},
		"the policy":             {[]string{"--policy"}, nothingToDo},
		"the help":               {[]string{"--help"}, nothingToDo},
		"a file in place of nil": {[]string{"--from", nothing, "--diff", nothing}, failed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if status, out, errors := try(t, c.arguments...); status != c.want {
				t.Errorf("status %d, want %d: %s%s", status, c.want, out, errors)
			}
		})
	}
}

func TestAPlanIsWrittenInEveryForm(t *testing.T) {
	page, tf := filepath.Join(t.TempDir(), "plan.html"), filepath.Join(t.TempDir(), "standing.tf")
	_, out, _ := try(t, "--from", estateFile, "--json", "--html", page, "--terraform", tf)
	var d plan.Document
	if err := json.Unmarshal([]byte(out), &d); err != nil || d.Type != plan.Type || len(d.Connections) != 6 {
		t.Errorf("it prints %s, %v", out, err)
	}
	for _, path := range []string{page, tf} {
		text, err := os.ReadFile(path)
		if err != nil || bytes.Contains(text, []byte("canary")) {
			t.Errorf("%s: a key is in it, or %v", path, err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: others can read it, or %v", path, err)
		}
	}
	if _, out, _ = try(t, "--from", estateFile, "--csv", "--only", "attach,refuse"); strings.Count(out, "\n") != 4 {
		t.Errorf("it prints %s", out)
	}
	if _, out, _ = try(t, "--from", estateFile, "--connection", "vco-closed"); !strings.Contains(out, "1 refused") {
		t.Errorf("it prints %s", out)
	}
}

// TestTerraformGetsAFileForEachRegion since its provider has one.
func TestTerraformGetsAFileForEachRegion(t *testing.T) {
	folder := t.TempDir()
	arguments := []string{"--inventory", "--terraform", filepath.Join(folder, "standing.tf")}
	for _, region := range []string{"cn-hangzhou", "eu-central-1"} {
		path := filepath.Join(folder, region+".yaml")
		text := "region: " + region + "\ntransitRouters: [{id: tr-1, cen: cen-1}]\n" +
			"vpnConnections: [{id: vco-" + region + ", transitRouter: tr-1, attachmentId: tr-attach-1}]\n"
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		arguments = append(arguments, "--from", path)
	}
	if status, _, errors := try(t, arguments...); status != nothingToDo {
		t.Fatal(errors)
	}
	for _, region := range []string{"cn-hangzhou", "eu-central-1"} {
		text, err := os.ReadFile(filepath.Join(folder, "standing."+region+".tf"))
		if err != nil || strings.Count(string(text), "import {") != 1 || !strings.Contains(string(text), region) {
			t.Errorf("%s: %s, %v", region, text, err)
		}
	}
}
