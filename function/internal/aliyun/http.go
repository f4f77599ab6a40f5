package aliyun

import (
	"net/http"
	"regexp"
	"strconv"
	"time"
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
	return &HTTPClient{client: &http.Client{Transport: transport}}
}

// Call sends the SDK's request over the shared pool instead of the SDK's own transport. A throttled answer that only
// says in its X-RateLimit headers how long to wait is given the header that the SDK reads.
func (h *HTTPClient) Call(request *http.Request, _ *http.Transport) (*http.Response, error) {
	response, err := h.client.Do(request)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 400 && response.Header.Get(retryAfterHeader) == "" {
		if wait := timeLeft(response.Header); wait > 0 {
			response.Header.Set(retryAfterHeader, strconv.FormatInt(wait.Milliseconds(), 10))
		}
	}
	return response, nil
}

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
