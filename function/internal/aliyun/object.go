package aliyun

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Object is a JSON object of an answer. Its fields are read leniently: services write a number as a text, or an empty
// text in the place of a list. It is a map, since encoding/json would first learn the fields of a struct type, and that
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
	if value := o[name]; value == nil || value == "" {
		return 0, nil
	}
	n, err := strconv.Atoi(o.Text(name))
	if err != nil {
		return 0, fmt.Errorf("reading %s: it is not a whole number", name)
	}
	return n, nil
}

// List is a list within an object, as the services give lists: {"Tags": {"Tag": […]}}. The list may be bare, a single
// element may stand for a list of one, and an empty text, null or an object without the element for none. Anything else
// is an error: a list that is not understood must not pass for an empty one.
func (o Object) List(name, element string) ([]Object, error) {
	value := o[name]
	if around, isObject := value.(map[string]any); isObject {
		value = around[element]
		if one, isObject := value.(map[string]any); isObject {
			return []Object{one}, nil
		}
	}
	if value == nil || value == "" {
		return nil, nil
	}
	elements, isList := value.([]any)
	if !isList {
		return nil, noList(name)
	}
	all := make([]Object, 0, len(elements))
	for _, each := range elements {
		one, isObject := each.(map[string]any)
		if !isObject {
			return nil, noList(name)
		}
		all = append(all, one)
	}
	return all, nil
}

func noList(name string) error { return fmt.Errorf("reading %s: it is not a list of objects", name) }
