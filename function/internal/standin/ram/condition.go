package ram

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// condition is one operator on one key: it holds when any of its values does, or, with not, when none does.
type condition struct {
	key    string
	values []string
	same   func(want, got string) bool
	not    bool
}

// operators are those that are known.
func operators() map[string]condition {
	equal := func(want, got string) bool { return want == got }
	return map[string]condition{
		"StringEquals":    {same: equal},
		"StringNotEquals": {same: equal, not: true},
		"StringLike":      {same: matches},
		"StringNotLike":   {same: matches, not: true},
		"Bool":            {same: strings.EqualFold},
	}
}

// readConditions reads the Condition of a statement. All of them must hold.
func readConditions(value any) (all []condition, err error) {
	if value == nil {
		return nil, nil
	}
	byOperator, isObject := value.(map[string]any)
	if !isObject {
		return nil, fmt.Errorf("the Condition is no object, but %T", value)
	}
	for _, operator := range slices.Sorted(maps.Keys(byOperator)) {
		kind, known := operators()[operator]
		keys, isObject := byOperator[operator].(map[string]any)
		if !known || !isObject {
			return nil, fmt.Errorf("the Condition %s is not one that is known here", operator)
		}
		for _, key := range slices.Sorted(maps.Keys(keys)) {
			kind.key = key
			if kind.values, err = texts(keys[key]); err != nil {
				return nil, fmt.Errorf("the Condition on %s: %w", key, err)
			}
			all = append(all, kind)
		}
	}
	return all, nil
}

func holdAll(conditions []condition, values map[string]string) bool {
	for _, c := range conditions {
		if !c.holds(values) {
			return false
		}
	}
	return true
}

// holds says whether the condition does. A key that the call does not have equals nothing.
func (c condition) holds(values map[string]string) bool {
	got, there := values[c.key]
	found := there && slices.ContainsFunc(c.values, func(want string) bool { return c.same(want, got) })
	return found != c.not
}
