package main_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// The rules here hold the arrows between packages: event ← cloud ← decide ← attach, with the adapters
// beside them. A package that does not exist breaks no rule.

const rooms = "vpn-attach/function/internal/"

// goPackage is what go list says of a package, without its tests.
type goPackage struct {
	ImportPath, Dir string
	GoFiles         []string
	Imports, Deps   []string
}

// mayImport gives, for every deployed room, the packages of this module that it may import.
func mayImport() map[string]string {
	return map[string]string{
		"event":  "",
		"cloud":  "event",
		"decide": "event cloud",
		"pace":   "cloud",
		"attach": "event cloud decide pace",
		"aliyun": "cloud",
		"cbn":    "cloud aliyun",
		"vpc":    "cloud aliyun",
		"mns":    "cloud aliyun",
		"app":    "event cloud decide pace attach aliyun cbn vpc mns",
	}
}

// impure tells whether decide must not import a package: a decision reads no clock and makes no call.
func impure(imported string) bool {
	first, _, _ := strings.Cut(imported, "/")
	return imported == "context" || imported == "io/fs" || first == "os" || first == "net"
}

// atHome tells whether a package is room name, or in a folder of it.
func atHome(importPath, name string) bool {
	room, found := strings.CutPrefix(importPath, rooms)
	return found && (room == name || strings.HasPrefix(room, name+"/"))
}

func proving(importPath string) bool {
	return atHome(importPath, "standin") || atHome(importPath, "local")
}

// wrongArrows lists every import that the rules forbid.
func wrongArrows(packages []goPackage) (found []string) {
	for _, p := range packages {
		for _, imported := range p.Imports {
			if why := forbidden(p.ImportPath, imported); why != "" {
				found = append(found, fmt.Sprintf("%s imports %s: %s", p.ImportPath, imported, why))
			}
		}
		if p.ImportPath == "vpn-attach/function" || p.ImportPath == "vpn-attach/function/cmd/operate" {
			found = append(found, wrongDeps(p)...)
		}
	}
	return found
}

func forbidden(importer, imported string) string {
	room, isRoom := strings.CutPrefix(importer, rooms)
	allowed, deployed := mayImport()[room]
	other := strings.TrimPrefix(imported, rooms)
	ours := strings.HasPrefix(imported, "vpn-attach/")
	switch {
	case !isRoom:
		return ""
	case deployed && ours && !slices.Contains(strings.Fields(allowed), other):
		return "it may import: " + allowed
	case room == "decide" && impure(imported):
		return "a decision reads no clock and makes no call"
	case atHome(importer, "standin") && ours && !atHome(imported, "standin"):
		return "a stand-in that shares code with what it proves proves nothing"
	}
	return ""
}

// wrongDeps lists what a program that is deployed, or used on a real account, must not contain.
func wrongDeps(p goPackage) (found []string) {
	for _, imported := range p.Deps {
		room, isRoom := strings.CutPrefix(imported, rooms)
		_, known := mayImport()[room]
		switch {
		case proving(imported):
			found = append(found, fmt.Sprintf("%s contains %s, which only proves it", p.ImportPath, imported))
		case p.ImportPath == "vpn-attach/function" && isRoom && !known:
			found = append(found, fmt.Sprintf("%s contains %s, for which there is no rule", p.ImportPath, imported))
		}
	}
	return found
}

func listPackages(t *testing.T) (packages []goPackage) {
	t.Helper()
	command := exec.Command("go", "list", "-json=ImportPath,Dir,GoFiles,Imports,Deps", "vpn-attach/...")
	output, err := command.Output()
	if err != nil {
		t.Fatalf("listing the packages: %v", err)
	}
	for decoder := json.NewDecoder(strings.NewReader(string(output))); ; {
		var p goPackage
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return packages
		} else if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
}

func TestPackagesImportOnlyWhatTheyMay(t *testing.T) {
	t.Parallel()
	packages := listPackages(t)
	for _, room := range []string{"event", "cloud", "attach", "standin/mns"} {
		if !slices.ContainsFunc(packages, func(p goPackage) bool { return p.ImportPath == rooms+room }) {
			t.Errorf("there is no %s, so that its rule holds nothing", room)
		}
	}
	for _, arrow := range wrongArrows(packages) {
		t.Error(arrow)
	}
}

func TestDecisionsReadNoClock(t *testing.T) {
	t.Parallel()
	for _, p := range listPackages(t) {
		if p.ImportPath != rooms+"decide" {
			continue
		}
		for _, name := range p.GoFiles {
			for _, call := range clockCalls(t, filepath.Join(p.Dir, name), nil) {
				t.Error(call)
			}
		}
	}
}

// clockCalls lists where a file uses a function of package time that reads the clock or waits.
func clockCalls(t *testing.T, name string, source any) (found []string) {
	t.Helper()
	clock := strings.Fields("Now Since Until Sleep After AfterFunc Tick NewTimer NewTicker")
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, name, source, 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, imported := range file.Imports {
		if imported.Path.Value != strconv.Quote("time") {
			continue
		}
		local := "time"
		if imported.Name != nil {
			local = imported.Name.Name
		}
		ast.Inspect(file, func(n ast.Node) bool {
			selector, ok := n.(*ast.SelectorExpr)
			if !ok || !slices.Contains(clock, selector.Sel.Name) {
				return true
			}
			if x, ok := selector.X.(*ast.Ident); ok && x.Name == local {
				where := files.Position(selector.Pos())
				use := local + "." + selector.Sel.Name
				found = append(found, fmt.Sprintf("%s:%d: %s", path.Base(name), where.Line, use))
			}
			return true
		})
	}
	return found
}

func TestEveryWrongArrowIsFound(t *testing.T) {
	for name, c := range map[string]struct{ importer, imported, want string }{
		"event knows no other room":             {rooms + "event", rooms + "cloud", "it may import: "},
		"cloud may know event":                  {rooms + "cloud", rooms + "event", ""},
		"cloud knows no decision":               {rooms + "cloud", rooms + "decide", "it may import: event"},
		"a decision makes no call in its turn":  {rooms + "decide", rooms + "pace", "it may import: event cloud"},
		"a decision has no context":             {rooms + "decide", "context", "reads no clock and makes no call"},
		"a decision has no network":             {rooms + "decide", "net/http", "reads no clock and makes no call"},
		"a decision has no files":               {rooms + "decide", "io/fs", "reads no clock and makes no call"},
		"a decision may sort":                   {rooms + "decide", "slices", ""},
		"the pace decides nothing":              {rooms + "pace", rooms + "decide", "it may import: cloud"},
		"attach may decide":                     {rooms + "attach", rooms + "decide", ""},
		"attach knows no adapter":               {rooms + "attach", rooms + "cbn", "cloud decide pace"},
		"an adapter does not attach":            {rooms + "mns", rooms + "attach", "it may import: cloud aliyun"},
		"an adapter needs no stand-in":          {rooms + "vpc", rooms + "standin/sts", "it may import: cloud aliyun"},
		"a stand-in may use another":            {rooms + "standin/estate", rooms + "standin/sign", ""},
		"a stand-in knows nothing of the cloud": {rooms + "standin/estate", rooms + "cloud", "proves nothing"},
		"what proves may import all":            {rooms + "local", rooms + "attach", ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := wrongArrows([]goPackage{{ImportPath: c.importer, Imports: []string{c.imported}}})
			if c.want == "" && len(got) > 0 || c.want != "" && (len(got) != 1 || !strings.HasSuffix(got[0], c.want)) {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestEveryWrongPartOfAProgramIsFound(t *testing.T) {
	for program, want := range map[string]int{
		"vpn-attach/function": 3, "vpn-attach/function/cmd/operate": 2, "vpn-attach/function/cmd/local": 0,
	} {
		deps := []string{rooms + "event", rooms + "standin/mns", rooms + "local", rooms + "bench", "net/http"}
		if got := wrongArrows([]goPackage{{ImportPath: program, Deps: deps}}); len(got) != want {
			t.Errorf("%s: %q", program, got)
		}
	}
}

func TestEveryUseOfTheClockIsFound(t *testing.T) {
	source := `package decide
import clock "time"
func f(t clock.Time) bool { return clock.Now().After(t) && clock.Since(t) > clock.Second }`
	if got := strings.Join(clockCalls(t, "f.go", source), " "); got != "f.go:3: clock.Now f.go:3: clock.Since" {
		t.Errorf("found %q", got)
	}
}

// TestTheRoomOfTheTemplateStaysSmall counts the lines of the code that reads the template. Its table of types is data.
func TestTheRoomOfTheTemplateStaysSmall(t *testing.T) {
	files, err := filepath.Glob("internal/template/*.go")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files, %v", err)
	}
	lines := 0
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") {
			lines += strings.Count(page(t, file), "\n")
		}
	}
	if lines > 1200 {
		t.Errorf("it has %d lines, 1200 are enough", lines)
	}
}
