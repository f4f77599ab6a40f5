package eventbridge

import (
	"fmt"
	"slices"
	"strings"
)

// conditions read what stands under the name of a condition.
func conditions() map[string]func(operand any) (pattern, error) {
	return map[string]func(any) (pattern, error){
		"prefix":       readText(strings.HasPrefix),
		"suffix":       readText(strings.HasSuffix),
		"exists":       readExists,
		"numeric":      readNumeric,
		"anything-but": readAnythingBut,
	}
}

// equal takes one value.
type equal struct{ want any }

func (e equal) takes(value any, there bool) bool {
	switch value.(type) {
	case map[string]any, []any:
		return false // these cannot be compared, and are none of a pattern's values
	}
	return there && value == e.want
}

// text takes texts that begin or end with another.
type text struct {
	has  func(text, part string) bool
	part string
}

func readText(has func(text, part string) bool) func(any) (pattern, error) {
	return func(operand any) (pattern, error) {
		part, isText := operand.(string)
		if !isText {
			return nil, fmt.Errorf("%v is no text", operand)
		}
		return text{has, part}, nil
	}
}

func (t text) takes(value any, _ bool) bool {
	got, isText := value.(string)
	return isText && t.has(got, t.part)
}

// exists takes a field that is there, or one that is not.
type exists bool

func readExists(operand any) (pattern, error) {
	want, isFlag := operand.(bool)
	if !isFlag {
		return nil, fmt.Errorf("%v is neither true nor false", operand)
	}
	return exists(want), nil
}

func (e exists) takes(_ any, there bool) bool { return there == bool(e) }

// but takes a field that is there and is not taken by another pattern.
type but struct{ not pattern }

func readAnythingBut(operand any) (pattern, error) {
	list, isList := operand.([]any)
	if !isList {
		list = []any{operand}
	}
	not, err := readList(list)
	return but{not}, err
}

func (b but) takes(value any, there bool) bool { return there && !b.not.takes(value, there) }

// numeric takes numbers for which all comparisons hold.
type numeric []comparison

type comparison struct {
	holds func(got, than float64) bool
	than  float64
}

func comparisons() map[string]func(got, than float64) bool {
	return map[string]func(got, than float64) bool{
		"=":  func(got, than float64) bool { return got == than },
		"!=": func(got, than float64) bool { return got != than },
		"<":  func(got, than float64) bool { return got < than },
		"<=": func(got, than float64) bool { return got <= than },
		">":  func(got, than float64) bool { return got > than },
		">=": func(got, than float64) bool { return got >= than },
	}
}

// readNumeric reads [">", 0, "<=", 5].
func readNumeric(operand any) (pattern, error) {
	list, _ := operand.([]any)
	var all numeric
	for pair := range slices.Chunk(list, 2) {
		name, _ := pair[0].(string)
		holds := comparisons()[name]
		than, isNumber := number(pair[len(pair)-1]).(float64)
		if holds == nil || !isNumber {
			return nil, fmt.Errorf("%v is no comparison with a number", pair)
		}
		all = append(all, comparison{holds, than})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%v is no list of comparisons", operand)
	}
	return all, nil
}

func (n numeric) takes(value any, _ bool) bool {
	got, isNumber := value.(float64)
	return isNumber && !slices.ContainsFunc(n, func(c comparison) bool { return !c.holds(got, c.than) })
}
