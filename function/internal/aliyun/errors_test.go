package aliyun_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
)

func TestWhyThereIsNoAnswerIsSaidWithoutRepeatingAnything(t *testing.T) {
	for want, err := range map[string]error{
		"the call was given up":                       context.Canceled,
		"the host name of the endpoint was not found": &net.DNSError{Name: "canary", IsNotFound: true},
		"no answer in time":                           &net.DNSError{Name: "canary", IsTimeout: true},
		"no usable answer":                            errors.New("canary"),
	} {
		got := aliyun.Error("Action", fmt.Errorf("canary: %w", err))
		if got == nil || *got.(*cloud.APIError) != (cloud.APIError{Action: "Action", Message: want}) {
			t.Errorf("got %v, want %q", got, want)
		}
	}
	if err := aliyun.Error("Action", nil); err != nil {
		t.Errorf("a success is %v", err)
	}
}
