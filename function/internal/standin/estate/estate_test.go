package estate_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"

	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sign"
)

const (
	account  = "1234567890123456"
	stranger = "9999999999999999"
	region   = "cn-hangzhou"
)

// cloud is an estate with the clients of the real SDKs.
type cloud struct {
	*estate.Estate
	t *testing.T
}

func options() estate.Options {
	keys := &sign.Keyring{}
	keys.Add("local", "secret", "")
	return estate.Options{Account: account, Region: region, Keys: keys, AttachSeconds: 30}
}

// open starts a cloud of the seed in which attaching takes 30 seconds; adjust may change the options.
func open(t *testing.T, seed estate.Seed, adjust func(*estate.Options)) *cloud {
	t.Helper()
	o := options()
	if adjust != nil {
		adjust(&o)
	}
	estate, err := estate.New(o, seed)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(estate.Close)
	return &cloud{estate, t}
}

// virtually opens a cloud and tests it on a virtual clock.
func virtually(t *testing.T, seed estate.Seed, adjust func(*estate.Options), test func(t *testing.T, c *cloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) { test(t, open(t, seed, adjust)) })
}

// core is a seed of one transit router and one unbound connection with one tunnel, which may name a zone.
func core() estate.Seed {
	return estate.Seed{
		TransitRouters: []estate.TransitRouter{
			{ID: "tr-core", CEN: "cen-1", Name: "core", CIDRs: []string{"10.255.0.0/24"}},
		},
		VPNConnections: []estate.VPNConnection{{ID: "vco-1", Name: "site-1", SingleTunnel: true}},
	}
}

// direct hands the SDK's requests, as they are on the wire, to the estate without a network.
type direct struct{ http.Handler }

func (d direct) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	var wire bytes.Buffer
	if err := r.Write(&wire); err != nil {
		return nil, err
	}
	received, err := http.ReadRequest(bufio.NewReader(&wire))
	w := httptest.NewRecorder()
	if err == nil {
		d.ServeHTTP(w, received)
	}
	return w.Result(), err
}

func (c *cloud) config() *openapimodels.Config {
	return &openapimodels.Config{
		AccessKeyId: dara.String("local"), AccessKeySecret: dara.String("secret"), HttpClient: direct{c.Estate},
		Endpoint: dara.String("cbn.local.test"), Protocol: dara.String("http"),
	}
}

// sdk is the client of CBN's own SDK.
func (c *cloud) sdk() *cbn.Client {
	client, err := cbn.NewClient(c.config())
	if err != nil {
		c.t.Fatalf("making a CBN client: %v", err)
	}
	return client
}

// params are those of a call such as "vpc DescribeVpnConnection".
func params(method, call string) *openapimodels.Params {
	product, action, _ := strings.Cut(call, " ")
	version := map[string]string{"cbn": "2017-09-12", "vpc": "2016-04-28", "ecs": "2014-05-26"}[product]
	return &openapimodels.Params{
		Action: &action, Version: &version, Protocol: dara.String("HTTP"), Pathname: dara.String("/"), Method: &method,
		AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"),
		BodyType: dara.String("string"),
	}
}

// send makes a call without the SDK of a product. It returns the body or the error's code.
func send(
	t *testing.T, config *openapimodels.Config, p *openapimodels.Params, r *openapimodels.OpenApiRequest,
) (body, code string) {
	t.Helper()
	client, err := openapi.NewClient(config)
	if err != nil {
		t.Fatalf("making an OpenAPI client: %v", err)
	}
	answer, err := client.CallApiWithCtx(context.Background(), p, r, &dara.RuntimeOptions{})
	if err != nil {
		return "", codeOf(t, err)
	}
	return answer["body"].(string), ""
}

// call makes a call such as "vpc DescribeVpnConnection" with the parameters of a query.
func (c *cloud) call(what, query string) (body, code string) {
	c.t.Helper()
	parameters := make(map[string]*string)
	for name, value := range values(c.t, query) {
		parameters[name] = &value[0]
	}
	return send(c.t, c.config(), params("POST", what), &openapimodels.OpenApiRequest{Query: parameters})
}

func values(t *testing.T, query string) url.Values {
	t.Helper()
	parsed, err := url.ParseQuery(query)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}

// get makes a call that must succeed and decodes its answer.
func (c *cloud) get(what, query string, into any) {
	c.t.Helper()
	body, code := c.call(what, query)
	if err := json.Unmarshal([]byte(body), into); err != nil {
		c.t.Fatalf("%s answered %q %s: %v", what, code, body, err)
	}
}

// create creates an attachment of vco-1 to tr-core, with changed parameters; an empty value leaves one of the four out.
// It returns the id or the error's code.
func (c *cloud) create(changes string) (id, code string) {
	c.t.Helper()
	query := values(c.t, "TransitRouterId=tr-core&RegionId=cn-hangzhou&VpnId=vco-1&ClientToken=token-1")
	for name, value := range values(c.t, changes) {
		if query.Has(name) && value[0] == "" {
			delete(query, name)
		} else {
			query[name] = value
		}
	}
	body, code := c.call("cbn CreateTransitRouterVpnAttachment", query.Encode())
	var answer struct{ TransitRouterAttachmentId string }
	_ = json.Unmarshal([]byte(body), &answer)
	return answer.TransitRouterAttachmentId, code
}

func (c *cloud) mustCreate() string {
	c.t.Helper()
	id, code := c.create("")
	if id == "" {
		c.t.Fatalf("the create was refused: %s", code)
	}
	return id
}

// description is the part of DescribeVpnConnection's answer that these tests look at.
type description struct {
	VpnConnectionId, Name, State, AttachType, AttachInstanceId, TransitRouterId, TransitRouterName string
	NetworkType, ZoneNo, LocalSubnet                                                               string

	Tags                       struct{ Tag []struct{ Key, Value string } }
	IkeConfig                  struct{ Psk string }
	VpnBgpConfig               struct{ AuthKey string }
	TunnelOptionsSpecification struct {
		TunnelOptions []struct{ TunnelIkeConfig struct{ Psk string } }
	}
}

func (c *cloud) describe(id string) (d description) {
	c.t.Helper()
	c.get("vpc DescribeVpnConnection", "RegionId="+region+"&VpnConnectionId="+id, &d)
	return d
}

// state is the state of a connection, or the code of an error.
func (c *cloud) state(id string) string {
	c.t.Helper()
	body, code := c.call("vpc DescribeVpnConnection", "RegionId="+region+"&VpnConnectionId="+id)
	var d description
	_ = json.Unmarshal([]byte(body), &d)
	return d.State + code
}

// tags are the tags of a connection, as "[key=value …]".
func (c *cloud) tags(id string) string {
	c.t.Helper()
	tags := []string{}
	for _, tag := range c.describe(id).Tags.Tag {
		tags = append(tags, tag.Key+"="+tag.Value)
	}
	return fmt.Sprint(tags)
}

// codeOf is the code of an SDK's error; "" without an error.
func codeOf(t *testing.T, err error) string {
	t.Helper()
	var refused *tea.SDKError
	if err != nil && !errors.As(err, &refused) {
		t.Fatalf("the call failed without an answer: %v", err)
	}
	if err == nil {
		return ""
	}
	return tea.StringValue(refused.Code)
}
