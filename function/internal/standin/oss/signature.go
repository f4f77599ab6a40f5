package oss

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
)

// Signature is version 1 of the signature of a request ("Include a V1 signature in the Authorization header"): of the
// method, three headers, the headers of the service, and the resource with the parameters that belong to it.
func Signature(secret string, r *http.Request) string {
	var own []string
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-oss-") {
			own = append(own, name+":"+r.Header.Get(name)+"\n")
		}
	}
	slices.Sort(own)
	resource := r.URL.Path
	if resource == "" {
		resource = "/"
	}
	var parts []string
	for name, values := range r.URL.Query() {
		switch {
		case !isPart(name):
		case values[0] == "":
			parts = append(parts, name)
		default:
			parts = append(parts, name+"="+values[0])
		}
	}
	if slices.Sort(parts); len(parts) > 0 {
		resource += "?" + strings.Join(parts, "&")
	}
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(strings.Join([]string{
		r.Method, r.Header.Get("Content-MD5"), r.Header.Get("Content-Type"), r.Header.Get("Date"),
		strings.Join(own, "") + resource,
	}, "\n")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// isPart tells the parameters that are part of the resource, of those that clients of this project send.
func isPart(parameter string) bool {
	return slices.Contains([]string{"acl", "bucketInfo", "location", "objectMeta", "stat"}, parameter)
}
