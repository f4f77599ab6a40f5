package sign

import (
	"net/http"
	"slices"
	"strings"
)

const acs3Algorithm = "ACS3-HMAC-SHA256"

// isoSeconds is the layout of the dates of V3 and of the RPC form.
const isoSeconds = "2006-01-02T15:04:05Z"

// acs3 is the V3 signature: of the headers that it lists, and of the hash of the body.
type acs3 struct{}

// authorization is the parsed Authorization header of an ACS3 request.
type authorization struct {
	accessKeyID   string
	signedHeaders []string
	signature     string
}

func (acs3) read(r *http.Request, body []byte) (signed, *Refusal) {
	auth, ok := parseACS3(r.Header.Get("Authorization"))
	if !ok {
		return signed{}, incomplete("The request signature does not conform to Aliyun standards.")
	}
	if refusal := requireHeaders(r, auth.signedHeaders); refusal != nil {
		return signed{}, refusal
	}
	s := signed{
		accessKeyID: auth.accessKeyID, token: r.Header.Get("x-acs-security-token"),
		nonce: r.Header.Get("x-acs-signature-nonce"), date: r.Header.Get("x-acs-date"), layout: isoSeconds,
		signature: auth.signature, mac: hmacSHA256Hex,
	}
	bodyHash := sha256Hex(body)
	text, err := stringToSign(r, auth.signedHeaders, bodyHash)
	switch {
	// Assumed: the service treats a wrong hash of the body as a wrong signature.
	case r.Header.Get("x-acs-content-sha256") != bodyHash:
		s.flaw = "x-acs-content-sha256 of the body is " + bodyHash
	case err != nil:
		s.flaw = err.Error()
	}
	s.text = text
	return s, nil
}

// incomplete refuses a signature that cannot be read.
func incomplete(message string) *Refusal { return badRequest("IncompleteSignature", message) }

// requireHeaders demands the headers that the other checks need, and that the host and every x-acs- header are signed,
// as the specification does: what is not signed could be changed on the way. The codes are assumed.
func requireHeaders(r *http.Request, signed []string) *Refusal {
	for _, name := range []string{"x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"} {
		if r.Header.Get(name) == "" {
			return badRequest("MissingParameter", "The header "+name+" is mandatory for this request.")
		}
	}
	present := []string{"host"}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-acs-") {
			present = append(present, name)
		}
	}
	for _, name := range present {
		if !slices.Contains(signed, name) {
			return incomplete("The header " + name + " must be signed.")
		}
	}
	return nil
}

// parseACS3 reads `ACS3-HMAC-SHA256 Credential=…,SignedHeaders=a;b,Signature=…`, the parts in any order.
// ok is false unless all three parts are present.
func parseACS3(header string) (a authorization, ok bool) {
	parts, ok := strings.CutPrefix(header, acs3Algorithm+" ")
	if !ok {
		return a, false
	}
	for part := range strings.SplitSeq(parts, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Credential":
			a.accessKeyID = value
		case "SignedHeaders":
			a.signedHeaders = strings.Split(value, ";")
		case "Signature":
			a.signature = value
		}
	}
	return a, a.accessKeyID != "" && a.signedHeaders != nil && a.signature != ""
}

func (acs3) caller(r *http.Request, _ func(string) string) string {
	a, _ := parseACS3(r.Header.Get("Authorization"))
	return a.accessKeyID
}

func (acs3) operation(r *http.Request, _ func(string) string) (action, version string) {
	return r.Header.Get("x-acs-action"), r.Header.Get("x-acs-version")
}
