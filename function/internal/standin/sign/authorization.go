package sign

import (
	"net/http"
	"strings"
)

const acs3Algorithm = "ACS3-HMAC-SHA256"

// authorization is the parsed Authorization header of an ACS3 request.
type authorization struct {
	accessKeyID   string
	signedHeaders []string
	signature     string
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

// AccessKeyID names the caller of an ACS3 or MNS request without verifying anything; "" when the request names none.
// Every instance of a function has its own temporary key, so the id says which instance called.
func AccessKeyID(r *http.Request) string {
	header := r.Header.Get("Authorization")
	if mns, ok := strings.CutPrefix(header, "MNS "); ok {
		// Neither an access key id nor the base64 signature after it contains a colon.
		id, _, _ := strings.Cut(mns, ":")
		return strings.TrimSpace(id)
	}
	a, _ := parseACS3(header)
	return a.accessKeyID
}
