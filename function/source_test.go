package main_test

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"
)

// The rules here are about the text of the source. No tool but go is needed to hold them.

const (
	longestFunction = 60  // lines of a body: a function is read on one screen
	longestLine     = 120 // columns, a tab counts 4
)

// source is a text file of the project.
type source struct {
	path   string // from the top of the repository, with slashes
	text   []byte
	syntax *ast.File // of Go files
	files  *token.FileSet
}

// sources are the text files that the project wrote itself, but for its pages, which have tests of their own.
func sources(t *testing.T) []source {
	t.Helper()
	all, err := allSources()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// allSources reads them, once for all tests.
var allSources = sync.OnceValues(func() (all []source, err error) {
	err = filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name = filepath.ToSlash(name)
		switch {
		case entry.IsDir() && slices.Contains([]string{".git", "target", "node_modules"}, entry.Name()):
			return fs.SkipDir
		case entry.IsDir() || !isText(entry.Name()):
			return nil
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		s, err := newSource(strings.TrimPrefix(name, "../"), string(text))
		all = append(all, s)
		return err
	})
	return all, err
})

func isText(name string) bool {
	return slices.Contains([]string{".go", ".sh", ".yaml", ".mjs"}, path.Ext(name)) || name == "Makefile"
}

func newSource(name, text string) (source, error) {
	s := source{path: name, text: []byte(text), files: token.NewFileSet()}
	if path.Ext(name) != ".go" {
		return s, nil
	}
	var err error
	s.syntax, err = parser.ParseFile(s.files, name, s.text, parser.ParseComments)
	return s, err
}

func (s source) isTest() bool { return strings.HasSuffix(s.path, "_test.go") }

func (s source) line(p token.Pos) int { return s.files.Position(p).Line }

// faults lists what is wrong with the source of one Go file.
func (s source) faults() (found []string) {
	fault := func(p token.Pos, text string, values ...any) {
		found = append(found, fmt.Sprintf("%s:%d: %s", s.path, s.line(p), fmt.Sprintf(text, values...)))
	}
	if formatted, err := format.Source(s.text); err != nil || !bytes.Equal(formatted, s.text) {
		fault(s.syntax.Pos(), "it is not formatted: run gofmt -w")
	}
	for _, declaration := range s.syntax.Decls {
		switch d := declaration.(type) {
		case *ast.FuncDecl:
			if d.Name.Name == "init" && d.Recv == nil {
				fault(d.Pos(), "an init function runs before main")
			}
			if d.Body == nil || s.isTest() { // a table of cases may be long
				continue
			}
			if lines := s.line(d.Body.Rbrace) - s.line(d.Body.Lbrace) - 1; lines > longestFunction {
				fault(d.Pos(), "function %s has %d lines, more than %d", d.Name.Name, lines, longestFunction)
			}
		case *ast.GenDecl:
			if d.Tok == token.VAR && !s.isTest() && !isEmbedded(d) {
				fault(d.Pos(), "a package variable: state belongs to values")
			}
		}
	}
	return found
}

// isEmbedded tells whether a declaration is filled by go:embed, which needs a variable.
func isEmbedded(d *ast.GenDecl) bool {
	return d.Doc != nil && slices.ContainsFunc(d.Doc.List, func(c *ast.Comment) bool {
		return strings.HasPrefix(c.Text, "//go:embed ")
	})
}

// withoutOneComment lists the folders that do not have exactly one package comment.
func withoutOneComment(all []source) (found []string) {
	comments := map[string]int{}
	for _, s := range all {
		if s.syntax == nil || s.isTest() {
			continue
		}
		comments[path.Dir(s.path)] += 0
		if s.syntax.Doc != nil {
			comments[path.Dir(s.path)]++
		}
	}
	for _, folder := range slices.Sorted(maps.Keys(comments)) {
		if comments[folder] != 1 {
			found = append(found, fmt.Sprintf("%s has %d package comments, not 1", folder, comments[folder]))
		}
	}
	return found
}

// longLines gives the numbers of the lines that are too long.
func (s source) longLines() (numbers []int) {
	for i, line := range strings.Split(string(s.text), "\n") {
		tabs := 3 * strings.Count(line, "\t")
		if len(line)+tabs > longestLine && utf8.RuneCountInString(line)+tabs > longestLine {
			numbers = append(numbers, i+1)
		}
	}
	return numbers
}

// dialect finds words that have a usual one: cannot, wrong, detach, fix, pending, retry, transient error, requeue.
func dialect() *regexp.Regexp {
	return regexp.MustCompile(strings.Join([]string{
		`\b[Cc]an not\b`, `CanNot`, `\b[Aa]miss\b|Amiss`,
		`\b([Ll]et|[Ll]ets|[Ll]etting) go\b|Let(s|ting)?GoOf`, `\bgo(es|ing)? round\b`,
		`\b[Mm]end(s|ed|ing)?\b|Mend(s|ed|ing)?[A-Z]`,
		`\b[Oo]n its way\b|OnItsWay`, `\b[Aa]nother try\b|AnotherTry`, `\bby itself alone\b`,
		`\b[Pp]assing (failure|error)s?\b|PassingFailure`, `\bgo(es)? back to the queue\b`,
	}, "|"))
}

// mayBeDialect finds the few lines that are worth a regular expression, which takes long under the race detector.
func mayBeDialect(line string) bool {
	return slices.ContainsFunc([]string{
		"an not", "anNot", "miss", " go", "GoOf", " round", "mend", "Mend", "n its way", "nItsWay", "nother try",
		"notherTry", "y itself alone", "assing", "back to the queue",
	}, func(part string) bool { return strings.Contains(line, part) })
}

// dialectWords gives the words of a file that readers would have to learn, each with its line. Names of fields are
// contracts, and the tests of words hold the words.
func (s source) dialectWords() (found []string) {
	if name := path.Base(s.path); name == "source_test.go" || name == "words_test.go" {
		return nil
	}
	words := dialect()
	for i, line := range strings.Split(string(s.text), "\n") {
		if !mayBeDialect(line) {
			continue
		}
		for _, at := range words.FindAllStringIndex(line, -1) {
			if !strings.ContainsAny(line[at[1]:min(at[1]+1, len(line))], "\":`") {
				found = append(found, fmt.Sprintf("%d %q", i+1, line[at[0]:at[1]]))
			}
		}
	}
	return found
}

func TestGoSourceKeepsTheRules(t *testing.T) {
	t.Parallel()
	all := sources(t)
	if len(all) < 100 {
		t.Fatalf("only %d files are read", len(all))
	}
	for _, s := range all {
		if s.syntax == nil {
			continue
		}
		for _, fault := range s.faults() {
			t.Error(fault)
		}
	}
	for _, fault := range withoutOneComment(all) {
		t.Error(fault)
	}
}

func TestTextIsNarrowAndPlain(t *testing.T) {
	t.Parallel()
	for _, s := range sources(t) {
		if lines := s.longLines(); len(lines) > 0 {
			t.Errorf("%s: these lines have more than %d columns: %v", s.path, longestLine, lines)
		}
		if words := s.dialectWords(); len(words) > 0 {
			t.Errorf("%s: words of dialect: %s", s.path, strings.Join(words, ", "))
		}
	}
}

func TestEveryBrokenRuleIsFound(t *testing.T) {
	long := "package p\n\nfunc f() {\n" + strings.Repeat("\tg()\n", longestFunction+1) + "}\n"
	for name, c := range map[string]struct{ path, text, want string }{
		"a long function":             {"p/a.go", long, "p/a.go:3: function f has 61 lines, more than 60"},
		"a long test":                 {"p/a_test.go", long, ""},
		"a package variable":          {"p/a.go", "package p\n\nvar x int\n", "p/a.go:3: a package variable"},
		"an embedded file":            {"p/a.go", "package p\n\n//go:embed x\nvar x string\n", ""},
		"an init function":            {"p/a.go", "package p\n\nfunc init() {}\n", "p/a.go:3: an init function"},
		"a method of that name":       {"p/a.go", "package p\n\nfunc (t T) init() {}\n", ""},
		"what gofmt would write anew": {"p/a.go", "package p\nfunc f() {}\n", "p/a.go:1: it is not formatted"},
	} {
		t.Run(name, func(t *testing.T) {
			s, err := newSource(c.path, c.text)
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(s.faults(), "; ")
			if !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestAFolderWithTwoPackageCommentsOrNoneIsFound(t *testing.T) {
	commented, plain := "// Package p is one.\npackage p\n", "package p\n"
	for want, texts := range map[string][]string{
		"":                                {commented, plain},
		"p has 0 package comments, not 1": {plain, plain},
		"p has 2 package comments, not 1": {commented, commented},
	} {
		var all []source
		for i, text := range texts {
			s, err := newSource(fmt.Sprintf("p/%d.go", i), text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		if got := strings.Join(withoutOneComment(all), "; "); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestLongLinesAndDialectAreFound(t *testing.T) {
	s := source{path: "a.sh", text: []byte("\t" + strings.Repeat("杭", 116) + "\n\t" + strings.Repeat("杭", 117))}
	if got := fmt.Sprint(s.longLines()); got != "[2]" {
		t.Errorf("found the lines %s", got)
	}
	for text, want := range map[string]int{
		"It can not be mended, and goes round.":               3,
		"TestWhatCanNotBeMendedIsLetGoOf":                     3,
		"It cannot be recommended or amended; letting goats.": 0,
		"a retry is on its way, another try of many":          2,
		`Amiss Tally json:"amiss"`:                            1,
	} {
		if got := (source{path: "a.go", text: []byte(text)}).dialectWords(); len(got) != want {
			t.Errorf("%s: found %q", text, got)
		}
	}
}
