package main

import (
	"fmt"
	"os"
	"strings"
	"testing"
)

func TestTheReadmeListsEveryCase(t *testing.T) {
	readme, err := os.ReadFile("../../../events/README.md")
	if err != nil {
		t.Fatal(err)
	}
	cases, err := pick(nil)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(string(readme), "\n"+index(cases)) {
		t.Error("the list of cases in events/README.md is not what go run ./function/cmd/local case prints")
	}
}

func TestCasesAreFoundByNameThemeAndFile(t *testing.T) {
	for name, want := range map[string]string{
		"sweep":                                  "sweep",
		"sweep/sweep":                            "sweep",
		"every-call-broken/truncated":            "every-call-broken/truncated",
		"errors/every-call-broken/truncated":     "every-call-broken/truncated",
		"../../../events/cases/sweep/sweep.yaml": "sweep",
		"deadline-cuts-off": "deadline-cuts-off/create deadline-cuts-off/reading " +
			"deadline-cuts-off/routers",
		"nothing-of-that-name": "",
		"every-call-brok":      "",
	} {
		some, err := pick([]string{name})
		var names []string
		for _, one := range some {
			names = append(names, one.Name)
		}
		if got := strings.Join(names, " "); got != want || (err != nil) != (want == "") {
			t.Errorf("%s: got %q, %v", name, got, err)
		}
	}
	some, err := pick([]string{"sweep/"})
	if err != nil || len(some) < 3 || some[0].Theme != "sweep" {
		t.Errorf("the theme has %d cases, %v", len(some), err)
	}
}

func TestReplayTellsCasesFromFiles(t *testing.T) {
	const file = "../../../events/wire/created.json"
	for arguments, want := range map[string]string{
		"no-tag":                         "cases 1, files 0, speed 100, timeout 2m0s",
		"--speed 50 no-tag":              "cases 1, files 0, speed 50, timeout 4m0s",
		"not-there.json":                 "cases 0, files 1, speed 20, timeout 0s",
		file + " -":                      "cases 0, files 2, speed 20, timeout 0s",
		"--timeout 5s --payload " + file: "cases 0, files 1, speed 20, timeout 5s",
	} {
		f, err := parseReplay(strings.Fields(arguments))
		got := fmt.Sprintf("cases %d, files %d, speed %g, timeout %s", len(f.cases), len(f.files), f.speed, f.timeout)
		if err != nil || got != want {
			t.Errorf("%s: got %s, %v", arguments, got, err)
		}
	}
	for _, arguments := range []string{
		"", "no-tag " + file, "nothing-of-that-name", "--cloud x no-tag", "--payload no-tag", "--speed 0 no-tag",
		"--timeout 0s no-tag",
	} {
		if _, err := parseReplay(strings.Fields(arguments)); status(err) != 2 {
			t.Errorf("%s: %v is no wrong usage", arguments, err)
		}
	}
}
