package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// tinyModule is a module with a package, its tests, and cases in another package that notice more.
func tinyModule(t *testing.T) *bench {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"go.mod": "module tiny\n\ngo 1.25\n",
		"sum/sum.go": `package sum

func Of(a, b int) int { return a + b }

func Twice(a int) int { return a * 2 }

func Never(a int) int { return a - 7 }

func Ends(n int) { for n > 0 { n-- } }
`,
		"sum/sum_test.go": `package sum

import "testing"

func TestOf(t *testing.T) {
	t.Run("two numbers", func(t *testing.T) {
		if Of(1, 2) != 3 {
			t.Error("wrong")
		}
	})
}
`,
		"cases/cases_test.go": `package cases

import (
	"testing"

	"tiny/sum"
)

func TestCases(t *testing.T) {
	if sum.Twice(4) != 8 {
		t.Error("wrong")
	}
}

func TestOther(t *testing.T) { t.Error("is not to be run") }
`,
	} {
		path := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return &bench{root: root, out: &bytes.Buffer{}, parallel: 2, cases: tests{pkg: "./cases", pattern: "^TestCases$"}}
}

func (b *bench) said() string { return b.out.(*bytes.Buffer).String() }

func TestEveryBreakageGetsItsVerdict(t *testing.T) {
	b := tinyModule(t)
	source, _ := os.ReadFile(filepath.Join(b.root, "sum", "sum.go"))
	rows := in("sum/sum.go",
		row{name: "own test", from: "a + b", to: "a - b"},
		row{name: "case", from: "a * 2", to: "a * 3"},
		row{name: "nothing", from: "a - 7", to: "a - 8"},
		row{name: "is not there", from: "a / b", to: "a"},
		row{name: "is there often", from: "return", to: ""},
		row{name: "no Go", from: "a + b", to: "a +"},
	)
	err := b.run(t.Context(), rows)
	if err == nil || err.Error() != "not every breakage was caught" {
		t.Errorf("got %v", err)
	}
	for _, want := range []string{
		`caught own test +by TestOf/two_numbers`,
		`caught case +by TestCases`,
		`MISSED nothing`,
		`STALE  is not there +the text is in sum/sum.go 0 times, not once`,
		`STALE  is there often +the text is in sum/sum.go 3 times, not once`,
		`BROKEN no Go +it does not build`,
		`2 caught, 4 not`,
	} {
		if !regexp.MustCompile(want).MatchString(b.said()) {
			t.Errorf("no %q in\n%s", want, b.said())
		}
	}
	if after, _ := os.ReadFile(filepath.Join(b.root, "sum", "sum.go")); !bytes.Equal(source, after) {
		t.Error("the source was changed")
	}
}

func TestAllCaughtIsNoError(t *testing.T) {
	b := tinyModule(t)
	if err := b.run(t.Context(), in("sum/sum.go", row{name: "own test", from: "a + b", to: "a"})); err != nil {
		t.Errorf("%v\n%s", err, b.said())
	}
}

func TestTestsThatFailAnywayCatchNothing(t *testing.T) {
	b := tinyModule(t)
	b.cases = tests{pkg: "./cases"}
	err := b.run(t.Context(), in("sum/sum.go", row{name: "case", from: "a * 2", to: "a * 3"}))
	if err == nil || !strings.Contains(err.Error(), "with nothing broken") || strings.Contains(b.said(), "caught") {
		t.Errorf("got %v\n%s", err, b.said())
	}
}

func TestAPatternThatMatchesNoTestIsAnError(t *testing.T) {
	b := tinyModule(t)
	b.cases.pattern = "TestOfNobody"
	err := b.run(t.Context(), in("sum/sum.go", row{name: "case", from: "a * 2", to: "a * 3"}))
	if err == nil || !strings.Contains(err.Error(), "none matches TestOfNobody") {
		t.Errorf("got %v\n%s", err, b.said())
	}
}

func TestAnInterruptedRunIsNoSuccess(t *testing.T) {
	b := tinyModule(t)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	err := b.run(ctx, in("sum/sum.go", row{name: "own test", from: "a + b", to: "a"}))
	if err == nil || err.Error() != "interrupted" {
		t.Errorf("got %v", err)
	}
}

func TestAListNamesWhatIsStale(t *testing.T) {
	b := tinyModule(t)
	err := b.list(in("sum/sum.go", row{name: "fresh", from: "a + b"}, row{name: "old", from: "a / b"}))
	if err == nil || !strings.Contains(b.said(), "STALE: the text is in sum/sum.go 0 times") {
		t.Errorf("got %v\n%s", err, b.said())
	}
	if strings.Contains(strings.Split(b.said(), "\n")[0], "STALE") {
		t.Errorf("what is fresh is called stale:\n%s", b.said())
	}
}

func TestTheTestThatFailedFirstIsNamed(t *testing.T) {
	const nested = "--- FAIL: TestA (0s)\n    --- FAIL: TestA/one (0s)\n        --- FAIL: TestA/one/two (0s)\n"
	for want, output := range map[string]string{
		"TestA":                       "--- FAIL: TestA (0.00s)\n    a_test.go:1: no\n--- FAIL: TestB (0.00s)\nFAIL\n",
		"TestA/one/two":               nested,
		"TestSlow, which did not end": "panic: test timed out after 2m0s\n\trunning tests:\n\t\tTestSlow (2m0s)\n",
		"a run that broke off":        "fatal error: all goroutines are asleep - deadlock!\n",
	} {
		if got := failedTest(output); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestArgumentsPickBreakages(t *testing.T) {
	rows := in("a.go", row{name: "one of two"}, row{name: "two"}, row{name: "two", by: storm{"x"}})
	for _, c := range []struct {
		arguments []string
		want      int
	}{
		{nil, 2}, {[]string{"one"}, 1}, {[]string{"two"}, 2}, {[]string{"three"}, 0}, {[]string{"one", "tw"}, 2},
		{[]string{"--process"}, 1}, {[]string{"--process", "one"}, 0}, {[]string{"--list"}, 3},
	} {
		s, err := read(c.arguments)
		if err != nil {
			t.Fatal(err)
		}
		if got := pick(rows, s); len(got) != c.want {
			t.Errorf("%q picks %d rows, want %d", c.arguments, len(got), c.want)
		}
	}
	for _, wrong := range []string{"--parallel=0", "--no-such-flag"} {
		if _, err := read([]string{wrong}); err == nil {
			t.Errorf("%s passes", wrong)
		}
	}
}

func TestTheTableIsSound(t *testing.T) {
	rows, seen := table(), map[string]bool{}
	if len(rows) < 80 {
		t.Errorf("only %d breakages", len(rows))
	}
	for _, r := range rows {
		_, isStorm := r.by.(storm)
		if r.file == "" || r.from == "" || r.from == r.to || seen[r.name] {
			t.Errorf("%q in %q breaks nothing, or is there twice", r.name, r.file)
		}
		if isStorm != strings.HasPrefix(r.name, "soak: ") {
			t.Errorf("%q does not say whether a storm judges it", r.name)
		}
		seen[r.name] = true
	}
	for name := range tripped() {
		if !seen["soak: "+name] {
			t.Errorf("a storm is to notice %q, which is no breakage", name)
		}
	}
}

func TestProgressIsSaidWhileNothingEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, ended := &bench{out: &bytes.Buffer{}}, make(chan struct{})
		go b.progress(ended, 3, time.Now())
		time.Sleep(25 * time.Second)
		close(ended)
		synctest.Wait()
		if got := strings.Count(b.said(), "0/3  … "); got != 1 { // nothing ended between 10 s and 20 s
			t.Errorf("it said %q", b.said())
		}
	})
}
