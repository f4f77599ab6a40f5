package local

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Expectation is what a sample must come to. Only what it names is judged: an absent
// field says nothing, an empty list says none.
type Expectation struct {
	Outcomes    *[]map[string]any `json:"outcomes"`
	Endings     *[]map[string]any `json:"endings"` // the final outcomes, each once however often it was received
	Attachments *[]map[string]any `json:"attachments"`
	Calls       map[string]int    `json:"calls"`
	DeadLetters *int              `json:"deadLetters"`
	Invocations *int              `json:"invocations"`
}

// ReadExpectation reads an expectation; an unknown field is an error, since it would
// judge nothing.
func ReadExpectation(text []byte) (Expectation, error) {
	var e Expectation
	decoder := json.NewDecoder(strings.NewReader(string(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		return Expectation{}, fmt.Errorf("reading the expectation: %w", err)
	}
	return e, nil
}

// Compare names every difference between what was expected and what came, in words.
func (e Expectation) Compare(d Document) []string {
	var differences []string
	if e.Outcomes != nil {
		differences = append(differences, compareList("outcomes", *e.Outcomes, flattened(d.Outcomes))...)
	}
	if e.Endings != nil {
		differences = append(differences, compareList("endings", *e.Endings, endings(flattened(d.Outcomes)))...)
	}
	if e.Attachments != nil {
		differences = append(differences, compareList("attachments", *e.Attachments, generic(d.Attachments))...)
	}
	for _, action := range slices.Sorted(maps.Keys(e.Calls)) {
		if e.Calls[action] != d.Calls[action] {
			differences = append(differences, fmt.Sprintf("calls.%s: expected %d, got %d", action, e.Calls[action], d.Calls[action]))
		}
	}
	if e.DeadLetters != nil && *e.DeadLetters != len(d.DeadLetters) {
		differences = append(differences, fmt.Sprintf("deadLetters: expected %d, got %d", *e.DeadLetters, len(d.DeadLetters)))
	}
	if e.Invocations != nil && *e.Invocations != d.Invocations {
		differences = append(differences, fmt.Sprintf("invocations: expected %d, got %d", *e.Invocations, d.Invocations))
	}
	return differences
}

// compareList compares two lists in order: the same length, and each expected object
// contained in the one at its place.
func compareList(name string, expected, actual []map[string]any) []string {
	if len(expected) != len(actual) {
		return []string{fmt.Sprintf("%s: expected %d, got %d: %s", name, len(expected), len(actual), brief(actual))}
	}
	var differences []string
	for i, object := range expected {
		differences = append(differences, compareObject(fmt.Sprintf("%s[%d]", name, i), object, actual[i])...)
	}
	return differences
}

func compareObject(name string, expected, actual map[string]any) []string {
	var differences []string
	for _, key := range slices.Sorted(maps.Keys(expected)) {
		where := name + "." + key
		inner, isObject := expected[key].(map[string]any)
		actualInner, actualIsObject := actual[key].(map[string]any)
		switch {
		case isObject && actualIsObject:
			differences = append(differences, compareObject(where, inner, actualInner)...)
		case !same(expected[key], actual[key]):
			differences = append(differences, fmt.Sprintf("%s: expected %s, got %s", where, text(expected[key]), text(actual[key])))
		}
	}
	return differences
}

// same compares values; an expected text that begins with ~ need only be contained.
func same(expected, actual any) bool {
	part, isText := expected.(string)
	whole, _ := actual.(string)
	if isText && strings.HasPrefix(part, "~") {
		return strings.Contains(whole, part[1:])
	}
	return text(expected) == text(actual)
}

// flattened gives outcomes as expectations name their parts: the data's fields, the
// error's beside them, and code for the error's code or the reason of a skip.
func flattened(outcomes []json.RawMessage) []map[string]any {
	var flat []map[string]any
	for _, raw := range outcomes {
		var document struct {
			ID      string         `json:"id"`
			Subject string         `json:"subject"`
			Data    map[string]any `json:"data"`
		}
		if json.Unmarshal(raw, &document) != nil || document.Data == nil {
			flat = append(flat, map[string]any{"unreadable": string(raw)})
			continue
		}
		fields := maps.Clone(document.Data)
		fields["id"], fields["subject"] = document.ID, document.Subject
		fault, _ := document.Data["error"].(map[string]any)
		maps.Copy(fields, fault)
		if fault == nil {
			fields["code"] = document.Data["reason"]
		}
		flat = append(flat, fields)
	}
	return flat
}

// endings keeps the final outcomes, each id once.
func endings(outcomes []map[string]any) []map[string]any {
	var kept []map[string]any
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
func brief(objects []map[string]any) string {
	var parts []string
	for _, object := range objects {
		part := ""
		for _, key := range []string{"status", "code", "vpnConnectionId", "unreadable"} {
			if value, _ := object[key].(string); value != "" {
				part += value + " "
			}
		}
		parts = append(parts, strings.TrimSpace(part))
	}
	return strings.Join(parts, ", ")
}

// generic gives values as the JSON that they are written as.
func generic(values any) []map[string]any {
	var objects []map[string]any
	encoded, _ := json.Marshal(values)    // plain structs always encode,
	_ = json.Unmarshal(encoded, &objects) // and decode again
	return objects
}

func text(value any) string {
	encoded, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(encoded)
}
