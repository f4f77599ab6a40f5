package local

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// matcher tells whether a query finds an entry of a log.
type matcher func(fields map[string]any) bool

// justCount is the analysis that counts what a search finds.
const justCount = "select count(1) as n"

// readQuery reads a query that counts: SEARCH | select count(1) as n. A search is FIELD: WORD, FIELD: "WORDS" or
// FIELD > NUMBER, joined by and, or, and parentheses. A field that is not indexed finds nothing in Log Service, and is
// refused here.
func readQuery(text string, indexed map[string]string) (matcher, error) {
	search, analysis, _ := strings.Cut(text, "|")
	if strings.Join(strings.Fields(analysis), " ") != justCount {
		return nil, fmt.Errorf("the local cloud cannot work out %q", strings.TrimSpace(analysis))
	}
	words := regexp.MustCompile(`[()]|[<>]=?|:|"[^"]*"|[^\s()<>:]+`).FindAllString(search, -1)
	p := &queryParser{words: words, indexed: indexed}
	m := p.any()
	if len(p.words) > 0 && p.err == nil {
		p.err = fmt.Errorf("the query %q is not understood at %q", search, p.words[0])
	}
	return m, p.err
}

type queryParser struct {
	words   []string
	indexed map[string]string
	err     error
}

// take takes the next word if it is the one.
func (p *queryParser) take(word string) bool {
	if len(p.words) == 0 || p.words[0] != word {
		return false
	}
	p.words = p.words[1:]
	return true
}

// next takes the next word; "" is the end.
func (p *queryParser) next() (word string) {
	if len(p.words) > 0 {
		word, p.words = p.words[0], p.words[1:]
	}
	return word
}

func (p *queryParser) any() matcher {
	m := p.all()
	for p.take("or") {
		first, second := m, p.all()
		m = func(fields map[string]any) bool { return first(fields) || second(fields) }
	}
	return m
}

func (p *queryParser) all() matcher {
	m := p.one()
	for p.take("and") {
		first, second := m, p.one()
		m = func(fields map[string]any) bool { return first(fields) && second(fields) }
	}
	return m
}

func (p *queryParser) one() matcher {
	if p.take("(") {
		m := p.any()
		if !p.take(")") {
			p.err = fmt.Errorf("the query lacks a parenthesis")
		}
		return m
	}
	if p.take("not") {
		m := p.one()
		return func(fields map[string]any) bool { return !m(fields) }
	}
	field, operator, value := p.next(), p.next(), p.next()
	bound, notNumber := strconv.ParseFloat(value, 64)
	kind, isIndexed := p.indexed[field]
	isNumeric := kind == "long" || kind == "double"
	switch {
	case !isIndexed:
		p.err = fmt.Errorf("the field %q is not indexed, so that no query finds it", field)
	case operator == ":":
		return func(fields map[string]any) bool { return fmt.Sprint(fields[field]) == strings.Trim(value, `"`) }
	case !isNumeric || notNumber != nil:
		p.err = fmt.Errorf("%s %s %s does not compare numbers", field, operator, value)
	default:
		if _, err := holds(0, "n "+operator+" "+value); err != nil {
			p.err = err
		}
		return func(fields map[string]any) bool {
			n, isNumber := fields[field].(float64)
			found, err := holds(n, fmt.Sprintf("n %s %g", operator, bound))
			return isNumber && err == nil && found
		}
	}
	return func(map[string]any) bool { return false }
}
