package plan

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/aliyun/credentials-go/credentials"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cbn"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/vpc"
)

// Access is how the services are reached, with whose credentials.
type Access struct {
	Keys             credentials.Credential // asked anew before every call, since a session ends
	VPC, CBN, STS    *url.URL               // nil: where the service is
	FC               *url.URL
	Role, ExternalID string // by which connections of other accounts are read
	own              *aliyun.Credentials
	pool             *aliyun.HTTPClient
}

// services are VPC and CBN, which together are the cloud's Reader.
type services struct {
	*vpc.Client
	*routers
}

type routers = cbn.Client // two embedded Clients would collide

// parallel is how many connections to a service are kept.
const parallel = 2

// open takes the credentials that there are now.
func (a *Access) open() error {
	model, err := a.Keys.GetCredential()
	if err != nil {
		const message = "finding credentials: set ALIBABA_CLOUD_ACCESS_KEY_ID and _SECRET, or configure the aliyun CLI"
		return errors.New(message)
	}
	if a.own == nil {
		a.own, a.pool = &aliyun.Credentials{}, aliyun.NewHTTPClient(parallel, nil)
	}
	a.own.Set(dara.StringValue(model.AccessKeyId), dara.StringValue(model.AccessKeySecret),
		dara.StringValue(model.SecurityToken))
	return nil
}

// Reader reads the estate.
func (a *Access) Reader() (cloud.Reader, error) {
	if err := a.open(); err != nil {
		return nil, err
	}
	roles := &aliyun.Roles{
		ARN: a.Role, ExternalID: a.ExternalID, Endpoint: or(a.STS, "sts.aliyuncs.com"), HTTP: a.pool, Own: a.own,
	}
	return services{
		Client:  &vpc.Client{Endpoint: a.VPC, Roles: roles, HTTP: a.pool},
		routers: &routers{Endpoint: or(a.CBN, "cbn.aliyuncs.com"), Credentials: a.own, HTTP: a.pool},
	}, nil
}

// Refresh takes the credentials anew: those of a role end while a large estate is read.
func (a *Access) Refresh() error { return a.open() }

// AccountID is the account whose credentials these are.
func (a *Access) AccountID(ctx context.Context, region string) (string, error) {
	if err := a.open(); err != nil {
		return "", err
	}
	config := aliyun.Config(or(a.STS, "sts.aliyuncs.com"), region, a.own, a.pool)
	identity, err := aliyun.Call(ctx, config, "2015-04-01", "GetCallerIdentity", nil)
	if err != nil {
		return "", fmt.Errorf("asking whose credentials these are: %w", err)
	}
	return identity.Text("AccountId"), nil
}

// Deployed is what decides of the configuration of a deployed function (FC API 2023-03-30, GetFunction): of its newest
// code, or, of NAME:ALIAS, of the version that the alias points at. Its other variables, among them the key with which
// it signs, go no further than here.
func (a *Access) Deployed(ctx context.Context, region, name string) (map[string]string, error) {
	if err := a.open(); err != nil {
		return nil, err
	}
	client, err := openapi.NewClient(aliyun.Config(or(a.FC, "fcv3."+region+".aliyuncs.com"), region, a.own, a.pool))
	if err != nil {
		return nil, fmt.Errorf("preparing the client of Function Compute: %w", err)
	}
	client.DisableSDKError = dara.Bool(true)
	const action = actionFunction
	request := &utils.OpenApiRequest{}
	name, qualifier, isQualified := strings.Cut(name, ":")
	if isQualified {
		request.Query = map[string]*string{"qualifier": &qualifier}
	}
	answer, err := client.CallApiWithCtx(ctx, &utils.Params{
		Action: dara.String(action), Version: dara.String("2023-03-30"), Protocol: dara.String("HTTPS"),
		Pathname: dara.String("/2023-03-30/functions/" + url.PathEscape(name)), Method: dara.String("GET"),
		AuthType: dara.String("AK"), Style: dara.String("ROA"), ReqBodyType: dara.String("json"),
		BodyType: dara.String("json"),
	}, request, &dara.RuntimeOptions{})
	if err != nil {
		return nil, fmt.Errorf("reading the deployed function: %w", aliyun.Error(action, err))
	}
	body, _ := answer["body"].(map[string]any)
	variables, _ := body["environmentVariables"].(map[string]any)
	all := map[string]string{}
	for key, value := range variables {
		all[key], _ = value.(string)
	}
	return Deciding(all), nil
}

// or is where a service is, unless something else is configured.
func or(configured *url.URL, host string) *url.URL {
	if configured != nil {
		return configured
	}
	return &url.URL{Scheme: "https", Host: strings.ToLower(host)}
}
