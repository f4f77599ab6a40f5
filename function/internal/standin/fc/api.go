package fc

import (
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"
)

const (
	// apiRoot is where the SDK looks for work, below the address it is given:
	// GET next, POST <request id>/response, POST <request id>/error.
	apiRoot = "/2020-11-11/runtime/invocation/"
	// instancePrefix makes the address of every instance its own.
	instancePrefix = "/i/"
)

// ServeHTTP is the runtime API of Function Compute. The instance is known by
// the path, /i/<instance>/2020-11-11/runtime/invocation/…, which may have
// anything before it.
//
// next is held back until the instance has answered and there is work for it:
// the SDK polls while its handler still runs. An answer that counts gets 200,
// the only status that the SDK accepts; one to another invocation than the
// instance's current, or after Kill or a timeout, gets 410.
func (rt *Runtime) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	before, call, found := strings.Cut(r.URL.Path, apiRoot)
	if !found {
		http.NotFound(w, r)
		return
	}
	rt.mu.Lock()
	inst := rt.instances[path.Base(before)]
	rt.mu.Unlock()
	requestID, kind := path.Split(call)
	requestID = strings.TrimSuffix(requestID, "/")
	switch {
	case inst == nil:
		http.Error(w, "no such instance", http.StatusNotFound)
	case r.Method == http.MethodGet && call == "next":
		rt.next(w, r, inst)
	case r.Method == http.MethodPost && kind == "response":
		rt.answer(w, r, inst, requestID, func(body []byte) answer { return answer{response: body} })
	case r.Method == http.MethodPost && kind == "error":
		rt.answer(w, r, inst, requestID, reported)
	default:
		http.NotFound(w, r)
	}
}

// next waits for the instance's next task and hands it over.
func (rt *Runtime) next(w http.ResponseWriter, r *http.Request, inst *instance) {
	inst.isReady()
	select {
	case t := <-inst.work:
		rt.setHeaders(w.Header(), inst.release.function, t)
		_, _ = w.Write(t.payload) // a process that is gone is noticed as such
	case <-r.Context().Done():
	case <-inst.exited:
	}
}

// setHeaders describes the invocation as the SDK expects it; without deadline
// and timeout it would not run the handler and never answer.
func (rt *Runtime) setHeaders(h http.Header, f Function, t *task) {
	kind, handler := "0", f.Handler // an invocation
	if t.initializes {
		kind, handler = "1", f.Initializer
	}
	for name, value := range map[string]string{
		"x-fc-request-id":        t.invocation.RequestID,
		"x-fc-function-deadline": strconv.FormatInt(t.deadline.UnixMilli(), 10),
		"x-fc-function-timeout":  strconv.Itoa(t.wholeSeconds()),
		"x-fc-function-type":     kind,
		"x-fc-function-name":     f.Name,
		"x-fc-function-handler":  handler,
		"x-fc-function-memory":   strconv.Itoa(f.MemoryMB),
		"x-fc-region":            f.Region,
		"x-fc-account-id":        f.Account,
		"x-fc-qualifier":         t.invocation.Version,
		"x-fc-version-id":        t.invocation.Version,
		"x-fc-retry-count":       strconv.Itoa(t.invocation.Retry),
		"x-fc-access-key-id":     t.credentials.AccessKeyID,
		"x-fc-access-key-secret": t.credentials.AccessKeySecret,
		"x-fc-security-token":    t.credentials.SecurityToken,
		"Content-Type":           "application/octet-stream",
	} {
		h.Set(name, value)
	}
}

// answer takes what the function posted for its current invocation.
func (rt *Runtime) answer(
	w http.ResponseWriter, r *http.Request, inst *instance, requestID string, read func([]byte) answer,
) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the process ended in the middle of it
	}
	if !rt.accept(inst, requestID, read(body)) {
		http.Error(w, "the invocation is not running", http.StatusGone)
	}
}
