package local

import (
	"net/http"
	"strings"

	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/oss"
	"vpn-attach/function/internal/standin/sls"
	"vpn-attach/function/internal/standin/sts"
)

// ServeHTTP is the one port: each service is known by its paths.
func (c *Cloud) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case strings.Contains(r.URL.Path, "/2020-11-11/runtime/"):
		c.Runtime.ServeHTTP(w, r)
		if c.watch.Handed != nil {
			c.watch.Handed(w.Header())
		}
	case strings.HasPrefix(r.Header.Get("Authorization"), oss.Scheme):
		c.serveObjects(w, r)
	case strings.HasPrefix(r.Header.Get("Authorization"), sls.Scheme):
		c.sls.ServeHTTP(w, r)
	case isMNS(r):
		c.mns.ServeHTTP(w, r)
	case strings.HasPrefix(r.URL.Path, fc.InvokePath):
		c.serveFunction(w, r)
	case versionOf(r) == sts.Version:
		c.sts.ServeHTTP(w, r)
	case operationOf(r) != "" && c.byAPI[versionOf(r)] != nil:
		c.byAPI[versionOf(r)].ServeHTTP(w, r)
	case operationOf(r) != "":
		c.rpc.ServeHTTP(w, r)
	case r.URL.Path == "/", strings.HasPrefix(r.URL.Path, pagePath):
		c.desk.serve.ServeHTTP(w, r)
	default:
		http.Error(w, "a local cloud: Message Service under /queues and /topics, signed RPC on /",
			http.StatusNotFound)
	}
}
