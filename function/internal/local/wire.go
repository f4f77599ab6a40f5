package local

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strconv"
	"strings"
)

// wireForm is a wire file, and what is different: words of its text, then values by their path.
type wireForm struct {
	Wire    string            `yaml:"wire"`
	Replace map[string]string `yaml:"replace"`
	With    map[string]any    `yaml:"with"` // a/b/0: value; null takes away
}

func (f *wireForm) make(m maker) ([]byte, error) {
	text, err := fs.ReadFile(m.files, "wire/"+f.Wire+".json")
	if err != nil {
		return nil, fmt.Errorf("there is no events/wire/%s.json; write {text: …} for the text itself", f.Wire)
	}
	for old, replacement := range f.Replace {
		if !bytes.Contains(text, []byte(old)) {
			return nil, fmt.Errorf("%s.json does not contain %q", f.Wire, old)
		}
		text = bytes.ReplaceAll(text, []byte(old), []byte(replacement))
	}
	if len(f.With) == 0 {
		return text, nil
	}
	var whole any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if err := decoder.Decode(&whole); err != nil {
		return nil, fmt.Errorf("reading %s.json: %w", f.Wire, err)
	}
	for path, value := range f.With {
		if whole, err = patched(whole, strings.Split(path, "/"), value); err != nil {
			return nil, fmt.Errorf("changing %s of %s.json: %w", path, f.Wire, err)
		}
	}
	return encoded(whole)
}

// patched is a JSON value with another value at a path; nil there means none.
func patched(whole any, path []string, value any) (any, error) {
	if len(path) == 0 {
		return value, nil
	}
	var err error
	key, rest := path[0], path[1:]
	switch whole := whole.(type) {
	case nil:
		inner, err := patched(nil, rest, value)
		return map[string]any{key: inner}, err
	case map[string]any:
		if value == nil && len(rest) == 0 {
			delete(whole, key)
			return whole, nil
		}
		whole[key], err = patched(whole[key], rest, value)
		return whole, err
	case []any:
		i, err := strconv.Atoi(key)
		if err != nil || i < 0 || i >= len(whole) {
			return nil, fmt.Errorf("the list has no %q", key)
		}
		whole[i], err = patched(whole[i], rest, value)
		return whole, err
	}
	return nil, fmt.Errorf("%q stands in something that is no object", key)
}

// encoded is JSON as a person would write it.
func encoded(value any) ([]byte, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	err := encoder.Encode(value)
	return bytes.TrimSpace(text.Bytes()), err
}
