// Package mns publishes to topics and sends to queues of Message Service (MNS API 2015-06-06).
//
// It wraps the vendor's SDK for what that gets wrong: it panics on bad names, knows no context, repeats a POST up to
// five times when a connection breaks, and throws the HTTP status away.
package mns

import (
	"cmp"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"sync"
	"time"

	sdk "github.com/aliyun/aliyun-mns-go-sdk"
	"github.com/valyala/fasthttp"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
)

// Client reaches one MNS endpoint. It is safe for concurrent use.
type Client struct {
	client func() sdk.MNSClient // made when it is needed first: it compiles patterns, which would cost every start
	// Connect prepares the first call in the background: the client and a connection. Further uses do nothing.
	Connect func()
}

// CheckEndpoint says why an endpoint cannot be used, before the SDK would panic on it.
// An endpoint is https://<account>.mns.<region>.aliyuncs.com; http is for loopback.
func CheckEndpoint(endpoint *url.URL) error {
	if pieces := strings.Split(endpoint.String(), "."); len(pieces) != 5 || pieces[1] != "mns" {
		return errors.New("it must have the form https://<account>.mns.<region>.aliyuncs.com")
	}
	return nil
}

// Transport sends one request and reads its answer.
type Transport func(request *fasthttp.Request, answer *fasthttp.Response) error

// RoundTrip is how the SDK uses a transport: it sends every request exactly once. The SDK's own transport repeats a
// POST whose connection was closed without an answer, which publishes a message again.
func (t Transport) RoundTrip(_ *fasthttp.HostClient, r *fasthttp.Request, a *fasthttp.Response) (bool, error) {
	return false, t(r, a)
}

// network sends over connections of its own. Each request, from the first byte sent to the last received, takes at most
// timeout.
func network(endpoint *url.URL, timeout time.Duration) (over Transport, connect func()) {
	isTLS, address := endpoint.Scheme == "https", addressOf(endpoint)
	first := &ahead{host: address, isTLS: isTLS, timeout: timeout}
	host := &fasthttp.HostClient{
		Addr:                      address,
		Dial:                      first.dial,
		IsTLS:                     isTLS,
		MaxIdemponentCallAttempts: 1,
		MaxIdleConnDuration:       30 * time.Second,
		NoDefaultUserAgentHeader:  true,
		MaxResponseBodySize:       aliyun.MaxAnswer, // as it is sent: nothing here decompresses
	}
	return func(request *fasthttp.Request, answer *fasthttp.Response) error {
		return host.DoTimeout(request, answer, timeout)
	}, first.begin
}

// addressOf is the host and port of an endpoint.
func addressOf(endpoint *url.URL) string {
	port := "80"
	if endpoint.Scheme == "https" {
		port = "443"
	}
	return net.JoinHostPort(endpoint.Hostname(), cmp.Or(endpoint.Port(), port))
}

// New gives a client for an endpoint that CheckEndpoint accepts. It sends over a transport; nil is the network, where a
// request takes at most timeout. A call ends with its context in either case. The SDK keeps a goroutine until no
// request has been under way for a second.
func New(endpoint *url.URL, own *aliyun.Credentials, timeout time.Duration, over Transport) (*Client, error) {
	if err := CheckEndpoint(endpoint); err != nil {
		return nil, fmt.Errorf("preparing the MNS client: %w", err)
	}
	connect := func() {} // a transport of the caller's is ready
	if over == nil {
		over, connect = network(endpoint, timeout)
	}
	address := strings.TrimSuffix(endpoint.String(), "/")
	client := sync.OnceValue(func() sdk.MNSClient {
		made := sdk.NewAliMNSClientWithConfig(sdk.AliMNSClientConfig{EndPoint: address, Credential: own})
		made.SetTransport(over)
		return made
	})
	return &Client{client: client, Connect: sync.OnceFunc(func() {
		connect()
		go client()
	})}, nil
}

// asError, when it is deferred, makes an error of a panic of the SDK.
func asError(err *error, doing string) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("%s: %v", doing, p)
	}
}

// call is the SDK's client for the length of one call: it gives up when the context
// ends, and keeps of the answer what the SDK throws away.
type call struct {
	sdk.MNSClient
	ctx       context.Context
	status    int    // 0 = no answer
	requestID string // of the service
	refusal   sdk.ErrorResponse
}

type sent struct {
	response *fasthttp.Response
	err      error
}

func (c *call) Send(
	method sdk.Method, headers map[string]string, message any, resource string,
) (*fasthttp.Response, error) {
	done := make(chan sent, 1)
	go func() {
		response, err := c.MNSClient.Send(method, headers, message, resource)
		done <- sent{response, err}
	}()
	select {
	case <-c.ctx.Done():
		return nil, c.ctx.Err()
	case s := <-done:
		if s.response != nil {
			c.keep(s.response)
		}
		return s.response, s.err
	}
}

// keep reads the answer's status, request id and, when it is a refusal, its reason. A refusal that is no XML has none.
func (c *call) keep(response *fasthttp.Response) {
	c.status = response.StatusCode()
	c.requestID = string(response.Header.Peek("x-mns-request-id"))
	if !c.accepted() {
		_ = xml.Unmarshal(response.Body(), &c.refusal)
	}
}

func (c *call) accepted() bool { return c.status >= 200 && c.status < 300 }

// read gives the error of the call as the core understands it. The SDK's own text is
// not used: it repeats whole requests and raw answers.
func (c *call) read(action string, err error) error {
	switch {
	case err == nil:
		return nil
	case c.ctx.Err() != nil:
		return &cloud.APIError{Action: action, Message: aliyun.NoAnswer(c.ctx.Err())}
	case c.status == 0: // the SDK hides which error it was
		return &cloud.APIError{Action: action, Message: "no answer came, or none in time"}
	case aliyun.IsRedirect(c.status):
		c.refusal.Code, c.refusal.Message = cloud.CodeRedirected, aliyun.RedirectMessage
	case c.accepted():
		return &cloud.APIError{Action: action, Message: "the answer could not be read"}
	case c.refusal.Code == "":
		c.refusal.Message = fmt.Sprintf("HTTP %d without a readable reason", c.status)
	}
	return &cloud.APIError{
		Action: action, Status: c.status, RequestID: c.requestID, Code: c.refusal.Code, Message: c.refusal.Message,
	}
}
