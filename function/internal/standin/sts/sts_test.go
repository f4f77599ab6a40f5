package sts_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/sign"
	"vpn-attach/function/internal/standin/sts"
)

// direct hands the SDK's requests to a service, after a while.
type direct struct {
	service http.Handler
	after   time.Duration
}

func (d direct) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	time.Sleep(d.after)
	arrived := httptest.NewRequest(r.Method, r.URL.String(), r.Body)
	for name, values := range r.Header {
		arrived.Header.Set(name, values[0]) // under its canonical name
	}
	w := httptest.NewRecorder()
	d.service.ServeHTTP(w, arrived)
	return w.Result(), nil
}

// request is what the SDK is asked to send.
type request struct {
	key, secret, token, action, version string
	query                               map[string]*string
	form                                any
}

// ask sends a request with the vendor's own client; status 0 is a success.
func ask(t *testing.T, over direct, r request) (status int, code string, answer map[string]any) {
	t.Helper()
	config := &openapi.Config{
		AccessKeyId: dara.String(r.key), AccessKeySecret: dara.String(r.secret), HttpClient: over,
		Endpoint: dara.String("sts.local.test"), Protocol: dara.String("http"),
	}
	if r.token != "" {
		config.SecurityToken = dara.String(r.token)
	}
	client, err := openapi.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	client.DisableSDKError = dara.Bool(true)
	response, err := client.CallApiWithCtx(t.Context(), &utils.Params{
		Action: dara.String(r.action), Version: dara.String(r.version), Protocol: dara.String("HTTP"),
		Pathname: dara.String("/"),
		Method:   dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, &utils.OpenApiRequest{Query: r.query, Body: r.form}, &dara.RuntimeOptions{})
	var refused interface {
		error
		GetStatusCode() *int
		GetCode() *string
	}
	if errors.As(err, &refused) {
		return dara.IntValue(refused.GetStatusCode()), dara.StringValue(refused.GetCode()), nil
	}
	if err != nil {
		t.Fatal(err)
	}
	answer, _ = response["body"].(map[string]any)
	return 0, "", answer
}

func service(session time.Duration) *sts.Service {
	keys := &sign.Keyring{}
	keys.Add("ak", "sk", "")
	keys.Add("STS.ak", "sk", "token")
	return sts.New(sts.Options{
		Roles: []sts.Role{{Account: "6543210987654321", Name: "reader", ExternalID: "xx"}},
		Keys:  keys, Session: session,
		Issue:     func(r sts.Role) sts.Key { return sts.Key{ID: "STS." + r.Account, Secret: "s", Token: "t"} },
		AccountOf: func(key string) string { return "account of " + key },
	})
}

func TestACallerIsToldForWhomItsKeyActs(t *testing.T) {
	asked := request{key: "STS.ak", token: "token", secret: "sk", action: "GetCallerIdentity", version: sts.Version}
	status, code, answer := ask(t, direct{service: service(0)}, asked)
	if status != 0 || answer["AccountId"] != "account of STS.ak" || answer["IdentityType"] != "Account" {
		t.Errorf("got %d %s %v", status, code, answer)
	}
}

func TestARoleIsGivenToWhoMayHaveIt(t *testing.T) {
	cases := map[string]struct {
		change func(*request)
		status int
		code   string
	}{
		"trusted":          {func(*request) {}, 0, ""},
		"a session itself": {func(r *request) { r.key, r.token = "STS.ak", "token" }, 0, ""},
		"parameters in a form": {func(r *request) {
			r.form, r.query = map[string]any{"RoleArn": *r.query["RoleArn"], "RoleSessionName": "ss",
				"ExternalId": "xx"}, nil
		}, 0, ""},
		"another external id": {func(r *request) { r.query["ExternalId"] = dara.String("yy") }, 403,
			"NoPermission"},
		"no such role": {func(r *request) {
			r.query["RoleArn"] = dara.String("acs:ram::6543210987654321:role/other")
		}, 404, "EntityNotExist.Role"},
		"another account's role": {func(r *request) {
			r.query["RoleArn"] = dara.String("acs:ram::1234567890123456:role/reader")
		}, 404, "EntityNotExist.Role"},
		"too short a session": {func(r *request) { r.query["DurationSeconds"] = dara.String("60") }, 400,
			"InvalidParameter.DurationSeconds"},
		"too long a session": {func(r *request) { r.query["DurationSeconds"] = dara.String("43201") }, 400,
			"InvalidParameter.DurationSeconds"},
		"a session without a name": {func(r *request) { delete(r.query, "RoleSessionName") }, 400,
			"InvalidParameter.RoleSessionName"},
		"no role": {func(r *request) { delete(r.query, "RoleArn") }, 400, "InvalidParameter.RoleArn"},
		"an external id of one character": {func(r *request) { r.query["ExternalId"] = dara.String("y") }, 400,
			"InvalidParameter.ExternalId"},
		"a policy that is none": {func(r *request) { r.query["Policy"] = dara.String("{") }, 400,
			"InvalidParameter.PolicyGrammar"},
		"a policy that is too long": {func(r *request) {
			r.query["Policy"] = dara.String(strings.Repeat(" ", 2049))
		}, 400, "InvalidParameter.PolicySize"},
		"another action": {func(r *request) { r.action = "RevokeToken" }, 404,
			"InvalidAction.NotFound"},
		"another version of the API": {func(r *request) { r.version = "2014-05-26" }, 404, "InvalidAction.NotFound"},
		"a key that is not known":    {func(r *request) { r.key = "zz" }, 404, "InvalidAccessKeyId.NotFound"},
		"a session without a token":  {func(r *request) { r.key = "STS.ak" }, 400, "MissingSecurityToken"},
		"another secret":             {func(r *request) { r.secret = "zz" }, 400, "SignatureDoesNotMatch"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			asked := request{key: "ak", secret: "sk", action: "AssumeRole", version: sts.Version,
				query: map[string]*string{
					"RoleArn":         dara.String("acs:ram::6543210987654321:role/reader"),
					"RoleSessionName": dara.String("ss"), "ExternalId": dara.String("xx"),
				}}
			c.change(&asked)
			status, code, answer := ask(t, direct{service: service(0)}, asked)
			if status != c.status || code != c.code {
				t.Fatalf("got %d %s", status, code)
			}
			credentials, _ := answer["Credentials"].(map[string]any)
			if c.code == "" &&
				(credentials["AccessKeyId"] != "STS.6543210987654321" || credentials["AccessKeySecret"] != "s" ||
					credentials["SecurityToken"] != "t") {
				t.Errorf("got %v", answer)
			}
		})
	}
}

// The fields are those of the definition of AssumeRole, and of what the vendor's clients read of GetCallerIdentity.
func TestEveryAnswerHasTheFieldsOfItsDefinition(t *testing.T) {
	for action, want := range map[string]string{
		"AssumeRole": "AssumedRoleUser.Arn AssumedRoleUser.AssumedRoleId Credentials.AccessKeyId " +
			"Credentials.AccessKeySecret Credentials.Expiration Credentials.SecurityToken RequestId SourceIdentity",
		"GetCallerIdentity": "AccountId Arn IdentityType PrincipalId RequestId UserId",
	} {
		asked := request{key: "ak", secret: "sk", action: action, version: sts.Version, query: map[string]*string{
			"RoleArn":         dara.String("acs:ram::6543210987654321:role/reader"),
			"RoleSessionName": dara.String("alice"), "ExternalId": dara.String("xx"),
			"SourceIdentity": dara.String("alice"),
		}}
		_, code, answer := ask(t, direct{service: service(0)}, asked)
		var fields []string
		for name, value := range answer {
			within, isObject := value.(map[string]any)
			for field, value := range within {
				fields = append(fields, name+"."+field)
				if _, isText := value.(string); !isText {
					t.Errorf("%s: %s.%s is %v", action, name, field, value)
				}
			}
			if _, isText := value.(string); isText {
				fields = append(fields, name)
			} else if !isObject {
				t.Errorf("%s: %s is %v", action, name, value)
			}
		}
		slices.Sort(fields)
		if got := strings.Join(fields, " "); code != "" || got != want {
			t.Errorf("%s answers %s %s, want %s", action, code, got, want)
		}
	}
}

func TestASessionLastsAsLongAsItIsAskedForOrAsTheServiceIsTold(t *testing.T) {
	for want, c := range map[time.Duration]struct{ asked, session string }{
		time.Hour: {}, 900 * time.Second: {asked: "900"}, 10 * time.Second: {asked: "900", session: "10s"},
	} {
		synctest.Test(t, func(t *testing.T) {
			session, _ := time.ParseDuration(c.session) // "" is none
			query := map[string]*string{
				"RoleArn":         dara.String("acs:ram::6543210987654321:role/reader"),
				"RoleSessionName": dara.String("ss"), "ExternalId": dara.String("xx"),
			}
			if c.asked != "" {
				query["DurationSeconds"] = dara.String(c.asked)
			}
			asked := request{key: "ak", secret: "sk", action: "AssumeRole", version: sts.Version, query: query}
			_, code, answer := ask(t, direct{service: service(session)}, asked)
			credentials, _ := answer["Credentials"].(map[string]any)
			if code != "" || credentials["Expiration"] != time.Now().Add(want).UTC().Format(time.RFC3339) {
				t.Errorf("got %s %v, want %s", code, credentials, want)
			}
		})
	}
}

func TestWhatIsNotSignedOrTooOldIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := request{key: "ak", secret: "sk", action: "AssumeRole", version: sts.Version}
		status, code, _ := ask(t, direct{service: service(0), after: time.Hour}, asked)
		if status != 400 || code != "InvalidTimeStamp.Expired" {
			t.Errorf("an hour late: got %d %s", status, code)
		}
	})
	w := httptest.NewRecorder()
	service(0).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/?RoleArn=x", strings.NewReader("")))
	var answer struct{ Code, RequestId string }
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil || w.Code != 400 ||
		answer.Code != "IncompleteSignature" || answer.RequestId == "" {
		t.Errorf("without a signature: got %d %s", w.Code, w.Body)
	}
}
