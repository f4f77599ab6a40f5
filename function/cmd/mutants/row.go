package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"vpn-attach/function/internal/local"
)

// row is one way to break the code, which a test must notice.
type row struct {
	name     string
	file     string // from the root of the module
	from, to string // from is in the file exactly once, and becomes to
	by       judge  // packageTests where a row names none
}

// judge says whether a breakage is noticed.
type judge interface {
	// needs gives the tests that must pass while nothing is broken.
	needs(pkg string, cases tests) []tests
	// notice gives what noticed the breakage; "" is nothing. An error says that nothing could be found out.
	notice(ctx context.Context, o overlay) (by string, err error)
}

// in gives the rows of one file.
func in(file string, rows ...row) []row {
	for i := range rows {
		rows[i].file = file
		if rows[i].by == nil && path.Ext(file) != ".go" {
			rows[i].by = stackTests{}
		} else if rows[i].by == nil {
			rows[i].by = packageTests{}
		}
	}
	return rows
}

// pkg is the package of the file, as the go command names it.
func (r row) pkg() string { return "./" + path.Dir(r.file) }

func (r row) needsProcess() bool {
	_, isStorm := r.by.(storm)
	return isStorm
}

// buildError says that a breakage does not build.
type buildError struct{ output string }

func (e *buildError) Error() string {
	return "it does not build: " + strings.Join(strings.Fields(e.output), " ")
}

// broken gives the text of the row's file with the breakage in it.
func (r row) broken(root string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(r.file)))
	if err != nil {
		return nil, fmt.Errorf("reading what is to be broken: %w", err)
	}
	if n := bytes.Count(text, []byte(r.from)); n != 1 {
		return nil, fmt.Errorf("the text is in %s %d times, not once", r.file, n)
	}
	return bytes.Replace(text, []byte(r.from), []byte(r.to), 1), nil
}

// overlay is the module with one file broken.
type overlay struct {
	root   string
	pkg    string // of the broken file
	folder string // for what is made on the way
	file   string // what go's -overlay takes
	cases  tests
}

// lay writes down a broken file, and which file it stands for.
func (r row) lay(root, folder string, text []byte, cases tests) (overlay, error) {
	o := overlay{
		root: root, pkg: r.pkg(), folder: folder, file: filepath.Join(folder, "overlay.json"), cases: cases,
	}
	broken := filepath.Join(folder, path.Base(r.file))
	replace, err := json.Marshal(map[string]any{
		"Replace": map[string]string{filepath.Join(root, filepath.FromSlash(r.file)): broken},
	})
	err = errors.Join(err, o.copyDeployed(), os.WriteFile(broken, text, 0o600), os.WriteFile(o.file, replace, 0o600))
	if err != nil {
		return o, fmt.Errorf("writing the breakage down: %w", err)
	}
	return o, nil
}

// copyDeployed puts what is deployed beside the broken file, which takes the place of one of them or of none.
func (o overlay) copyDeployed() error {
	for _, name := range []string{"template.yml", "s.yaml"} {
		text, err := os.ReadFile(filepath.Join(o.root, name))
		if errors.Is(err, fs.ErrNotExist) {
			continue // a module that deploys nothing
		}
		if err = errors.Join(err, os.WriteFile(filepath.Join(o.folder, name), text, 0o600)); err != nil {
			return err
		}
	}
	return nil
}

// environment has every go command, those that a test starts too, see the broken file.
func (o overlay) environment() []string {
	if o.file == "" {
		return os.Environ()
	}
	flags := strings.TrimSpace(os.Getenv("GOFLAGS") + " -overlay=" + o.file)
	return append(os.Environ(), "GOFLAGS="+flags, local.TemplateFolder+"="+o.folder)
}
