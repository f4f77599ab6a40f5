package fc

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/alibabacloud-go/tea/tea"
)

func TestWhatIsNoInvocationIsRefused(t *testing.T) {
	large := strings.Repeat("x", maxAsync+1)
	async := map[string]string{"x-fc-invocation-type": "Async"}
	for _, c := range []struct {
		name    string
		request request
		status  int
		code    string
	}{
		{"another function", request{"POST", InvokePath + "other/invocations", "", "secret", nil, "{}"}, 404,
			"FunctionNotFound"},
		{"another version", request{"POST", invocations, "7", "secret", nil, "{}"}, 404, "VersionNotFound"},
		{"another operation", request{"POST", InvokePath + "vpn-attach/tags", "", "secret", nil, "{}"}, 400,
			"PathNotSupported"},
		{"another method", request{"PUT", invocations, "", "secret", nil, "{}"}, 400, "PathNotSupported"},
		{"an unknown kind", request{"POST", invocations, "", "secret",
			map[string]string{"x-fc-invocation-type": "Later"}, "{}"}, 400, "InvalidArgument"},
		{"an unknown kind of log",
			request{"POST", invocations, "", "secret", map[string]string{"x-fc-log-type": "Head"}, "{}"}, 400,
			"InvalidArgument"},
		{"an asynchronous event of more than 128 KB", request{"POST", invocations, "", "secret", async, large}, 413,
			"EntityTooLarge"},
		{"a wrong secret", request{"POST", invocations, "", "guessed", nil, "{}"}, 403, "SignatureNotMatch"},
		{"a wrong secret for another function",
			request{"POST", InvokePath + "other/invocations", "", "guessed", nil, "{}"}, 403, "SignatureNotMatch"},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t, "serves", Function{})
			_, err := d.send(c.request)
			var refusal *tea.SDKError
			if !errors.As(err, &refusal) {
				t.Fatalf("got %v", err)
			}
			if tea.IntValue(refusal.StatusCode) != c.status || tea.StringValue(refusal.Code) != c.code {
				t.Errorf("got %v, want %d %s", err, c.status, c.code)
			}
			if !strings.Contains(tea.StringValue(refusal.Data), `"RequestId":"1-`) {
				t.Errorf("the refusal has no request id: %s", tea.StringValue(refusal.Data))
			}
			if d.issued() != 0 {
				t.Error("an instance was started")
			}
		})
	}
}

func TestTheLargestAsynchronousEventIsTaken(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	event := `{"value":"` + strings.Repeat("x", maxAsync-len(`{"value":""}`)) + `"}`
	d.later(event)
	if last := d.end(); string(last.Response) != event {
		t.Errorf("the function returned %d bytes of %d", len(last.Response), len(event))
	}
}

func TestTheLimitOfAnyEventIs32MB(t *testing.T) {
	t.Parallel()
	d := newDoor(t, "serves", Function{})
	for size, want := range map[int64]int{
		32 << 20:   http.StatusForbidden, // it is read whole, and then found unsigned
		32<<20 + 1: http.StatusRequestEntityTooLarge,
	} {
		w := httptest.NewRecorder()
		d.api.ServeHTTP(w, httptest.NewRequest("POST", invocations, io.LimitReader(zeros{}, size)))
		if w.Code != want {
			t.Errorf("%d bytes got %d, want %d", size, w.Code, want)
		}
	}
}

// zeros is a body without an end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

func TestAnUnsignedCallIsForbiddenInTheServicesForm(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	w := httptest.NewRecorder()
	d.api.ServeHTTP(w, httptest.NewRequest("POST", invocations, strings.NewReader("{}")))
	want := fmt.Sprintf(`{"Code":"IncompleteSignature","Message":"The request signature does not conform to Aliyun `+
		`standards.","RequestId":"%s"}`, w.Header().Get("x-fc-request-id"))
	if got := strings.TrimSpace(w.Body.String()); w.Code != http.StatusForbidden || got != want {
		t.Errorf("got %d %s, want %s", w.Code, got, want)
	}
}

func TestAFunctionThatDoesNotStartIsAnInternalError(t *testing.T) {
	d := newDoor(t, "exits at once", Function{})
	_, err := d.send(request{"POST", invocations, "", "secret", nil, "{}"})
	if err == nil || !strings.Contains(err.Error(), internalError) ||
		!strings.Contains(err.Error(), "MNS_ENDPOINT is missing") {
		t.Errorf("got %v", err)
	}
}

func TestAnEventThatBreaksOffIsRefused(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	w := httptest.NewRecorder()
	d.api.ServeHTTP(w, httptest.NewRequest("POST", invocations, io.MultiReader(strings.NewReader("{"), broken{})))
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"Code":"InvalidArgument"`) {
		t.Errorf("got %d %s", w.Code, w.Body)
	}
}

// broken is the rest of a body whose connection is lost.
type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, os.ErrClosed }
