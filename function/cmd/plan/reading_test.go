package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/plan"
)

// twoRegions are the ends of one transit router's name: a tag of one region names a transit router of the other.
const twoRegions = `
transitRouters:
  - {id: tr-here, cen: cen-core, cidrs: [10.0.0.0/24], tags: {"vpn-attach:accept": any}}
  - {id: tr-far, cen: cen-core, region: eu-central-1, cidrs: [10.1.0.0/24], tags: {"vpn-attach:accept": any}}
vpnConnections:
  - {id: vco-here, tags: {"vpn-attach:transit-router": tr-here}}
  - {id: vco-lost, tags: {"vpn-attach:transit-router": tr-far}}
  - {id: vco-far, region: eu-central-1, tags: {"vpn-attach:transit-router": tr-far}}
`

// reads runs the command against a local cloud, with a key that the policy allows what it says.
func reads(t *testing.T, actions []any, arguments ...string) (status int, out, errors string) {
	t.Helper()
	spec, err := local.ReadSpec([]byte(twoRegions))
	if err != nil {
		t.Fatal(err)
	}
	spec.AccessKeys = []local.AccessKey{{ID: "local", Secret: "canary-secret", Policy: map[string]any{
		"Version": "1", "Statement": []any{map[string]any{"Effect": "Allow", "Action": actions, "Resource": "*"}},
	}}}
	cloud, err := local.Start(spec, local.Options{Binary: filepath.Join(t.TempDir(), "none")})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "local")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "canary-secret")
	var o, e bytes.Buffer
	status = run(t.Context(), arguments, console{
		out: &o, err: &e, progress: &progress{out: &e},
		getenv: func(string) string { return "http://" + cloud.Address },
	})
	return status, o.String(), e.String()
}

// TestSeveralRegionsAreOnePlan names each region once, and each transit router where it is.
func TestSeveralRegionsAreOnePlan(t *testing.T) {
	folder := t.TempDir()
	status, out, errors := reads(t, []any{"*"}, "--region", "cn-hangzhou,eu-central-1", "--region", "cn-hangzhou",
		"--save", filepath.Join(folder, "all.yaml"), "--anonymise", "--json")
	var d plan.Document
	if err := json.Unmarshal([]byte(out), &d); err != nil || status != changes || len(d.Connections) != 3 {
		t.Fatalf("status %d, %s, %s, %v", status, out, errors, err)
	}
	if len(d.Routers) != 2 || d.Routers[0].Attached != 1 || d.Routers[1].Attached != 1 {
		t.Errorf("the transit routers are %+v", d.Routers)
	}
	here, err := local.ReadSpecFile(filepath.Join(folder, "all.cn-hangzhou.yaml"))
	far, err2 := local.ReadSpecFile(filepath.Join(folder, "all.eu-central-1.yaml"))
	if err != nil || err2 != nil || len(here.Routers) != 2 || here.Routers[1].ID != far.Routers[0].ID {
		t.Errorf("one transit router is %+v and %+v, %v, %v", here.Routers, far.Routers, err, err2)
	}
}

// TestAPlanWithoutThePermissionForTheSettingsGoesOn with the defaults, and is not complete.
func TestAPlanWithoutThePermissionForTheSettingsGoesOn(t *testing.T) {
	saved := filepath.Join(t.TempDir(), "estate.yaml")
	status, out, errors := reads(t, []any{"vpc:*", "cen:*"}, "--region", "cn-hangzhou", "--save", saved,
		"--deployed", local.FunctionName)
	if status != failed || !strings.Contains(errors, "not permitted: fc:GetFunction") ||
		!strings.Contains(out, "1 to attach") || !strings.Contains(out, "NOT COMPLETE") {
		t.Errorf("status %d: %s%s", status, out, errors)
	}
	status, _, errors = reads(t, []any{"vpc:*", "cen:ListTransitRouters"}, "--region", "cn-hangzhou", "--save", saved,
		"--inventory")
	if status != failed {
		t.Errorf("status %d: %s", status, errors)
	}
	status, out, errors = try(t, "--from", saved)
	if status != failed || !strings.Contains(out, "NOT COMPLETE") || !strings.Contains(errors, "not permitted: cen:") {
		t.Errorf("from the file, status %d: %s%s", status, out, errors)
	}
	if _, err := os.Stat(saved + ".part"); err == nil {
		t.Error("the journal stays")
	}
}
