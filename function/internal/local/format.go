package local

import (
	"bytes"
	"cmp"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"

	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/standin/sign"
)

// formatted is a service that answers in the format that a request asks for; the service itself answers JSON.
type formatted struct{ fault.Service }

func (f formatted) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch sign.Format(r) {
	case sign.JSON:
		f.Service.ServeHTTP(w, r)
	case sign.XML:
		f.asXML(w, r, f.Service.ServeHTTP)
	default:
		f.Service.WriteError(w, r, http.StatusBadRequest, "InvalidParameter.Format")
	}
}

// WriteError implements fault.Service.
func (f formatted) WriteError(w http.ResponseWriter, r *http.Request, status int, code string) {
	write := func(w http.ResponseWriter, r *http.Request) { f.Service.WriteError(w, r, status, code) }
	if sign.Format(r) == sign.XML {
		f.asXML(w, r, write)
		return
	}
	write(w, r)
}

// asXML turns an answer in JSON into XML. What is no JSON stays as it is.
func (f formatted) asXML(w http.ResponseWriter, r *http.Request, serve http.HandlerFunc) {
	root := cmp.Or(f.Action(r), "API") + "Response"
	answer := httptest.NewRecorder()
	serve(answer, r)
	body := answer.Body.Bytes()
	maps.Copy(w.Header(), answer.Header())
	if answer.Code >= http.StatusBadRequest {
		root = "Error"
	}
	if text, err := toXML(root, body); err == nil {
		w.Header().Set("Content-Type", "text/xml;charset=utf-8")
		body = text
	}
	w.WriteHeader(answer.Code)
	_, _ = w.Write(body) // the client may be gone
}

// toXML writes a JSON document as the gateway does: every field is an element, and every entry of a list has the name
// of the list. The order of elements says nothing: it is that of the names.
func toXML(root string, document []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(document))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, fmt.Errorf("reading an answer: %w", err)
	}
	var text bytes.Buffer
	text.WriteString(xml.Header)
	element(&text, root, value)
	return text.Bytes(), nil
}

func element(text *bytes.Buffer, name string, value any) {
	if list, ok := value.([]any); ok {
		for _, entry := range list {
			element(text, name, entry)
		}
		return
	}
	text.WriteString("<" + name + ">")
	switch value := value.(type) {
	case map[string]any:
		for _, field := range slices.Sorted(maps.Keys(value)) {
			element(text, field, value[field])
		}
	case nil:
	default:
		_ = xml.EscapeText(text, []byte(fmt.Sprint(value))) // a buffer takes everything
	}
	text.WriteString("</" + name + ">")
}

// isMNS tells a request to Message Service by its paths, by the header that its clients send, or as one for the
// certificate of its pushes.
func isMNS(r *http.Request) bool {
	path := r.URL.Path
	if strings.HasPrefix(path, pagePath) {
		return false
	}
	return strings.Contains(path, "/queues") || strings.Contains(path, "/topics") ||
		r.Header.Get("x-mns-version") != "" || strings.HasSuffix(path, mns.CertificatePath)
}

// versionOf is the version of an OpenAPI that a request asks for.
func versionOf(r *http.Request) string {
	_, version := sign.Operation(r)
	return version
}

// operationOf names what a request to an OpenAPI asks for; "" when it is none. Browsers' and the page's own are none.
func operationOf(r *http.Request) string {
	if strings.HasPrefix(r.URL.Path, pagePath) {
		return ""
	}
	action, _ := sign.Operation(r)
	return action
}
