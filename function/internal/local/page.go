package local

import (
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strings"
)

// pagePath is where the page's own requests go.
const pagePath = "/local/"

//go:embed page
var pageFiles embed.FS

// page serves the status page, for browsers, and what it reads and asks for: function/README.md has the table.
func (c *Cloud) page() http.Handler {
	page, style, script := pageText()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte(page)) // a browser that left is no matter
	})
	c.readings(mux)
	c.changes(mux)
	return secured(mux, style, script)
}

// pageText is the page with its style and its script inside, and the hashes of both.
func pageText() (page, style, script string) {
	read := func(name string) string {
		text, _ := pageFiles.ReadFile("page/" + name) // it was there when this was compiled
		return string(text)
	}
	style, script = read("page.css"), read("page.js")
	page = strings.Replace(read("page.html"), "<style></style>", "<style>"+style+"</style>", 1)
	page = strings.Replace(page, "<script></script>", "<script>"+script+"</script>", 1)
	return page, hashOf(style), hashOf(script)
}

// hashOf is the hash by which the page's own script or style is allowed, and no other.
func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// secured refuses a name that is none of this machine's, so that no other site can be pointed here, and lets the page
// use nothing but itself.
func secured(inner http.Handler, style, script string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; script-src "+script+
			"; style-src "+style+"; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		if !isOwnHost(r.Host) {
			http.Error(w, "this page is served under its own address only", http.StatusMisdirectedRequest)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// isOwnHost reports whether a browser asked for this machine by an address or as localhost.
func isOwnHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return name == "localhost" || net.ParseIP(strings.Trim(name, "[]")) != nil
}

// Limits of what the page sends, in bytes: a change, and a cloud file.
const (
	maxChange    = 128 << 10
	maxCloudFile = 64 << 20
)

// changing makes a handler of what changes something: the answer is written as JSON, an error is the caller's. Only the
// page itself may ask, or who says that it is this page: browsers send the origin, and no form of another site sends
// JSON.
func changing(limit int64, status int, do func(r *http.Request, body []byte) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		isJSON := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
		if r.Header.Get("Origin") != "http://"+r.Host || !isJSON {
			http.Error(w, "only the page itself may do this: send its Origin, and Content-Type: application/json",
				http.StatusForbidden)
			return
		}
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
		if err != nil {
			http.Error(w, "reading the request: "+err.Error(), http.StatusRequestEntityTooLarge)
			return
		}
		answer, err := do(r, body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		writeJSON(w, status, answer)
	}
}

// writeJSON answers with a value.
func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value) // a browser that left is no matter
}
