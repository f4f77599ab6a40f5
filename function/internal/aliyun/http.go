package aliyun

import (
	"net/http"
	"regexp"
	"strconv"
	"time"

	"vpn-attach/function/internal/cloud"
)

// HTTPClient is the one pool of connections behind every RPC client.
type HTTPClient struct{ client *http.Client }

// NewHTTPClient sends requests over transport; nil is the network. There it keeps as many idle connections per service
// as there are parallel callers, and never goes through a proxy, whatever the environment says: a function reaches the
// services directly, and a proxy would see its credentials.
func NewHTTPClient(parallel int, transport http.RoundTripper) *HTTPClient {
	if transport == nil {
		transport = &http.Transport{
			Proxy:               nil,
			MaxIdleConnsPerHost: parallel,
			IdleConnTimeout:     50 * time.Second,
			TLSHandshakeTimeout: 5 * time.Second,
			ForceAttemptHTTP2:   true,
		}
	}
	asItIs := func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return &HTTPClient{client: &http.Client{Transport: transport, CheckRedirect: asItIs}}
}

// MaxAnswer is the most bytes of an answer that are read, decompressed. The largest page of any list is far smaller.
const MaxAnswer = 8 << 20

// Call sends the SDK's request over the shared pool instead of the SDK's own transport. A redirect is an error, which
// the SDK would take for a success. A throttled answer that only says in its X-RateLimit headers how long to wait is
// given the header that the SDK reads.
func (h *HTTPClient) Call(request *http.Request, _ *http.Transport) (*http.Response, error) {
	response, err := h.client.Do(request)
	if err != nil {
		return nil, err
	}
	if IsRedirect(response.StatusCode) {
		_ = response.Body.Close()
		return nil, &cloud.APIError{
			Code: cloud.CodeRedirected, Status: response.StatusCode, Message: RedirectMessage,
		}
	}
	response.Body = http.MaxBytesReader(nil, response.Body, MaxAnswer)
	if response.StatusCode >= 400 && response.Header.Get(retryAfterHeader) == "" {
		if wait := timeLeft(response.Header); wait > 0 {
			response.Header.Set(retryAfterHeader, strconv.FormatInt(wait.Milliseconds(), 10))
		}
	}
	return response, nil
}

// RedirectMessage says in words what a redirect is to the function. It does not repeat where it leads.
const RedirectMessage = "the answer named another address, which is not followed"

// IsRedirect reports whether an answer only says where to look instead.
func IsRedirect(status int) bool { return status >= 300 && status < 400 }

const retryAfterHeader = "X-Acs-Retry-After" // milliseconds

// timeLeft reads how long a used-up quota lasts: "Limit:60,Remain:0,TimeLeft:12", in seconds.
func timeLeft(header http.Header) time.Duration {
	pattern := regexp.MustCompile(`Remain:\s*0\b.*TimeLeft:\s*(\d{1,5})`)
	for _, name := range []string{"X-RateLimit-User-API", "X-RateLimit-User"} {
		if found := pattern.FindStringSubmatch(header.Get(name)); found != nil {
			seconds, _ := strconv.Atoi(found[1]) // the pattern lets nothing else through
			return time.Duration(seconds) * time.Second
		}
	}
	return 0
}
