package operate

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Local is the console of a local cloud. Its Function Compute takes calls from this machine without a signature; what
// it has beside is called as the CLI does it, signed with LocalKeys.
type Local struct {
	Address string // host:port
	Over    http.RoundTripper
}

// LocalKeys are those of a local cloud whose file names no others.
func LocalKeys() (Keys, error) { return Keys{ID: "local", Secret: "local"}, nil }

// NotLocalError is a call that a local cloud has nothing for.
type NotLocalError struct{ Service string }

func (e *NotLocalError) Error() string { return "the local cloud has no " + e.Service }

// localService is what a local cloud says of itself.
const localService = "local"

// largestAnswer is how much of an answer is read, in bytes.
const largestAnswer = 32 << 20

// Call implements Console.
func (l Local) Call(ctx context.Context, c Call) ([]byte, error) {
	version, isRPC := versions()[c.Service]
	switch {
	case isRPC:
		return l.rpc(ctx, c, version)
	case c.Service == "oss":
		return l.store(ctx, c)
	case c.Service != "fc" && c.Service != localService:
		return nil, &NotLocalError{c.Service}
	}
	address := "http://" + l.Address + c.Path
	for i := 0; i+1 < len(c.Flags); i += 2 {
		separator := "?"
		if i > 0 {
			separator = "&"
		}
		address += separator + strings.TrimPrefix(c.Flags[i], "--") + "=" + c.Flags[i+1]
	}
	request, err := http.NewRequestWithContext(ctx, c.Action, address, strings.NewReader(c.Body))
	if err != nil {
		return nil, fmt.Errorf("calling the local cloud: %w", err)
	}
	return l.send(c, request)
}

// send sends a request and reads its answer.
func (l Local) send(c Call, request *http.Request) ([]byte, error) {
	answer, err := (&http.Client{Transport: l.Over}).Do(request)
	if err != nil {
		return nil, &MissingError{What: "no local cloud answers at " + l.Address,
			Fix: "make serve, and wait for its address; --at HOST:PORT names another"}
	}
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(answer.Body, largestAnswer))
	if err != nil {
		return nil, fmt.Errorf("reading the local cloud's answer: %w", err)
	}
	if answer.StatusCode >= http.StatusBadRequest {
		return nil, refusalOf(c, text)
	}
	return text, nil
}
