package sign

import (
	"cmp"
	"crypto/md5"
	"encoding/base64"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// roaScheme begins the Authorization header of the ROA form: `acs KEY:SIGNATURE`.
const roaScheme = "acs "

// roa is version 1.0 of the signature for ROA services: of the method, some headers and the resource ("ROA-style
// request syntax and signature method V2"). It signs the body only through Content-MD5.
type roa struct{}

func (roa) read(r *http.Request, body []byte) (signed, *Refusal) {
	key, signature, ok := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), roaScheme), ":")
	switch {
	case !ok || key == "" || signature == "":
		return signed{}, incomplete("The request signature does not conform to Aliyun standards.")
	case r.Header.Get("Date") == "":
		return signed{}, missing("Date")
	// A client may leave out method and version, and then means these.
	case cmp.Or(r.Header.Get("x-acs-signature-method"), "HMAC-SHA1") != "HMAC-SHA1":
		return signed{}, badRequest("InvalidSignatureMethod", "Specified signature method is not valid.")
	case cmp.Or(r.Header.Get("x-acs-signature-version"), "1.0") != "1.0":
		return signed{}, badRequest("InvalidSignatureVersion", "Specified parameter SignatureVersion is not valid.")
	}
	s := signed{
		accessKeyID: key, token: r.Header.Get("x-acs-security-token"), nonce: r.Header.Get("x-acs-signature-nonce"),
		date: r.Header.Get("Date"), layout: http.TimeFormat, signature: signature, mac: hmacSHA1,
	}
	sum := md5.Sum(body)
	digest := base64.StdEncoding.EncodeToString(sum[:])
	text, err := roaText(r)
	switch {
	// Assumed: the service treats a wrong digest of the body as a wrong signature.
	case cmp.Or(r.Header.Get("Content-MD5"), digest) != digest:
		s.flaw = "Content-MD5 of the body is " + digest
	case err != nil:
		s.flaw = err.Error()
	}
	s.text = text
	return s, nil
}

// roaText is what is signed. A header that is absent leaves its line empty.
func roaText(r *http.Request) (string, error) {
	var text strings.Builder
	text.WriteString(r.Method + "\n")
	for _, name := range []string{"Accept", "Content-MD5", "Content-Type", "Date"} {
		text.WriteString(r.Header.Get(name) + "\n")
	}
	var lines []string
	for name := range r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-acs-") {
			lines = append(lines, lower+":"+strings.TrimSpace(r.Header.Get(name))+"\n")
		}
	}
	slices.Sort(lines)
	text.WriteString(strings.Join(lines, ""))
	resource, err := canonicalResource(r.URL)
	return text.String() + resource, err
}

// canonicalResource is the path, and the parameters sorted by name, as plain text: a parameter without a value has no
// equals sign.
func canonicalResource(u *url.URL) (string, error) {
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return "", err
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(values)) {
		for _, value := range values[name] {
			if value != "" {
				value = "=" + value
			}
			pairs = append(pairs, name+value)
		}
	}
	path := cmp.Or(u.EscapedPath(), "/")
	if len(pairs) == 0 {
		return path, nil
	}
	return path + "?" + strings.Join(pairs, "&"), nil
}

func (roa) caller(r *http.Request, _ func(string) string) string {
	key, _, _ := strings.Cut(strings.TrimPrefix(r.Header.Get("Authorization"), roaScheme), ":")
	return key
}

func (roa) operation(r *http.Request, parameters func(string) string) (action, version string) {
	return acs3{}.operation(r, parameters)
}
