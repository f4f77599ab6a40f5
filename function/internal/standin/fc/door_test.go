package fc

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/sign"
)

const invocations = InvokePath + "vpn-attach/invocations"

// door is an invoke API behind a listener, which vpn-attach is invoked through.
type door struct {
	*platform
	api     *InvokeAPI
	address string
	ended   chan Invocation
}

func newDoor(t *testing.T, start string, f Function) *door {
	t.Helper()
	keys := &sign.Keyring{}
	keys.Add("local", "secret", "")
	d := &door{ended: make(chan Invocation, 10)}
	d.api = &InvokeAPI{
		Signatures: &sign.Verifier{Keys: keys},
		Ended:      func(i Invocation) { d.ended <- i },
	}
	t.Cleanup(d.api.Close)
	d.platform = newPlatform(t, start, f)
	d.api.Runtime = d.Runtime
	server := httptest.NewServer(d.api)
	t.Cleanup(server.Close)
	d.address = strings.TrimPrefix(server.URL, "http://")
	return d
}

// issued is how many credentials were given out.
func (d *door) issued() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.platform.issued
}

// answered is an answer as the client core hands it on.
type answered struct {
	status  int
	body    string
	headers map[string]*string // names in lower case
}

func (a *answered) header(name string) string { return dara.StringValue(a.headers[name]) }

// request is what a test asks of the API.
type request struct {
	method, path, qualifier, secret string
	headers                         map[string]string
	event                           string
}

// direct keeps callers apart, who share a client otherwise, and out of the proxy of the environment.
type direct struct{}

func (direct) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	return client.Do(r)
}

// send calls through the vendor's client core, which signs as every SDK of it does.
func (d *door) send(r request) (*answered, error) {
	d.t.Helper()
	client, err := openapi.NewClient(&openapimodels.Config{
		AccessKeyId: dara.String("local"), AccessKeySecret: dara.String(r.secret), Endpoint: dara.String(d.address),
		Protocol:   dara.String("http"),
		HttpClient: direct{},
	})
	if err != nil {
		d.t.Fatal(err)
	}
	call := &openapimodels.OpenApiRequest{Headers: map[string]*string{}, Query: map[string]*string{},
		Stream: strings.NewReader(r.event)}
	for name, value := range r.headers {
		call.Headers[name] = dara.String(value)
	}
	if r.qualifier != "" {
		call.Query["qualifier"] = dara.String(r.qualifier)
	}
	got, err := client.CallApi(&openapimodels.Params{
		Action: dara.String("InvokeFunction"), Version: dara.String("2023-03-30"), Protocol: dara.String("HTTP"),
		Pathname: dara.String(r.path),
		Method:   dara.String(r.method), AuthType: dara.String("AK"), Style: dara.String("ROA"),
		ReqBodyType: dara.String("binary"), BodyType: dara.String("binary"),
	}, call, &dara.RuntimeOptions{})
	if err != nil {
		return nil, err
	}
	return read(got)
}

func read(got map[string]any) (*answered, error) {
	status, _ := got["statusCode"].(int)
	headers, _ := got["headers"].(map[string]*string)
	body, _ := got["body"].(io.Reader)
	raw, err := io.ReadAll(body)
	return &answered{status, string(raw), headers}, err
}

// must invokes vpn-attach, which has to be let in.
func (d *door) must(headers map[string]string, event string) *answered {
	d.t.Helper()
	got, err := d.send(request{"POST", invocations, "LATEST", "secret", headers, event})
	if err != nil {
		d.t.Fatalf("invoking with %.100s: %v", event, err)
	}
	return got
}
