package local

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestEveryCallOfFunctionComputeIsInTheLog makes calls of every kind as a person does, and reads what the log has.
func TestEveryCallOfFunctionComputeIsInTheLog(t *testing.T) {
	file := aCloud
	s := upServed(t, &file)
	name := s.Cloud().deployed.FunctionName
	for _, call := range []struct{ method, path, body string }{
		{"GET", "", ""},
		{"GET", "/logs", ""},
		{"GET", "/triggers", ""},
		{"PUT", "", `{"environmentVariables":{"SWEEP":"off"}}`},
		{"GET", "?qualifier=9", ""},
		{"DELETE", "", ""},
	} {
		s.Cloud().ask(t, call.method, "/2023-03-30/functions/"+name+call.path, call.body, nil)
	}
	var log []string
	for _, call := range s.Cloud().desk.calls.find(callFilter{caller: callerUnsigned, most: maxCalls}) {
		if call.Service == "fc" && call.About == name {
			log = append(log, strings.TrimSpace(fmt.Sprint(call.Action, " ", call.Status, " ", call.Code)))
		}
	}
	slices.Reverse(log)
	want := []string{
		"GetFunction 200", "GetLogStoreLogs 200", "ListTriggers 200", "UpdateFunction 200",
		"GetFunction 404 VersionNotFound", "DELETE 400 PathNotSupported",
	}
	if !slices.Equal(log, want) {
		t.Errorf("the log has %q, want %q", log, want)
	}
	_, aside, _ := s.Cloud().desk.story.known()
	if len(aside) != 1 || !strings.HasSuffix(aside[0], "UpdateFunction "+name) {
		t.Errorf("what no step does is %q", aside)
	}
}
