package aliyun

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"syscall"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/cloud"
)

// answered is what the SDK's three error types have in common.
type answered interface {
	error
	GetStatusCode() *int
	GetCode() *string
	GetRequestId() *string
	GetData() map[string]any
}

// Error reads an SDK's error as the core understands it. What came back is kept only as code, message and request id:
// the text of transport errors holds whole requests and answers.
func Error(action string, err error) error {
	var refused answered
	var redirected *cloud.APIError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &redirected):
		redirected.Action = action
		return redirected
	case !errors.As(err, &refused):
		return &cloud.APIError{Action: action, Message: NoAnswer(err)}
	}
	message, _ := refused.GetData()["Message"].(string)
	api := &cloud.APIError{
		Action: action, Code: known(refused.GetCode()), RequestID: known(refused.GetRequestId()),
		Message: cmp.Or(message, "the service gave no reason"), Status: dara.IntValue(refused.GetStatusCode()),
	}
	var throttled *openapi.ThrottlingError
	if errors.As(err, &throttled) {
		api.RetryAfter = time.Duration(dara.Int64Value(throttled.RetryAfter)) * time.Millisecond
	}
	return api
}

// known undoes the SDK's way of writing a missing value.
func known(s *string) string {
	if s == nil || *s == "<nil>" {
		return ""
	}
	return *s
}

// NoAnswer says in words why there is no usable answer, without repeating anything that was sent or received.
func NoAnswer(err error) string {
	var timeout net.Error
	var lookup *net.DNSError
	var syntax *json.SyntaxError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &timeout) && timeout.Timeout():
		return "no answer in time"
	case errors.Is(err, context.Canceled):
		return "the call was given up"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "connection refused"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return "the connection broke before a whole answer came"
	case errors.As(err, &lookup):
		return "the host name of the endpoint was not found"
	case errors.As(err, &tooLarge):
		return "the answer was larger than the function reads"
	case errors.As(err, &syntax):
		return "the answer was not JSON"
	}
	return "no usable answer"
}
