package local

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

func (e Expectation) compareFinals(outcomes []fields) (differences []string) {
	for _, connection := range slices.Sorted(maps.Keys(e.Finals)) {
		var about []fields
		for _, ending := range endings(outcomes) {
			if ending["subject"] == connection {
				about = append(about, ending)
			}
		}
		differences = append(differences, e.Finals[connection].compare("finals."+connection, about)...)
	}
	return differences
}

func compareOrder(name string, expected, actual []string) []string {
	if slices.Equal(expected, actual) {
		return nil
	}
	wanted, got := strings.Join(expected, " "), strings.Join(actual, " ")
	return []string{fmt.Sprintf("%s: expected %s, got %s", name, wanted, got)}
}

func compareObject(name string, expected, actual fields) []string {
	var differences []string
	for _, key := range slices.Sorted(maps.Keys(expected)) {
		where := name + "." + key
		inner, isObject := expected[key].(fields)
		actualInner, actualIsObject := actual[key].(fields)
		some, isList := expected[key].([]any)
		actualSome, actualIsList := actual[key].([]any)
		switch {
		case isObject && actualIsObject:
			differences = append(differences, compareObject(where, inner, actualInner)...)
		case isList && actualIsList && len(some) == len(actualSome):
			differences = append(differences, compareObject(where, byPlace(some), byPlace(actualSome))...)
		case !same(expected[key], actual[key]):
			difference := fmt.Sprintf("%s: expected %s, got %s", where, text(expected[key]), text(actual[key]))
			differences = append(differences, difference)
		}
	}
	return differences
}

// byPlace gives the elements of a list by their place.
func byPlace(elements []any) fields {
	all := fields{}
	for i, element := range elements {
		all[strconv.Itoa(i)] = element
	}
	return all
}

// same compares values. An expected text that begins with ~ need only be contained, and ">=N" is at least that number.
func same(expected, actual any) bool {
	part, _ := expected.(string)
	each, isList := expected.([]any)
	switch actual := actual.(type) {
	case []any:
		return isList && slices.EqualFunc(each, actual, same)
	case string:
		if strings.HasPrefix(part, "~") {
			return strings.Contains(actual, part[1:])
		}
	case float64:
		if n, ok := readNumber(part); ok && n.more {
			return actual >= float64(n.least)
		}
	}
	return text(expected) == text(actual)
}

// flattened gives outcomes as expectations name their parts: the data's fields, the error's beside them, and code for
// the error's code or the reason of a skip.
func flattened(outcomes []json.RawMessage) []fields {
	var flat []fields
	for _, raw := range outcomes {
		var document struct {
			ID      string `json:"id"`
			Subject string `json:"subject"`
			Data    fields `json:"data"`
		}
		if json.Unmarshal(raw, &document) != nil || document.Data == nil {
			flat = append(flat, fields{"unreadable": string(raw)})
			continue
		}
		one := maps.Clone(document.Data)
		one["id"], one["subject"] = document.ID, document.Subject
		fault, _ := document.Data["error"].(fields)
		maps.Copy(one, fault)
		if fault == nil {
			one["code"] = document.Data["reason"]
		}
		flat = append(flat, one)
	}
	return flat
}

// endings keeps the final outcomes, each id once.
func endings(outcomes []fields) []fields {
	var kept []fields
	seen := map[any]bool{}
	for _, outcome := range outcomes {
		if outcome["final"] == true && !seen[outcome["id"]] {
			seen[outcome["id"]] = true
			kept = append(kept, outcome)
		}
	}
	return kept
}

// brief lists objects by what tells them apart.
func brief(objects []fields) string {
	var parts []string
	for _, object := range objects {
		part := ""
		for _, key := range []string{"status", "type", "code", "vpnConnectionId", "message", "unreadable"} {
			if value, _ := object[key].(string); value != "" {
				part += value + " "
			}
		}
		parts = append(parts, strings.TrimSpace(part))
	}
	return strings.Join(parts, ", ")
}

func text(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}
