package main_test

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"
)

// The tests here hold what is written in two languages: .github/README.zh-CN.md is README.md in Chinese, and every text
// of template.yml that people see in the console has both.
//
// When README.md changes: change the Chinese page in the same place, section by section, until nothing differs here.
// The order of words in a sentence is free; headings, lists, tables, commands, names in backquotes and links are not.

// skeleton is what a section has in every language, in an order of its own where a sentence may have another.
type skeleton struct {
	heading string // its level
	blocks  []string
	tables  []string // the columns of each row, with its names in backquotes
	lists   int
	names   []string
	links   []string
}

// skeletons are those of the sections of a page.
func skeletons(text, folder string) (all []skeleton) {
	now := skeleton{}
	block, inBlock := "", false
	for _, line := range strings.Split(text, "\n") {
		switch {
		case strings.HasPrefix(line, "```"):
			if inBlock = !inBlock; !inBlock {
				now.blocks = append(now.blocks, block)
			}
			block = ""
		case inBlock:
			block += line + "\n"
		case strings.HasPrefix(line, "    "):
			now.blocks = append(now.blocks, line)
		case strings.HasPrefix(line, "#"):
			level, _, _ := strings.Cut(line, " ")
			all, now = append(all, now), skeleton{heading: level}
		default:
			now.read(line, folder)
		}
	}
	return append(all, now)[1:]
}

// read takes a line outside of blocks and headings.
func (s *skeleton) read(line, folder string) {
	names := regexp.MustCompile("`[^`]+`").FindAllString(line, -1)
	slices.Sort(names)
	switch {
	case strings.HasPrefix(line, "|"):
		cells := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|") - 1
		s.tables = append(s.tables, fmt.Sprint(cells, " columns with ", names))
	case regexp.MustCompile(`^(- |[0-9]+\. )`).MatchString(line):
		s.lists++
		fallthrough
	default:
		s.names = append(s.names, names...)
		slices.Sort(s.names)
	}
	for _, link := range regexp.MustCompile(`\]\(([^)]+)\)|<(http[^>]+)>`).FindAllStringSubmatch(line, -1) {
		if target := link[1] + link[2]; !strings.Contains(target, "://") {
			s.links = append(s.links, path.Join(folder, target))
		} else {
			s.links = append(s.links, target)
		}
	}
}

// outOfStep lists how two pages differ.
func outOfStep(one, other []skeleton) (found []string) {
	if len(one) != len(other) {
		return []string{fmt.Sprintf("there are %d headings, and %d", len(one), len(other))}
	}
	for i := range one {
		a, b := one[i], other[i]
		for _, part := range []struct {
			what string
			a, b any
		}{
			{"level", a.heading, b.heading}, {"commands", a.blocks, b.blocks}, {"tables", a.tables, b.tables},
			{"entries of lists", a.lists, b.lists}, {"names", a.names, b.names}, {"links", a.links, b.links},
		} {
			if x, y := fmt.Sprintf("%q", part.a), fmt.Sprintf("%q", part.b); x != y {
				found = append(found, fmt.Sprintf("section %d: %s:\n  %s\n  %s", i+1, part.what, x, y))
			}
		}
	}
	return found
}

func TestTheChinesePageIsInStep(t *testing.T) {
	english := page(t, "../README.md")
	if first, _, _ := strings.Cut(english, "\n"); !strings.Contains(first, "(.github/README.zh-CN.md)") {
		t.Errorf("the first line of README.md does not link to its translation: %s", first)
	}
	chinese := page(t, "../.github/README.zh-CN.md")
	for _, difference := range outOfStep(skeletons(english, ""), skeletons(chinese, ".github")) {
		t.Errorf("README.md and .github/README.zh-CN.md differ in %s", difference)
	}
}

func TestAPageOutOfStepIsFound(t *testing.T) {
	const page = "# A\ntext `x` and `y`, [a](b/c.md)\n\n- one\n\n" +
		"| a | b |\n|---|---|\n| `x` | z |\n\n```\nmake it\n```\n"
	for name, c := range map[string]struct {
		page string
		want int
	}{
		"in step":              {strings.ReplaceAll(page, "`x` and `y`", "`y` 和 `x`"), 0},
		"another command":      {strings.ReplaceAll(page, "make it", "make them"), 1},
		"a row less":           {strings.ReplaceAll(page, "| `x` | z |\n", ""), 1},
		"a column less":        {strings.ReplaceAll(page, "| `x` | z |", "| `x` |"), 1},
		"another name":         {strings.ReplaceAll(page, "`y`", "`z`"), 1},
		"another link":         {strings.ReplaceAll(page, "b/c.md", "b/d.md"), 1},
		"an entry more":        {strings.ReplaceAll(page, "- one\n", "- one\n- two\n"), 1},
		"a heading more":       {page + "## B\n", 1},
		"a heading of a level": {strings.ReplaceAll(page, "# A", "## A"), 1},
	} {
		if got := outOfStep(skeletons(page, ""), skeletons(c.page, "")); len(got) != c.want {
			t.Errorf("%s: found %q", name, got)
		}
	}
}

// TestTheConsoleSpeaksBothLanguages looks at every text of the template that has en.
func TestTheConsoleSpeaksBothLanguages(t *testing.T) {
	var read map[string]any
	readYAML(t, "../template.yml", &read)
	texts := 0
	var walk func(at string, value any)
	walk = func(at string, value any) {
		switch value := value.(type) {
		case map[string]any:
			english, isText := value["en"].(string)
			chinese, _ := value["zh-cn"].(string)
			if isText {
				texts++
				isChinese := strings.ContainsFunc(chinese, func(r rune) bool { return unicode.Is(unicode.Han, r) })
				if english == "" || !isChinese {
					t.Errorf("%s has no zh-cn beside en: %s", at, english)
				}
			}
			for name, inner := range value {
				walk(at+"/"+name, inner)
			}
		case []any:
			for i, inner := range value {
				walk(fmt.Sprint(at, "/", i), inner)
			}
		}
	}
	walk("", read)
	if texts < 100 {
		t.Errorf("only %d texts were found", texts)
	}
}
