package estate

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// maxTags is the limit of tags on a resource and in a request, and of resources in one; maxFilters that of the ids and
// of the names that a list is asked for.
const (
	maxTags    = 20
	maxFilters = 20
)

// call is a request that passed its signature check.
type call struct {
	parameters  url.Values
	accessKeyID string
	account     string // of the caller
	version     string // of the API
	requestID   string
	age         time.Duration // of the state that its answer shows
	empty       bool          // a list has no entries
}

// parse collects the parameters of the query and, for a form, of the body.
func parse(r *http.Request, body []byte) (url.Values, error) {
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("parsing the query: %w", err)
	}
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return parameters, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("parsing the form: %w", err)
	}
	for name, values := range form {
		parameters[name] = append(parameters[name], values...)
	}
	return parameters, nil
}

func (c call) get(name string) string { return c.parameters.Get(name) }

// integer reads a number within limits; ok is false for anything else. An absent one is the default.
func (c call) integer(name string, otherwise, least, most int) (n int, ok bool) {
	text := c.get(name)
	if text == "" {
		return otherwise, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= least && n <= most
}

// list reads Name.1, Name.2 … up to the first that is absent.
func (c call) list(name string) (values []string) {
	for n := 1; c.parameters.Has(fmt.Sprintf("%s.%d", name, n)); n++ {
		values = append(values, c.get(fmt.Sprintf("%s.%d", name, n)))
	}
	return values
}

// boolean reads true or false; ok is false for anything else. An absent one is the default.
func (c call) boolean(name string, otherwise bool) (value, ok bool) {
	switch c.get(name) {
	case "":
		return otherwise, true
	case "true":
		return true, true
	case "false":
		return false, true
	}
	return false, false
}

// matches says whether each parameter is absent or has the value of a resource that is named after it.
func (c call) matches(namesAndValues ...string) bool {
	for i := 0; i < len(namesAndValues); i += 2 {
		if want := c.get(namesAndValues[i]); want != "" && want != namesAndValues[i+1] {
			return false
		}
	}
	return true
}

// wanted are the values of parameters, read once for a list of many resources.
type wanted []string

func (c call) wanted(names ...string) wanted {
	values := make(wanted, len(names))
	for i, name := range names {
		values[i] = c.get(name)
	}
	return values
}

// match is matches for the values of one resource, in the order of the names.
func (w wanted) match(values ...string) bool {
	for i, want := range w {
		if want != "" && want != values[i] {
			return false
		}
	}
	return true
}
