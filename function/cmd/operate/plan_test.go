package main

import (
	"bytes"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

func TestAPlanIsMadeByItsProgramWhoseStatusCounts(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	cloud := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `{"functionArn":"acs:fc:cn-beijing:1234567890123456:functions/vpn-attach"}`)
	}))
	defer cloud.Close()
	address := strings.TrimPrefix(cloud.URL, "http://")
	planner := filepath.Join(t.TempDir(), "plan")
	script := "#!/usr/bin/env bash\necho \"$* $VPC_ENDPOINT\"; exit 2\n"
	if err := os.WriteFile(planner, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	var out, complaint bytes.Buffer
	p := program{out: &out, errors: &complaint, getenv: func(string) string { return "" }, folder: "../../..",
		planner: planner}
	status := p.run(t.Context(), []string{"plan", "--local", "--at", address, "--only", "attach", "--csv", "--json"})
	want := "--region cn-beijing --deployed vpn-attach:live --only attach --csv=true --json " + cloud.URL + "\n"
	if status != 2 || out.String() != want {
		t.Errorf("status %d, %s%s", status, out.String(), complaint.String())
	}
}

func TestEveryFlagThatIsHandedOnIsOneOfThePlan(t *testing.T) {
	text, err := os.ReadFile("../plan/flags.go")
	if err != nil {
		t.Fatal(err)
	}
	var o options
	flags := flag.NewFlagSet("plan", flag.ContinueOnError)
	o.definePlan(flags)
	flags.VisitAll(func(f *flag.Flag) {
		if !strings.Contains(string(text), `, "`+f.Name+`", `) {
			t.Errorf("scripts/plan has no --%s", f.Name)
		}
	})
}
