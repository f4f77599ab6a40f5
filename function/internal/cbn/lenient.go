package cbn

import (
	"bytes"
	"io"
	"net/http"

	"vpn-attach/function/internal/aliyun"
)

// lenient lets the SDK read an empty text in the place of a list or an object, which it would take for no answer. A
// number as text and unknown fields it reads by itself.
type lenient struct{ *aliyun.HTTPClient }

// Call sends the SDK's request. Within a text quotation marks are escaped, so that only whole fields are replaced.
func (l lenient) Call(request *http.Request, transport *http.Transport) (*http.Response, error) {
	response, err := l.HTTPClient.Call(request, transport)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	_ = response.Body.Close() // it was read to its end
	if err != nil {
		return nil, err
	}
	response.Body = io.NopCloser(bytes.NewReader(withoutEmptyTexts(body)))
	return response, nil
}

// withoutEmptyTexts puts an empty list or object in the place of an empty text.
func withoutEmptyTexts(body []byte) []byte {
	if !bytes.Contains(body, []byte(`":""`)) {
		return body
	}
	for _, list := range []string{
		"Tags", "Zones", "TransitRouterCidrList", "GrantRule", "TransitRouters", "TransitRouterAttachments",
		"TransitRouterRouteTables", "TransitRouterAssociations", "TransitRouterPropagations", "ChildInstance",
	} {
		body = bytes.ReplaceAll(body, []byte(`"`+list+`":""`), []byte(`"`+list+`":[]`))
	}
	for _, object := range []string{"GrantRules", "ChildInstances"} {
		body = bytes.ReplaceAll(body, []byte(`"`+object+`":""`), []byte(`"`+object+`":{}`))
	}
	return body
}
