package vpc

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// text is a text, or the number or truth value that stands for one. An object or a list in its place counts as empty.
type text string

// UnmarshalJSON reads a text, whatever stands for it.
func (t *text) UnmarshalJSON(data []byte) error {
	switch data[0] {
	case '"':
		return json.Unmarshal(data, (*string)(t))
	case '{', '[', 'n':
		*t = ""
	default:
		*t = text(data)
	}
	return nil
}

// number is a whole number, or the text of one.
type number int

// UnmarshalJSON reads a number with or without quotation marks.
func (n *number) UnmarshalJSON(data []byte) error {
	if data = bytes.Trim(data, `"`); len(data) == 0 {
		return nil
	}
	return json.Unmarshal(data, (*int)(n))
}

type (
	tags        []tag
	tag         struct{ Key, Value text }
	tunnels     []tunnel
	connections []connection
)

// UnmarshalJSON reads {"Tag": […]} or what stands for it.
func (t *tags) UnmarshalJSON(data []byte) (err error) {
	*t, err = readList[tag](data, "Tag")
	return err
}

// UnmarshalJSON reads {"TunnelOptions": […]} or what stands for it.
func (t *tunnels) UnmarshalJSON(data []byte) (err error) {
	*t, err = readList[tunnel](data, "TunnelOptions")
	return err
}

// UnmarshalJSON reads {"VpnConnection": […]} or what stands for it.
func (c *connections) UnmarshalJSON(data []byte) (err error) {
	*c, err = readList[connection](data, "VpnConnection")
	return err
}

// readList reads a list within an object, as the API gives lists. The list may be bare, a single element may stand for
// a list of one, and an empty text or null for none. Anything else is an error: a list that is not understood must not
// pass for an empty one.
func readList[T any](data []byte, name string) (all []T, err error) {
	var within map[string]json.RawMessage
	switch {
	case data[0] == '[':
		return all, json.Unmarshal(data, &all)
	case data[0] != '{':
		return nil, nothing(data)
	case json.Unmarshal(data, &within) != nil || within[name] == nil:
		return nil, nil
	}
	inner := within[name]
	if inner[0] == '{' {
		all = make([]T, 1)
		return all, json.Unmarshal(inner, &all[0])
	}
	return readList[T](inner, name)
}

func nothing(data []byte) error {
	if s := string(data); s != `""` && s != "null" {
		return fmt.Errorf("reading a list: it begins with %.1q", s)
	}
	return nil
}
