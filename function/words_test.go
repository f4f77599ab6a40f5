package main_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The tests here hold the words of the documents, which are those of the glossary.

// strange are words that the glossary has another word for, and what is counted or not true.
func strange() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"cannot":             regexp.MustCompile(`(?i)\bcan not\b`),
		"drift, wrong":       regexp.MustCompile(`(?i)\bamiss\b`),
		"detach":             regexp.MustCompile(`(?i)\blet(s|ting)? go\b`),
		"retry":              regexp.MustCompile(`(?i)\banother try\b`),
		"is requeued":        regexp.MustCompile(`(?i)\bgo(es|ing)? round\b`),
		"pending":            regexp.MustCompile(`(?i)\bon (its|their) way\b`),
		"fix":                regexp.MustCompile(`(?i)\bmend(s|ed|ing)?\b`),
		"alone":              regexp.MustCompile(`(?i)\bby itself alone\b`),
		"a count by the run": regexp.MustCompile(`(?i)\b[0-9]+ (cases|samples|passed)\b`),
	}
}

// strangeWords lists what a text says in words that the glossary does not have. What stands
// between backquotes is a name, and names are contracts.
func strangeWords(text string) (found []string) {
	plain := regexp.MustCompile("`[^`\n]+`").ReplaceAllString(text, "")
	plain = strings.Join(strings.Fields(plain), " ") // a phrase may be broken between lines
	for instead, pattern := range strange() {
		for _, word := range pattern.FindAllString(plain, -1) {
			found = append(found, fmt.Sprintf("%q instead of: %s", word, instead))
		}
	}
	return found
}

func TestThePagesSpeakPlainly(t *testing.T) {
	all := pages(t)
	all["s.yaml"] = page(t, "../s.yaml")
	all["template.yml"] = strings.ReplaceAll(page(t, "../template.yml"), "amiss", "`amiss`") // a field of the log
	for path, text := range all {
		for _, found := range strangeWords(text) {
			t.Errorf("%s says %s", path, found)
		}
		for i, line := range strings.Split(text, "\n") {
			if len([]rune(line)) > 120 && !strings.HasPrefix(line, "|") {
				t.Errorf("%s:%d has %d columns, at most 120 are read", path, i+1, len([]rune(line)))
			}
		}
	}
}

func TestAStrangeWordIsFound(t *testing.T) {
	for text, want := range map[string]int{
		"It can\nnot attach.": 1, "What is amiss is let go of.": 2, "Letting go.": 1, "Another try goes round.": 2,
		"It is on its way.": 1, "Mend it.": 1, "by itself alone": 1, "109 passed": 1,
		"It cannot; I recommend the field `amiss`, let 10 go.": 0,
	} {
		if got := strangeWords(text); len(got) != want {
			t.Errorf("%q: got %q, want %d", text, got, want)
		}
	}
}

// TestTheGlossaryIsInOrder lets a reader find a term, once.
func TestTheGlossaryIsInOrder(t *testing.T) {
	var terms []string
	for _, row := range rows(t, section(t, page(t, "README.md"), "## Glossary"), "term") {
		terms = append(terms, row[0])
	}
	if !slices.Equal(terms, sorted(terms)) {
		t.Errorf("not in order, or there twice: %q", terms)
	}
}
