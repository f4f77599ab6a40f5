package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/plan"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
)

// TestAReadingThatBrokeOffGoesOnWhereItWas reads without a file to save to. The pages are kept in the user's cache,
// the command says where, and nothing stays there once the estate is read.
func TestAReadingThatBrokeOffGoesOnWhereItWas(t *testing.T) {
	spec, err := local.ReadSpec([]byte("transitRouters: [{id: tr-core, cen: cen-core, cidrs: [10.0.0.0/24]}]"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range 120 {
		spec.Connections = append(spec.Connections, estate.VPNConnection{ID: fmt.Sprintf("vco-%03d", i), PSK: "canary"})
	}
	spec.AccessKeys = []local.AccessKey{{ID: "local", Secret: "canary-secret"}}
	spec.Faults = []fault.Fault{{Action: "DescribeVpnConnections", Skip: 2, Status: 400, Code: "InvalidParameter"}}
	cloud, err := local.Start(spec, local.Options{Binary: filepath.Join(t.TempDir(), "none")})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_ID", "local")
	t.Setenv("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "canary-secret")
	cache := t.TempDir()
	for attempt, want := range []int{failed, nothingToDo} {
		var out, errors bytes.Buffer
		status := run(t.Context(), []string{"--region", spec.Region, "--inventory"}, console{
			out: &out, err: &errors, cache: cache, progress: &progress{out: &errors, isTerminal: true},
			getenv: func(string) string { return "http://" + cloud.Address },
		})
		kept, err := filepath.Glob(filepath.Join(cache, "vpn-attach", "*"))
		if status != want || err != nil || len(kept) != 1-attempt {
			t.Fatalf("attempt %d: status %d, kept %q, %v: %s", attempt, status, kept, err, errors.String())
		}
		for _, path := range kept {
			text, err := os.ReadFile(path)
			if err != nil || bytes.Contains(text, []byte("canary")) || !strings.Contains(errors.String(), path) {
				t.Errorf("a key is in the journal, or it is not named in %q, %v", errors.String(), err)
			}
			if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
				t.Errorf("others can read it, or %v", err)
			}
		}
	}
	if calls := cloud.Faults.Counts(); calls["DescribeVpnConnections"] != 4 || calls["ListTransitRouters"] != 1 {
		t.Errorf("calls %v", calls)
	}
}

func TestProgressIsABarOnATerminalAndLinesElsewhere(t *testing.T) {
	page := plan.Progress{What: "cn-hangzhou: connections", Unit: "pages", Done: 50, Of: 200, Left: 12e9}
	for isTerminal, want := range map[bool]string{
		true:  "\rcn-hangzhou: connections [====            ] 50 of 200 pages, about 12s left\x1b[K\r\x1b[K",
		false: "cn-hangzhou: connections, 50 of 200 pages, about 12s left\n",
	} {
		var out bytes.Buffer
		p := &progress{out: &out, isTerminal: isTerminal}
		p.tell(page)
		p.tell(page) // too soon
		p.clear()
		if out.String() != want {
			t.Errorf("it writes %q, want %q", out.String(), want)
		}
	}
}
