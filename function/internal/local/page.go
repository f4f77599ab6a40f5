package local

import (
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"

	"vpn-attach/function/internal/standin/estate"
)

// pagePath is where the page's own requests go.
const pagePath = "/local/"

//go:embed page.html
var pageHTML string

// page serves the status page, for browsers: the page, its state, and its one action. A name
// that is none of this machine's is refused, so that no other site can be pointed here.
func (c *Cloud) page() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; connect-src 'self'; script-src "+hashOf("script")+
			"; style-src "+hashOf("style")+"; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		switch {
		case !c.isOwnHost(r.Host):
			http.Error(w, "this page is served under its own address only", http.StatusMisdirectedRequest)
		case r.Method == http.MethodGet && r.URL.Path == "/":
			h.Set("Content-Type", "text/html; charset=utf-8")
			_, _ = w.Write([]byte(pageHTML)) // a browser that left is no matter
		case r.Method == http.MethodGet && r.URL.Path == pagePath+"state":
			h.Set("Content-Type", "application/json")
			_ = json.NewEncoder(w).Encode(c.state())
		case r.Method == http.MethodPost && r.URL.Path == pagePath+"connections":
			c.createFromPage(w, r)
		default:
			http.NotFound(w, r)
		}
	})
}

// hashOf is the hash by which the page's own script or style is allowed, and no other.
func hashOf(element string) string {
	_, rest, _ := strings.Cut(pageHTML, "<"+element+">")
	text, _, _ := strings.Cut(rest, "</"+element+">")
	sum := sha256.Sum256([]byte(text))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

// isOwnHost reports whether a browser asked for this machine by an address or as localhost.
func (c *Cloud) isOwnHost(host string) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	return name == "localhost" || net.ParseIP(strings.Trim(name, "[]")) != nil
}

// createFromPage makes a connection with tags, as CreateVpnAttachment does. Only the page
// itself may ask: browsers send its origin.
func (c *Cloud) createFromPage(w http.ResponseWriter, r *http.Request) {
	var wish struct {
		Name string            `json:"name"`
		Tags map[string]string `json:"tags"`
	}
	isJSON := strings.HasPrefix(r.Header.Get("Content-Type"), "application/json")
	if r.Header.Get("Origin") != "http://"+r.Host || !isJSON {
		http.Error(w, "only the page itself may do this", http.StatusForbidden)
		return
	}
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, 16<<10))
	if err := decoder.Decode(&wish); err != nil {
		http.Error(w, "it is not a name and tags", http.StatusBadRequest)
		return
	}
	id, err := c.Estate.CreateConnection(estate.VPNConnection{Name: wish.Name, Tags: wish.Tags})
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, "{\"vpnConnectionId\":%q}\n", id)
}
