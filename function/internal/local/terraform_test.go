package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"
)

// providerCall is a call that Terraform's provider makes of a resource, and what it needs of the answer: in a refresh,
// what the configuration says. Were it anything else, Terraform would plan to change it.
type providerCall struct {
	Stage      string            // create, refresh, update or destroy
	Call       string            // such as "vpc DescribeVpnConnection"
	Parameters map[string]string // as they are on the wire; $NAME stands for what was kept
	Keep       map[string]string // fields of the answer that later calls need, by name
	Shows      map[string]string // values of the answer by path
	Until      bool              // the provider asks again until they are shown
	Refused    string            // with this code
}

// terraform replays the calls of one resource.
type terraform struct {
	*testing.T
	client *openapi.Client
	kept   []string // $name, value
}

// TestTerraformFindsNoDrift replays what the provider sends, as its public source says: create, refresh, update and
// destroy. Every refresh is made twice, as a plan after an apply does, and must show the same.
func TestTerraformFindsNoDrift(t *testing.T) {
	paths, err := filepath.Glob("testdata/terraform/*.json")
	if err != nil || len(paths) != 3 {
		t.Fatalf("%v, %v", paths, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".json"), func(t *testing.T) {
			text, err := os.ReadFile(path)
			var calls []providerCall
			if err := errors.Join(err, json.Unmarshal(text, &calls)); err != nil {
				t.Fatal(err)
			}
			client, err := openapi.NewClient(&openapimodels.Config{
				AccessKeyId: dara.String("local"), AccessKeySecret: dara.String("local"),
				Endpoint: dara.String(up(t).Address), Protocol: dara.String("http"),
			})
			if err != nil {
				t.Fatal(err)
			}
			run := terraform{T: t, client: client}
			for _, s := range calls {
				run.play(s)
			}
		})
	}
}

func (t *terraform) play(s providerCall) {
	t.Helper()
	answer, code := t.send(s)
	for deadline := time.Now().Add(20 * time.Second); s.Until && t.differences(s, answer) != ""; {
		if time.Now().After(deadline) {
			t.Fatalf("%s %s: still %s", s.Stage, s.Call, t.differences(s, answer))
		}
		time.Sleep(20 * time.Millisecond)
		answer, code = t.send(s)
	}
	if differences := t.differences(s, answer); code != s.Refused || differences != "" {
		t.Fatalf("%s %s: refused with %q; %s", s.Stage, s.Call, code, differences)
	}
	for name, path := range s.Keep {
		t.kept = append(t.kept, "$"+name, valueAt(answer, path))
	}
	if s.Stage == "refresh" {
		again, _ := t.send(s)
		delete(again, "RequestId")
		delete(answer, "RequestId")
		if before, after := fmt.Sprint(answer), fmt.Sprint(again); before != after {
			t.Errorf("%s: drifted from %s to %s", s.Call, before, after)
		}
	}
}

// differences names what an answer shows otherwise than the call is to show.
func (t *terraform) differences(s providerCall, answer map[string]any) string {
	var all []string
	for path, want := range s.Shows {
		want = t.filled(want)
		if got := valueAt(answer, path); got != want {
			all = append(all, fmt.Sprintf("%s is %q, want %q", path, got, want))
		}
	}
	return strings.Join(all, "; ")
}

func (t *terraform) filled(text string) string { return strings.NewReplacer(t.kept...).Replace(text) }

// send makes a call with its parameters in a form, as the provider does.
func (t *terraform) send(s providerCall) (answer map[string]any, code string) {
	t.Helper()
	product, action, _ := strings.Cut(s.Call, " ")
	version := map[string]string{"cbn": "2017-09-12", "vpc": "2016-04-28"}[product]
	form := map[string]any{}
	for name, value := range s.Parameters {
		form[name] = t.filled(value)
	}
	sent, err := t.client.CallApiWithCtx(t.Context(), &openapimodels.Params{
		Action: &action, Version: &version, Protocol: dara.String("HTTP"), Pathname: dara.String("/"),
		Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("string"),
	}, &openapimodels.OpenApiRequest{Body: form}, &dara.RuntimeOptions{})
	var refused *tea.SDKError
	if errors.As(err, &refused) {
		return nil, tea.StringValue(refused.Code)
	}
	if err != nil {
		t.Fatalf("%s %s: %v", s.Stage, s.Call, err)
	}
	decoder := json.NewDecoder(strings.NewReader(sent["body"].(string)))
	decoder.UseNumber()
	if err := decoder.Decode(&answer); err != nil {
		t.Fatalf("%s %s: %v", s.Stage, s.Call, err)
	}
	return answer, ""
}

// valueAt is the text at a path as Terraform's states have them: names and places with dots between, # for how many.
func valueAt(value any, path string) string {
	for part := range strings.SplitSeq(path, ".") {
		switch within := value.(type) {
		case map[string]any:
			value = within[part]
		case []any:
			place, err := strconv.Atoi(part)
			switch {
			case part == "#":
				value = len(within)
			case err != nil || place >= len(within):
				return "nothing"
			default:
				value = within[place]
			}
		}
	}
	return fmt.Sprint(value)
}
