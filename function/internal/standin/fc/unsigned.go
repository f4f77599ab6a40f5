package fc

import (
	"net"
	"net/http"
)

// IsLocal tells a call of this machine's own tools, such as curl. A page of another site is none, though the browser
// that shows it runs here: the browser names the site, or the name by which it was led here.
func IsLocal(r *http.Request) bool {
	remote, _, _ := net.SplitHostPort(r.RemoteAddr)
	name, _, err := net.SplitHostPort(r.Host)
	if err != nil {
		name = r.Host
	}
	origin := r.Header.Get("Origin")
	return net.ParseIP(remote).IsLoopback() && (name == "localhost" || net.ParseIP(name).IsLoopback()) &&
		(origin == "" || origin == "http://"+r.Host) && r.Header.Get("Sec-Fetch-Site") != "cross-site"
}
