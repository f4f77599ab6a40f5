package main_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The tests here hold the documents against the repository: what they name is there.

func TestTheFirstPageIsShort(t *testing.T) {
	if lines := strings.Count(page(t, "../README.md"), "\n"); lines > 150 {
		t.Errorf("README.md has %d lines, at most 150 are read", lines)
	}
}

// repository is what pages may name.
type repository struct {
	targets    []string // of make
	commands   string   // the source of the local cloud's command line
	verbs      string   // the source of the operator's
	variables  []string // of the function
	parameters map[string]parameter
	exists     func(path string) bool // a file or folder, from the root
}

func theRepository(t *testing.T) repository {
	t.Helper()
	r := repository{parameters: readTemplate(t).Parameters, exists: func(path string) bool {
		_, err := os.Stat(filepath.Join("..", path))
		return err == nil
	}}
	for _, target := range regexp.MustCompile(`(?m)^([a-z-]+):`).FindAllStringSubmatch(page(t, "../Makefile"), -1) {
		r.targets = append(r.targets, target[1])
	}
	files, err := filepath.Glob("cmd/local/*.go")
	if err != nil || len(files) == 0 || len(r.targets) == 0 {
		t.Fatalf("%d targets, %d files of the local cloud, %v", len(r.targets), len(files), err)
	}
	for _, file := range files {
		r.commands += page(t, file)
	}
	files, _ = filepath.Glob("cmd/operate/*.go")
	for _, file := range files {
		r.verbs += page(t, file)
	}
	variables, _ := readTemplate(t).of("Function", "EnvironmentVariables").(map[string]any)
	r.variables = slices.Collect(maps.Keys(variables))
	return r
}

// missing lists what a text names and the repository does not have. A name in capital letters
// stands for any.
func (r repository) missing(text string) (found []string) {
	shown := code(text)
	for _, m := range regexp.MustCompile(`\bmake ([a-z][a-z-]*)`).FindAllStringSubmatch(shown, -1) {
		if !slices.Contains(r.targets, m[1]) {
			found = append(found, "make "+m[1])
		}
	}
	for _, m := range regexp.MustCompile(`cmd/local ([a-z]+)`).FindAllStringSubmatch(shown, -1) {
		if !strings.Contains(r.commands, strconv.Quote(m[1])) {
			found = append(found, "the command "+m[1])
		}
	}
	for _, m := range regexp.MustCompile(`scripts/vpn-attach ([a-z]+)`).FindAllStringSubmatch(shown, -1) {
		if !strings.Contains(r.verbs, strconv.Quote(m[1])) {
			found = append(found, "the verb "+m[1])
		}
	}
	for _, m := range regexp.MustCompile(`\bset ([A-Za-z_]+)=`).FindAllStringSubmatch(shown, -1) {
		if _, known := r.parameters[m[1]]; !known && !slices.Contains(r.variables, m[1]) && m[1] != "NAME" {
			found = append(found, "the setting "+m[1])
		}
	}
	path := regexp.MustCompile("(?m)(?:^|[\\s'\"(=`]|\\./)((?:scripts|function|events)/[A-Za-z0-9_./-]*)")
	for _, m := range path.FindAllStringSubmatch(text, -1) {
		name := strings.TrimRight(m[1], ".")
		if !r.exists(name) && !regexp.MustCompile(`/[A-Z]+\b`).MatchString(name) {
			found = append(found, name)
		}
	}
	return found
}

func TestWhatThePagesNameExists(t *testing.T) {
	r, all := theRepository(t), pages(t)
	all["s.yaml"], all["template.yml"] = page(t, "../s.yaml"), page(t, "../template.yml")
	for path, text := range all {
		if base := filepath.Base(path); base != "README.md" && filepath.Ext(base) == ".md" {
			continue // other pages show how something new would be named
		}
		for _, name := range r.missing(text) {
			t.Errorf("%s names %s, which is not there", path, name)
		}
	}
}

func TestANameOfNothingIsFound(t *testing.T) {
	r := repository{
		targets: []string{"run", "test-cloud"}, commands: `"replay": replay`,
		verbs: `name: "inbox"`, parameters: map[string]parameter{"Pause": {}}, variables: []string{"PAUSE"},
		exists: func(path string) bool { return path == "events/wire/a.json" || path == "function/cmd/local" },
	}
	for text, want := range map[string]string{
		"`make run`, `make test-cloud`":                        "",
		"make sure":                                            "",
		"`make walk`":                                          "make walk",
		"    make walk\n":                                      "make walk",
		"`go run ./function/cmd/local replay a`":               "",
		"```\ngo run ./function/cmd/local forget a\n```":       "the command forget",
		"`go run ./function/cmd/remote`":                       "function/cmd/remote",
		"`scripts/deploy-it.sh`":                               "scripts/deploy-it.sh",
		"`s invoke -f events/wire/a.json`":                     "",
		"# s invoke -f events/wire/b.json":                     "events/wire/b.json",
		"`events/wire/NAME.json`, queues/q-events/messages":    "",
		"`--set Pause=true`, `--set Pauze=true`":               "the setting Pauze",
		"`set PAUSE=true`, `set PAUZE=true`, `set NAME=VALUE`": "the setting PAUZE",
		"`scripts/vpn-attach inbox`":                           "scripts/vpn-attach",
		"`scripts/vpn-attach outbox`":                          "the verb outbox, scripts/vpn-attach",
		"the file events/wire/a.json, see [it](scripts/x.md).": "scripts/x.md",
	} {
		if got := strings.Join(r.missing(text), ", "); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

// anchors are the headings of a page, as links name them.
func anchors(text string) (all []string) {
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.*)$`).FindAllStringSubmatch(text, -1) {
		plain := regexp.MustCompile(`[^\pL\pN _-]`).ReplaceAllString(strings.ToLower(heading[1]), "")
		all = append(all, strings.ReplaceAll(plain, " ", "-"))
	}
	return all
}

// deadLinks lists the links of a page that lead nowhere in the repository.
func deadLinks(path string, pages map[string]string, exists func(string) bool) (found []string) {
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)`).FindAllStringSubmatch(pages[path], -1) {
		target, anchor, _ := strings.Cut(link[1], "#")
		if strings.Contains(target, "://") {
			continue
		}
		file := path
		if target != "" {
			file = filepath.Join(filepath.Dir(path), target)
		}
		text, isPage := pages[file]
		if !exists(file) || anchor != "" && (!isPage || !slices.Contains(anchors(text), anchor)) {
			found = append(found, link[1])
		}
	}
	return found
}

func TestLinksBetweenPagesLeadSomewhere(t *testing.T) {
	all, r := pages(t), theRepository(t)
	for path := range all {
		for _, link := range deadLinks(path, all, r.exists) {
			t.Errorf("%s links to %s, which is not there", path, link)
		}
	}
}

func TestALinkToNowhereIsFound(t *testing.T) {
	all := map[string]string{
		"README.md": "# One\n[a](x/README.md) [b](x/README.md#two-words) [c](#one) [d](https://e.f/g) [e](x)",
		"x/README.md": "## Two `words`\n[a](../README.md#one) [b](#two-words) [c](gone.md) [d](../README.md#two) " +
			"[e](#three)",
	}
	exists := func(path string) bool { return path == "x" || all[path] != "" }
	if got := deadLinks("README.md", all, exists); len(got) > 0 {
		t.Errorf("got %q, want none", got)
	}
	if got := strings.Join(deadLinks("x/README.md", all, exists), ", "); got != "gone.md, ../README.md#two, #three" {
		t.Errorf("got %q", got)
	}
}

func TestTheMapShowsEveryFolder(t *testing.T) {
	text := section(t, page(t, "README.md"), "### Map")
	for folder, pattern := range map[string]string{
		"cmd": `(?s)\n  cmd/\n(.*?)\n  internal/`, "internal": `(?s)\n  internal/\n(.*?)\nevents/`,
	} {
		var shown []string
		inside := regexp.MustCompile(pattern).FindStringSubmatch(text)
		if inside == nil {
			t.Fatalf("the map has no %s/", folder)
		}
		for _, name := range regexp.MustCompile(`(?m)^    ([a-z]+)/ `).FindAllStringSubmatch(inside[1], -1) {
			shown = append(shown, name[1])
		}
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		var there []string
		for _, entry := range entries {
			there = append(there, entry.Name())
		}
		if got := sorted(shown); !slices.Equal(got, there) {
			t.Errorf("the map shows %q in %s/\nthere are %q", got, folder, there)
		}
	}
}
