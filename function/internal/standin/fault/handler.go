package fault

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"time"
)

// staleKey is the key of a context's value.
type staleKey struct{}

// Stale says whether a read is to be answered as things stood some time ago, and how long ago: the fault's
// staleDescribe as the cloud file has it, to be divided by the service's speed like its own times.
func Stale(ctx context.Context) (ago time.Duration, ok bool) {
	ago, ok = ctx.Value(staleKey{}).(time.Duration)
	return ago, ok
}

// emptyKey is the key of a context's value.
type emptyKey struct{}

// Emptied says whether a list is to be answered without entries.
func Emptied(ctx context.Context) bool {
	emptied, _ := ctx.Value(emptyKey{}).(bool)
	return emptied
}

// Wrap puts the injector in front of a service, which the record calls by the name. A request that does not arrive
// whole is neither recorded nor handed on.
func (in *Injector) Wrap(name string, s Service) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		// The whole body first: only then does the server notice a client that leaves.
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(http.ErrAbortHandler)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		call := &Call{Service: name, Action: s.Action(r), AccessKeyID: in.options.Caller(r)}
		arrived := time.Now()
		struck := in.arrive(call)
		a, hit := in.answer(s, r, call.AccessKeyID, struck)
		in.finish(call, arrived, r, body, a, hit)
		a.send(w)
	})
}

// answer is what becomes of a call, and the fault that really struck it, nil for none.
func (in *Injector) answer(s Service, r *http.Request, caller string, p *planned) (answer, *Fault) {
	if p == nil {
		return record(s.ServeHTTP, r), nil
	}
	f := p.fault
	pause(r.Context(), f.Delay)
	if f.Kill != "" {
		return in.kill(s, r, caller, p)
	}
	var a answer
	if f.before() {
		a = f.instead(s, r)
	} else {
		a = f.afterwards(record(s.ServeHTTP, f.asking(r)))
	}
	if f.Rewrite != nil {
		var found bool
		if a.body, found = f.Rewrite.body(a.body); !found {
			in.giveBack(p)
			return a, nil
		}
	}
	for name, value := range f.Headers {
		a.header.Set(name, value)
	}
	return a, &f
}

// kill ends the instance that called. If there is none, the call is served and the fault waits for the next one.
func (in *Injector) kill(s Service, r *http.Request, caller string, p *planned) (answer, *Fault) {
	f := p.fault
	if f.Kill == Before && in.options.Kill(caller) {
		return answer{fate: lost}, &f
	}
	a := record(s.ServeHTTP, r)
	if f.Kill == After && in.options.Kill(caller) {
		a.fate = lost
		return a, &f
	}
	in.giveBack(p)
	return a, nil
}

// pause waits, at most until the client has left.
func pause(ctx context.Context, delay time.Duration) {
	if delay <= 0 {
		return
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// asking hands StaleDescribe and EmptyList to the service.
func (f Fault) asking(r *http.Request) *http.Request {
	ctx := r.Context()
	if f.StaleDescribe != 0 {
		ctx = context.WithValue(ctx, staleKey{}, f.StaleDescribe)
	}
	if f.EmptyList {
		ctx = context.WithValue(ctx, emptyKey{}, true)
	}
	return r.WithContext(ctx)
}

// instead is the answer to a call that the service never sees.
func (f Fault) instead(s Service, r *http.Request) answer {
	switch {
	case f.Drop == Before:
		return answer{fate: lost}
	case f.Body == BodyHTML:
		return page(f.Status)
	case f.Body == BodyEmpty:
		return answer{header: make(http.Header), status: f.Status}
	}
	return record(func(w http.ResponseWriter, r *http.Request) { s.WriteError(w, r, f.Status, f.Code) }, r)
}

// afterwards is what is left of the service's own answer.
func (f Fault) afterwards(a answer) answer {
	switch {
	case f.Drop == After:
		a.fate = lost
	case f.Body == BodyEmpty:
		return answer{header: make(http.Header), status: http.StatusOK}
	case f.Body == BodyTruncated && len(a.body) == 0:
		a.fate = lost
	case f.Body == BodyTruncated:
		a.fate = cut
	}
	return a
}
