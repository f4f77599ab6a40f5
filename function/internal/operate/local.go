package operate

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Local is the console of a local cloud: its Function Compute, which takes calls from this machine without a
// signature.
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
	if c.Service != "fc" && c.Service != localService {
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
		refusal := &CallError{Call: c}
		_ = json.Unmarshal(text, refusal) // what is no JSON has no code
		refusal.Call = c
		return nil, refusal
	}
	return text, nil
}
