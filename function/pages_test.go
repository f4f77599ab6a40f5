package main_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// What the tests of the documents share: reading pages, their tables and the code they show.

// pages reads every Markdown file of the repository, by its path from the root.
func pages(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		switch name := entry.Name(); {
		case err != nil:
			return err
		case entry.IsDir() && (name == ".git" || name == "target" || name == "node_modules"):
			return filepath.SkipDir
		case !entry.IsDir() && strings.HasSuffix(name, ".md"):
			found[strings.TrimPrefix(filepath.ToSlash(path), "../")] = page(t, path)
		}
		return nil
	})
	if err != nil || len(found) == 0 {
		t.Fatalf("%d pages, %v", len(found), err)
	}
	return found
}

func page(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// section is the text under a heading, up to the next one of its level.
func section(t *testing.T, text, heading string) string {
	t.Helper()
	_, rest, found := strings.Cut(text, "\n"+heading+"\n")
	if !found {
		t.Fatalf("there is no heading %q", heading)
	}
	level, _, _ := strings.Cut(heading, " ")
	inside, _, _ := strings.Cut(rest, "\n"+level+" ")
	return inside
}

// rows gives the cells of the table whose first column has the given name.
func rows(t *testing.T, text, column string) (cells [][]string) {
	t.Helper()
	inside := false
	for line := range strings.Lines(text) {
		row := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, "\x00"), "|")
		if len(row) < 3 {
			inside = false
			continue
		}
		for i := range row {
			row[i] = strings.ReplaceAll(strings.TrimSpace(row[i]), "\x00", "|")
		}
		row = row[1 : len(row)-1]
		if inside && !strings.HasPrefix(row[0], "---") {
			cells = append(cells, row)
		}
		inside = inside || row[0] == column
	}
	if len(cells) == 0 {
		t.Fatalf("there is no table whose first column is %q", column)
	}
	return cells
}

// words are what stands between backquotes.
func words(text string) (all []string) {
	for _, word := range regexp.MustCompile("`([^`]+)`").FindAllStringSubmatch(text, -1) {
		all = append(all, word[1])
	}
	return all
}

func sorted(all []string) []string { return slices.Compact(slices.Sorted(slices.Values(all))) }

// code is what a page shows as commands, names or output: its fenced and indented blocks, and
// what stands between backquotes.
func code(text string) string {
	var b strings.Builder
	fenced := false
	for line := range strings.Lines(text) {
		switch {
		case strings.HasPrefix(line, "```"):
			fenced = !fenced
		case fenced, strings.HasPrefix(line, "    "):
			b.WriteString(line)
		default:
			b.WriteString(strings.Join(words(line), "\n") + "\n")
		}
	}
	return b.String()
}
