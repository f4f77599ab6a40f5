package main_test

import (
	"os/exec"
	"regexp"
	"testing"
)

func TestTheFunctionPrintsItsVersionWithoutAnyConfiguration(t *testing.T) {
	command := exec.CommandContext(t.Context(), binary, "--version")
	command.Env = []string{}
	out, err := command.Output()
	if err != nil || !regexp.MustCompile(`^vpn-attach \S+\n$`).Match(out) {
		t.Errorf("got %q, %v", out, err)
	}
}
