package ram

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
)

// version is the only one of the language of policies.
const version = "1"

// Parse reads a policy document, which was decoded from JSON or YAML. What it does not know is an error, so that a
// misspelt key does not make a policy say something else.
func Parse(name string, document any) (*Policy, error) {
	policy := &Policy{Name: name}
	err := eachStatement(document, func(fields map[string]any) error {
		s, err := readStatement(fields, "Action", "NotAction", "Resource", "NotResource")
		policy.statements = append(policy.statements, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading policy %s: %w", name, err)
	}
	return policy, nil
}

// eachStatement reads the frame of a document.
func eachStatement(document any, read func(fields map[string]any) error) error {
	fields, isObject := document.(map[string]any)
	if !isObject {
		return fmt.Errorf("it is no object, but %T", document)
	}
	if err := onlyThese(fields, "Version", "Statement"); err != nil {
		return err
	}
	if fmt.Sprint(fields["Version"]) != version {
		return fmt.Errorf("the Version is %v, not %s", fields["Version"], version)
	}
	statements, isList := fields["Statement"].([]any)
	if one, isObject := fields["Statement"].(map[string]any); isObject {
		statements, isList = []any{one}, true
	}
	if !isList || len(statements) == 0 {
		return fmt.Errorf("there is no Statement")
	}
	for i, one := range statements {
		fields, isObject := one.(map[string]any)
		if !isObject {
			return fmt.Errorf("statement %d is no object, but %T", i+1, one)
		}
		if err := read(fields); err != nil {
			return fmt.Errorf("statement %d: %w", i+1, err)
		}
	}
	return nil
}

// readStatement reads what all statements have. The keys are those of this kind beside Effect and Condition.
func readStatement(fields map[string]any, keys ...string) (s *statement, err error) {
	s = &statement{denies: fields["Effect"] == "Deny"}
	if err := onlyThese(fields, append(keys, "Effect", "Condition")...); err != nil {
		return nil, err
	}
	if fields["Effect"] != "Allow" && !s.denies {
		return nil, fmt.Errorf("the Effect is %v, neither Allow nor Deny", fields["Effect"])
	}
	if s.actions, err = readPatterns(fields, "Action"); err != nil {
		return nil, err
	}
	if s.conditions, err = readConditions(fields["Condition"]); err != nil {
		return nil, err
	}
	if !slices.Contains(keys, "Resource") {
		return s, nil
	}
	s.resources, err = readPatterns(fields, "Resource")
	s.used = make([]atomic.Bool, len(s.actions.list)*len(s.resources.list))
	return s, err
}

// readPatterns reads a key, or the one that means all but that.
func readPatterns(fields map[string]any, key string) (patterns, error) {
	value, has := fields[key]
	but, hasNot := fields["Not"+key]
	if has == hasNot {
		return patterns{}, fmt.Errorf("it has not exactly one of %s and Not%s", key, key)
	}
	if hasNot {
		value = but
	}
	list, err := texts(value)
	if err != nil {
		return patterns{}, fmt.Errorf("%s: %w", key, err)
	}
	return patterns{list, hasNot}, nil
}

// texts reads a text, or a list of texts.
func texts(value any) ([]string, error) {
	if text, isText := value.(string); isText {
		return []string{text}, nil
	}
	var list []string
	switch values := value.(type) {
	case []string:
		list = values
	case []any:
		for _, one := range values {
			text, isText := one.(string)
			if !isText {
				return nil, fmt.Errorf("%v is no text", one)
			}
			list = append(list, text)
		}
	}
	if len(list) == 0 || slices.Contains(list, "") {
		return nil, fmt.Errorf("%v is neither a text nor a list of texts", value)
	}
	return list, nil
}

// onlyThese refuses keys that are not known.
func onlyThese(fields map[string]any, keys ...string) error {
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		if !slices.Contains(keys, key) {
			return fmt.Errorf("%q is none of %s", key, strings.Join(keys, ", "))
		}
	}
	return nil
}
