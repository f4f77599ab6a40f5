package aliyun_test

import (
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"strings"
	"testing"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
)

// call asks a server for a name, over the network.
func call(ctx context.Context, t *testing.T, server *httptest.Server) (name string, err error) {
	t.Helper()
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	config := aliyun.Config(endpoint, "cn-hangzhou", aliyun.NewCredentials("ak", "sk", "token"),
		aliyun.NewHTTPClient(1, nil))
	answer, err := aliyun.Call(ctx, config, "2016-04-28", cloud.ActionDescribe, map[string]string{"K": "v"})
	return answer.Text("Name"), err
}

func serve(t *testing.T, handler http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server
}

func TestARedirectIsARefusalAndNotFollowed(t *testing.T) {
	elsewhere := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		t.Error("the redirect was followed")
		_, _ = w.Write([]byte(`{"Name":"elsewhere"}`))
	})
	for _, status := range []int{300, 301, 302, 303, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			server := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", elsewhere.URL+"/canary")
				w.WriteHeader(status)
				_, _ = w.Write([]byte(`{"Name":"canary"}`))
			})
			name, err := call(t.Context(), t, server)
			var api *cloud.APIError
			if !errors.As(err, &api) || api.Status != status || api.Code != cloud.CodeRedirected ||
				api.Action != cloud.ActionDescribe || name != "" || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %q, %v", name, err)
			}
		})
	}
}

// TestAnAnswerIsReadUpToItsLimit: sizes are those of the decompressed answer.
func TestAnAnswerIsReadUpToItsLimit(t *testing.T) {
	for size, fits := range map[int]bool{aliyun.MaxAnswer: true, aliyun.MaxAnswer + 1: false} {
		for _, status := range []int{200, 400} {
			for _, compressed := range []bool{false, true} {
				if compressed != (status == 200) && size > aliyun.MaxAnswer {
					continue // one of each is enough of what is given up
				}
				t.Run(fmt.Sprint(size, status, compressed), func(t *testing.T) {
					_, err := call(t.Context(), t, serve(t, func(w http.ResponseWriter, r *http.Request) {
						body := `{"Name":"n","Code":"C","Canary":"` + strings.Repeat("x", size-35) + `"}`
						if !compressed {
							w.WriteHeader(status)
							_, _ = w.Write([]byte(body))
							return
						}
						if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
							t.Error("no compression is asked for")
						}
						w.Header().Set("Content-Encoding", "gzip")
						w.WriteHeader(status)
						z := gzip.NewWriter(w)
						_, _ = z.Write([]byte(body))
						_ = z.Close()
					}))
					var api *cloud.APIError
					known := errors.As(err, &api)
					switch {
					case fits && status == 200 && err != nil, fits && status == 400 && (!known || api.Code != "C"):
						t.Errorf("it fits: %.100v", err)
					case !fits && (!known || api.Status != 0 || !strings.Contains(api.Message, "larger")):
						t.Errorf("it does not fit: %.100v", err)
					}
				})
			}
		}
	}
}

// TestNoCallGoesThroughAProxyOfTheEnvironment makes its call in a process of its own: Go reads these variables once.
func TestNoCallGoesThroughAProxyOfTheEnvironment(t *testing.T) {
	const isChild = "VPN_ATTACH_TEST_CHILD"
	if os.Getenv(isChild) != "" {
		roles := &aliyun.Roles{
			Own: aliyun.NewCredentials("ak", "sk", ""), HTTP: aliyun.NewHTTPClient(1, nil),
			Endpoint: &url.URL{Scheme: "http", Host: "nobody.invalid"}, // no proxy is asked for a loopback address
		}
		if err := try(t.Context(), roles, member); err == nil {
			t.Error("somebody answered")
		}
		return
	}
	proxy := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		t.Error("the proxy was asked")
		w.WriteHeader(http.StatusBadGateway)
	})
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^"+t.Name()+"$")
	child.Env = append(os.Environ(), isChild+"=1")
	for _, name := range []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY"} {
		child.Env = append(child.Env, name+"="+proxy.URL)
	}
	if output, err := child.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, output)
	}
}
