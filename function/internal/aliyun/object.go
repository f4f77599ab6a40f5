package aliyun

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Object is a JSON object of an answer. Its fields are read for what they mean, whatever stands for it: services write
// a number as a text, or an empty text in the place of a list. Decoding it needs no look at the fields of a type, which
// is much of what the first event of an instance costs.
type Object map[string]any

// readObject reads the one object that a body must be.
func readObject(body string) (o Object, err error) {
	decoder := json.NewDecoder(strings.NewReader(body))
	decoder.UseNumber()
	if err := decoder.Decode(&o); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) || o == nil {
		return nil, errors.New("reading an answer: it is not one object")
	}
	return o, nil
}

// Text is a text, or the number or truth value that stands for one. Anything else in its place counts as empty.
func (o Object) Text(name string) string {
	switch value := o[name].(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case bool:
		return strconv.FormatBool(value)
	}
	return ""
}

// Within is an object within the object. Anything else in its place counts as one without fields.
func (o Object) Within(name string) Object {
	inner, _ := o[name].(map[string]any)
	return inner
}

// Number is a whole number, or the text of one; 0 when it is empty or missing.
func (o Object) Number(name string) (int, error) {
	text := o.Text(name)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("reading %s: it is not a whole number", name)
	}
	return n, nil
}

// List is a list within an object, as the services give lists: {"Tags": {"Tag": […]}}. The list may be bare, a single
// element may stand for a list of one, and an empty text or null for none. Anything else is an error: a list that is
// not understood must not pass for an empty one.
func (o Object) List(name, element string) ([]Object, error) {
	value := o[name]
	if around, is := value.(map[string]any); is {
		value = around[element]
		if one, is := value.(map[string]any); is {
			return []Object{one}, nil
		}
	}
	if value == nil || value == "" {
		return nil, nil
	}
	elements, is := value.([]any)
	all := make([]Object, 0, len(elements))
	for _, each := range elements {
		var one map[string]any
		if one, is = each.(map[string]any); !is {
			break
		}
		all = append(all, one)
	}
	if !is {
		return nil, fmt.Errorf("reading %s: it is not a list of objects", name)
	}
	return all, nil
}
