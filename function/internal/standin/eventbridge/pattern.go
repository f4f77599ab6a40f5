package eventbridge

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// pattern decides which events a rule takes.
type pattern interface {
	// takes says whether a value of the event is taken. There is none when it is not there.
	takes(value any, there bool) bool
}

// readPattern reads the FilterPattern of a rule, or an object inside it.
func readPattern(value any) (pattern, error) {
	fields, isObject := value.(map[string]any)
	if !isObject {
		return nil, fmt.Errorf("%v is no object", value)
	}
	all := every{}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		var inner pattern
		var err error
		switch field := fields[name].(type) {
		case []any:
			inner, err = readList(field)
		default:
			inner, err = readPattern(field)
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		all[name] = inner
	}
	return all, nil
}

// every takes an object of which every field is taken.
type every map[string]pattern

func (e every) takes(value any, _ bool) bool {
	fields, _ := value.(map[string]any)
	for name, inner := range e {
		field, there := fields[name]
		if !inner.takes(field, there) {
			return false
		}
	}
	return true
}

// readList reads a list of what a value may be.
func readList(list []any) (pattern, error) {
	all := some{}
	for _, one := range list {
		condition, err := readCondition(one)
		if err != nil {
			return nil, err
		}
		all = append(all, condition)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("the list is empty, so that nothing is taken")
	}
	return all, nil
}

// some takes a value that one of the conditions takes. Of a list, one element is enough.
type some []pattern

func (s some) takes(value any, there bool) bool {
	list, isList := value.([]any)
	return slices.ContainsFunc(s, func(condition pattern) bool {
		if !isList {
			return condition.takes(value, there)
		}
		return slices.ContainsFunc(list, func(element any) bool { return condition.takes(element, true) })
	})
}

// readCondition reads one entry of a list: a value, or an object with the name of a condition.
func readCondition(value any) (pattern, error) {
	fields, isObject := value.(map[string]any)
	if !isObject {
		if _, isList := value.([]any); isList {
			return nil, fmt.Errorf("%v is a list inside a list", value)
		}
		return equal{number(value)}, nil
	}
	if len(fields) != 1 {
		return nil, fmt.Errorf("%v has not exactly one condition", value)
	}
	for name, operand := range fields {
		read, known := conditions()[name]
		if !known {
			return nil, fmt.Errorf("%s is none of %s", name,
				strings.Join(slices.Sorted(maps.Keys(conditions())), ", "))
		}
		condition, err := read(operand)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return condition, nil
	}
	return nil, nil // not reached: there is one field
}

// number is a value as JSON has it: YAML knows several kinds of numbers.
func number(value any) any {
	switch n := value.(type) {
	case int:
		return float64(n)
	case int64:
		return float64(n)
	case uint64:
		return float64(n)
	}
	return value
}
