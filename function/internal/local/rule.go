package local

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"vpn-attach/function/internal/template"
)

// Rule is a rule of EventBridge that takes events to a queue.
type Rule struct {
	Name     string
	Queue    string
	Pattern  map[string]any    // every key, any value of its list
	Paths    map[string]string // by variable, a JSONPath into the event
	Template string            // with ${variable}; "" hands the event over as it is
	Base64   bool              // what reaches the queue is encoded
}

// Rules are those of a stack for the bus that services send their events to.
func Rules(stack *template.Stack, place template.Pseudo) (all []Rule, err error) {
	for _, rule := range stack.Rules() {
		if rule.EventBusName != "default" || rule.Status != "ENABLE" {
			continue
		}
		for _, target := range rule.Targets {
			one := Rule{Name: rule.RuleName, Pattern: rule.FilterPattern, Queue: place.QueueIn(target.Endpoint)}
			if err := one.transform(target.ParamList); err != nil {
				return nil, fmt.Errorf("reading target %s of rule %s: %w", target.ID, rule.RuleName, err)
			}
			all = append(all, one)
		}
	}
	return all, nil
}

// transform takes what a target says of the message.
func (r *Rule) transform(parameters []template.Param) error {
	for _, p := range parameters {
		switch p.ResourceKey + " " + p.Form {
		case "queue CONSTANT":
			if p.Value != r.Queue {
				return fmt.Errorf("its queue is %s, and its endpoint %s", p.Value, r.Queue)
			}
		case "Body ORIGINAL":
		case "Body TEMPLATE":
			r.Template = p.Template
			if err := json.Unmarshal([]byte(p.Value), &r.Paths); err != nil {
				return fmt.Errorf("the paths are no JSON: %w", err)
			}
		case "IsBase64Encode CONSTANT":
			r.Base64 = p.Value == "true"
		default:
			return fmt.Errorf("the local cloud does not know %s as %s", p.ResourceKey, p.Form)
		}
	}
	return nil
}

// Take gives the message that the rule makes of an event, and whether it takes the event at all.
func (r Rule) Take(event []byte) (message string, takes bool) {
	message, takes = r.take(event)
	if r.Base64 {
		message = base64.StdEncoding.EncodeToString([]byte(message))
	}
	return message, takes
}

func (r Rule) take(event []byte) (message string, takes bool) {
	var value any
	if json.Unmarshal(event, &value) != nil || !matches(r.Pattern, value) {
		return "", false
	}
	if r.Template == "" {
		return string(event), true
	}
	// As the vendor's open-source engine does: text is put in without escaping it, and what is not there leaves its
	// placeholder.
	return placeholder().ReplaceAllStringFunc(r.Template, func(whole string) string {
		path, named := r.Paths[whole[2:len(whole)-1]]
		found, there := follow(value, path)
		if !named || !there {
			return whole
		}
		if text, isText := found.(string); isText {
			return text
		}
		encoded, _ := json.Marshal(found) // it was decoded from JSON
		return string(encoded)
	}), true
}

func placeholder() *regexp.Regexp { return regexp.MustCompile(`\$\{[A-Za-z]+\}`) }

// matches is EventBridge's matching, as far as the rules use it.
func matches(pattern, value any) bool {
	switch pattern := pattern.(type) {
	case map[string]any:
		fields, _ := value.(map[string]any)
		for key, inner := range pattern {
			if !matches(inner, fields[key]) {
				return false
			}
		}
		return true
	case []any:
		return slices.ContainsFunc(pattern, func(one any) bool { return reflect.DeepEqual(one, value) })
	}
	return false
}

// follow reads a JSONPath: steps are .name, ['name'] and [0].
func follow(value any, path string) (found any, there bool) {
	for _, step := range regexp.MustCompile(`\.[A-Za-z]+|\['[^']+'\]|\[[0-9]+\]`).FindAllString(path, -1) {
		name := strings.Trim(step, ".[']")
		switch inner := value.(type) {
		case map[string]any:
			if value, there = inner[name]; !there {
				return nil, false
			}
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(inner) {
				return nil, false
			}
			value = inner[i]
		default:
			return nil, false
		}
	}
	return value, true
}
