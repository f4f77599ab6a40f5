package event

import (
	"bytes"
	"encoding/json"
	"strings"
)

// maxTags is how many tags a resource takes.
const maxTags = 20

// tagsPut are the tags that the parameters of a recorded call put on a resource. They are written as Tag.1.Key beside
// Tag.1.Value, as a list of objects with Key and Value, as one object of all tags, or as JSON text of these. Nothing
// else of the parameters is taken: they may hold pre-shared keys.
func tagsPut(parameters ...json.RawMessage) map[string]string {
	fields := map[string]any{}
	for _, part := range parameters {
		if !bytes.Contains(part, []byte("Tag")) && !bytes.Contains(part, []byte("tag")) {
			continue // most calls put none, and reading all parameters takes longer than all else
		}
		_ = json.Unmarshal(unquoted(part), &fields) // what is no object puts no tags
	}
	tags, flat := map[string]string{}, map[string]map[string]any{}
	for name, value := range fields {
		parts := strings.Split(strings.ToLower(name), ".")
		switch {
		case parts[0] != "tag" && parts[0] != "tags":
		case len(parts) == 1:
			addTags(tags, value, 0)
		case len(parts) == 3: // "Tag", its number, "Key" or "Value"
			if flat[parts[1]] == nil {
				flat[parts[1]] = map[string]any{}
			}
			flat[parts[1]][parts[2]] = value
		}
	}
	for _, tag := range flat {
		addTag(tags, tag)
	}
	if len(tags) == 0 {
		return nil
	}
	return tags
}

// addTags adds the tags of a list, of an object of all tags, or of JSON text of either.
func addTags(tags map[string]string, value any, depth int) {
	if depth > maxLayers {
		return
	}
	switch v := value.(type) {
	case string:
		var inner any
		if json.Unmarshal([]byte(v), &inner) == nil {
			addTags(tags, inner, depth+1)
		}
	case []any:
		for _, inner := range v {
			addTags(tags, inner, depth+1)
		}
	case map[string]any:
		if addTag(tags, v) {
			return
		}
		for name, inner := range v {
			if text, isText := inner.(string); isText {
				addTag(tags, map[string]any{"key": name, "value": text})
			} else {
				addTags(tags, inner, depth+1)
			}
		}
	}
}

// addTag adds the tag of an object with the fields Key and Value. It reports whether the object is one.
func addTag(tags map[string]string, object map[string]any) bool {
	var key, value string
	for name, field := range object {
		text, _ := field.(string)
		switch strings.ToLower(name) {
		case "key", "tagkey":
			key = text
		case "value", "tagvalue":
			value = text
		}
	}
	if key != "" && len(tags) < maxTags && Printable(key, maxText) == key && Printable(value, maxText) == value {
		tags[key] = value
	}
	return key != ""
}
