package sign

import (
	"bytes"
	"cmp"
	"io"
	"net/http"
	"strings"
)

// maxForm is how much of a body is looked at for parameters, in bytes: far more than any operation needs.
const maxForm = 1 << 20

// AccessKeyID names the caller of a request to an OpenAPI or to Message Service without verifying anything; "" when the
// request names none. Every instance of a function has its own temporary key, so the id says which instance called.
func AccessKeyID(r *http.Request) string {
	header := r.Header.Get("Authorization")
	if mns, ok := strings.CutPrefix(header, "MNS "); ok {
		// Neither an access key id nor the base64 signature after it contains a colon.
		id, _, _ := strings.Cut(mns, ":")
		return strings.TrimSpace(id)
	}
	if mns, ok := strings.CutPrefix(header, "MNS4-HMAC-SHA256 Credential="); ok {
		id, _, _ := strings.Cut(mns, "/")
		return id
	}
	parameters := peek(r)
	return formOf(r, parameters).caller(r, parameters)
}

// Operation says what a request asks for, and of which version of an API; "" when it does not say. The body stays in
// place for another reader.
func Operation(r *http.Request) (action, version string) {
	parameters := peek(r)
	return formOf(r, parameters).operation(r, parameters)
}

// peek gives a request's parameters by name, and leaves the body in place. A request
// that is signed in a header has none.
func peek(r *http.Request) func(name string) string {
	if r.Body == nil || r.Header.Get("Authorization") != "" {
		return parametersOf(r, nil)
	}
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxForm)) // what is left unread, or could not be, is the next reader's
	rest := r.Body
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), rest), rest}
	return parametersOf(r, body)
}

// Formats of an answer.
const (
	JSON = "JSON"
	XML  = "XML"
)

// Format is how a request wants its answer, in capital letters: JSON or XML, or what else it asked for. A request of
// the RPC form that names none wants XML, one of another form JSON.
func Format(r *http.Request) string {
	parameters := peek(r)
	if formOf(r, parameters) == (rpc{}) {
		return cmp.Or(strings.ToUpper(parameters("Format")), XML)
	}
	if strings.HasPrefix(r.Header.Get("Accept"), "application/xml") {
		return XML
	}
	return JSON
}
