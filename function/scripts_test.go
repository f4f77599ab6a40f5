package main_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// scripts are what people run by hand.
func scripts(t *testing.T) (paths []string) {
	t.Helper()
	found, err := filepath.Glob("../scripts/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range found {
		if info, err := os.Stat(path); err == nil && !info.IsDir() && filepath.Ext(path) != ".md" {
			paths = append(paths, path)
		}
	}
	if len(paths) < 2 {
		t.Fatalf("only %q are scripts", paths)
	}
	return paths
}

func TestScriptsExplainThemselvesAndRefuseWhatTheyDoNotKnow(t *testing.T) {
	if _, err := exec.LookPath("bash"); err != nil {
		t.Skip("there is no bash")
	}
	for _, path := range scripts(t) {
		wrongUsage := 2
		if filepath.Base(path) == "plan" { // there 2 says that something would change
			wrongUsage = 1
		}
		for argument, want := range map[string]int{"--help": 0, "--no-such-flag": wrongUsage} {
			t.Run(filepath.Base(path)+" "+argument, func(t *testing.T) {
				t.Parallel()
				ctx, stop := context.WithTimeout(t.Context(), time.Minute) // what does its work instead takes longer
				defer stop()
				var out, errors bytes.Buffer
				command := exec.CommandContext(ctx, path, argument)
				command.Stdout, command.Stderr = &out, &errors
				_ = command.Run() // the status says how it ended
				status, said := command.ProcessState.ExitCode(), out.String()+errors.String()
				explains := strings.Contains(said, "Usage: "+strings.TrimPrefix(path, "../"))
				if status != want || want == 0 && !explains || want != 0 && errors.Len() == 0 {
					t.Errorf("exit status %d, want %d; it said\n%s", status, want, said)
				}
			})
		}
	}
}

// unportable finds what bash 3.2, or the tools beside it on macOS, do not have.
func unportable() map[string]*regexp.Regexp {
	found := map[string]*regexp.Regexp{}
	for what, pattern := range map[string]string{
		"bash 4: mapfile":               `\b(mapfile|readarray)\b`,
		"bash 4: associative array":     `\b(declare|local|typeset) -[a-z]*[An]\b`,
		"bash 4: case of a variable":    `\$\{[A-Za-z_][A-Za-z0-9_]*(\[[^]]*\])?(,|\^|@[A-Za-z]\})`,
		"bash 4: |& or &>>":             `\|&|&>>`,
		"bash 4: wait -n, coproc":       `\bwait -n\b|\bcoproc\b`,
		"bash 4.4: an empty array":      `(^|[^+])"\$\{(parameters|missing)\[@\]\}"`,
		"GNU: grep -P":                  `\bgrep -[A-Za-z]*P`,
		"GNU: find -printf":             `\bfind\b.* -printf\b`,
		"GNU: long flags":               `\b(cp|mv|rm|mkdir|ln|head|tail|sort|xargs|stat|date|sed|tr|wc) --[a-z]`,
		"GNU: sed -i, xargs -r":         `\bsed -i\b|\bxargs -[0a-z]*r\b`,
		"GNU: readlink -f, date -d":     `\breadlink -f\b|\bdate -d\b`,
		"a tool that macOS lacks":       `(^|[|;&(] *)(timeout|tac|nproc|setsid|sha256sum|md5sum|realpath|gawk|shuf)\b`,
		"GNU: paste without its input":  `\bpaste -s[a-z]* '[^']*'( *[)|]|$)`,
		"GNU: escapes in a sed pattern": `\bsed\b.*\\[+?|]`,
	} {
		found[what] = regexp.MustCompile(pattern)
	}
	return found
}

// complaints lists what of a script is unportable; comments do not count.
func complaints(text string) (found []string) {
	patterns := unportable()
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		for what, pattern := range patterns {
			if pattern.MatchString(line) {
				found = append(found, what+": "+line)
			}
		}
	}
	slices.Sort(found)
	return found
}

func TestScriptsRunOnMacOS(t *testing.T) {
	for _, path := range append(scripts(t), "../.ci/run", "../Makefile") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, complaint := range complaints(string(text)) {
			t.Errorf("%s: %s", path, complaint)
		}
	}
}

func TestWhatMacOSLacksIsFound(t *testing.T) {
	for _, line := range []string{
		"mapfile -t lines", "declare -A seen", "local -n target=$1", "echo ${name,,}", "echo ${name^}",
		"make |& tee log", "wait -n", `for p in "${parameters[@]}"; do`, "grep -oP x file", "find . -printf %f",
		"cp --parents a b", "sed -i s/a/b/ f", "xargs -0r rm", "readlink -f .", "date -d yesterday",
		"timeout 5 make", "cat f | sha256sum", "ls | paste -sd ' '", `sed 's/a\+//'`,
	} {
		if len(complaints(line)) == 0 {
			t.Errorf("%q passes", line)
		}
	}
	fine := `for p in ${parameters[@]+"${parameters[@]}"}; do echo ${p%%=*} ${#p} "${p#*=}"; done
# mapfile
sed -n 's/a\{0,1\}//p' f | grep -qi x && wait && date -u`
	if got := complaints(fine); len(got) > 0 {
		t.Errorf("found %q", got)
	}
}

// sampleFiles gives the files of events/ that a text names.
func sampleFiles(text string) []string {
	return regexp.MustCompile(`\bevents/[a-z0-9/-]+\.(json|yaml)\b`).FindAllString(text, -1)
}

func TestSampleFilesThatAreNamedAreThere(t *testing.T) {
	named := 0
	for _, path := range append(scripts(t), "../s.yaml", "../template.yml", "../Makefile", "../.ci/run") {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range sampleFiles(string(text)) {
			named++
			if _, err := os.Stat("../" + name); err != nil {
				t.Errorf("%s names %s, which does not exist", path, name)
			}
		}
	}
	if named == 0 {
		t.Error("no file is named, so that nothing is held")
	}
}
