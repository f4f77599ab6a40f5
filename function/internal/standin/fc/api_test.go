package fc

import (
	"net/http"
	"strings"
	"testing"
)

// post answers in the name of an instance and returns the status.
func (p *platform) post(instance, requestID, kind string) int {
	p.t.Helper()
	url := p.server.URL + "/i/" + instance + "/2020-11-11/runtime/invocation/" + requestID + "/" + kind
	response, err := http.Post(url, "application/json",
		strings.NewReader(`{"errorType":"forged","errorMessage":"by the test"}`))
	if err != nil {
		p.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestOnlyTheFirstAnswerToTheCurrentInvocationCounts(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	earlier := p.invoke(order{Do: "echo"})
	file, ended := p.inBackground("an answer")
	current := p.current(earlier.InstanceID)
	for _, c := range []struct {
		name, instance, requestID, kind string
		want                            int
	}{
		{"to an earlier invocation", earlier.InstanceID, earlier.RequestID, "response", 410},
		{"to none that ever was", earlier.InstanceID, "1-0-0-0", "error", 410},
		{"of an unknown instance", "c-0", current, "response", 404},
		{"of an unknown kind", earlier.InstanceID, current, "result", 404},
		{"to the current one", earlier.InstanceID, current, "error", 200},
		{"to the current one again", earlier.InstanceID, current, "response", 410},
	} {
		if got := p.post(c.instance, c.requestID, c.kind); got != c.want {
			t.Errorf("an answer %s got %d, want %d", c.name, got, c.want)
		}
	}
	if got, want := failureOf(<-ended), (Failure{"forged", "by the test"}); got != want {
		t.Errorf("ended with %+v, want %+v", got, want)
	}
	touch(t, file)
}

// current returns the request id of the instance's invocation.
func (p *platform) current(instance string) string {
	p.Runtime.mu.Lock()
	defer p.Runtime.mu.Unlock()
	return p.instances[instance].current.invocation.RequestID
}

func TestPathsOutsideTheRuntimeAPIAreNotFound(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	id := p.invoke(order{Do: "echo"}).InstanceID
	for _, path := range []string{
		"/",
		"/2018-06-01/runtime/invocation/next",
		"/i/" + id + "/2020-11-11/runtime/invocation/",
		"/i/" + id + "/2020-11-11/runtime/init/error",
		"/i/gone/2020-11-11/runtime/invocation/next",
	} {
		response, err := http.Get(p.server.URL + path)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != http.StatusNotFound {
			t.Errorf("GET %s got %d", path, response.StatusCode)
		}
	}
}

func TestTheReportOfAnErrorIsReadOrRepeated(t *testing.T) {
	for _, c := range []struct {
		name, body string
		want       Failure
	}{
		{"the SDK's document", `{"errorMessage":"oh","errorType":"string","stackTrace":[{"path":"main.go","line":7,` +
			`"label":"main"}]}`, Failure{"string", "oh"}},
		{"text that is no JSON", "out of luck", Failure{"", "out of luck"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := *reported([]byte(c.body)).failure; got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}
