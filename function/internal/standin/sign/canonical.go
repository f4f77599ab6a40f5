package sign

import (
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// stringToSign rebuilds, from the request as received, what the client must have signed
// (Alibaba Cloud OpenAPI, "V3 request body and signature mechanism").
func stringToSign(r *http.Request, signedHeaders []string, bodyHash string) (string, error) {
	query, err := canonicalQuery(r.URL.RawQuery)
	if err != nil {
		return "", err
	}
	request := r.Method + "\n" + canonicalPath(r.URL) + "\n" + query + "\n" +
		canonicalHeaders(r, signedHeaders) + "\n" + strings.Join(signedHeaders, ";") + "\n" + bodyHash
	return acs3Algorithm + "\n" + sha256Hex([]byte(request)), nil
}

// canonicalPath is the path as sent, in the escapes of RFC 3986 that the signature uses.
func canonicalPath(u *url.URL) string {
	return rfc3986(cmp.Or(u.EscapedPath(), "/"))
}

// canonicalQuery sorts the parameters and escapes them again: a client may send a space as + or as %20.
func canonicalQuery(raw string) (string, error) {
	values, err := url.ParseQuery(raw)
	if err != nil {
		return "", fmt.Errorf("parsing the query: %w", err)
	}
	return canonicalPairs(values), nil
}

// canonicalPairs has every parameter as name=value, sorted and escaped, with ampersands between.
func canonicalPairs(values url.Values) string {
	var pairs []string
	for name, repeated := range values {
		for _, value := range repeated {
			pairs = append(pairs, escape(name)+"="+escape(value))
		}
	}
	slices.SortFunc(pairs, byNameThenValue)
	return strings.Join(pairs, "&")
}

// byNameThenValue keeps "Tag" before "Tag.1": comparing whole pairs would compare '=' with '.'.
func byNameThenValue(a, b string) int {
	nameA, valueA, _ := strings.Cut(a, "=")
	nameB, valueB, _ := strings.Cut(b, "=")
	return cmp.Or(strings.Compare(nameA, nameB), strings.Compare(valueA, valueB))
}

// canonicalHeaders has one line per signed header; several values of one header are sorted and joined by commas.
// net/http has already removed the spaces around a value.
func canonicalHeaders(r *http.Request, signed []string) string {
	var lines strings.Builder
	for _, name := range signed {
		values := slices.Sorted(slices.Values(r.Header.Values(name)))
		if name == "host" { // which net/http moves out of the header map
			values = []string{r.Host}
		}
		lines.WriteString(name + ":" + strings.Join(values, ",") + "\n")
	}
	return lines.String()
}

// rfc3986 turns the form encoding of net/url into the encoding that the signature uses.
func rfc3986(escaped string) string {
	return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(escaped)
}

func sha256Hex(data []byte) string { return fmt.Sprintf("%x", sha256.Sum256(data)) }

func hmacSHA256Hex(secret, text string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(text))
	return fmt.Sprintf("%x", mac.Sum(nil))
}
