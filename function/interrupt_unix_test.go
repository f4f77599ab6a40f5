//go:build unix

package main_test

import (
	"bufio"
	"bytes"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

// A terminal sends Ctrl-C to the whole group: to make and to what it runs.
func TestCtrlCEndsMakeServeWithoutAnError(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("make"); err != nil {
		t.Skip("there is no make")
	}
	command := exec.Command("make", "-C", "..", "serve", "ARGS=--listen 127.0.0.1:0")
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var complaints bytes.Buffer
	command.Stderr = &complaints
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	group := -command.Process.Pid
	giveUp := time.AfterFunc(2*time.Minute, func() { _ = syscall.Kill(group, syscall.SIGKILL) })
	defer giveUp.Stop()
	ready := false
	for lines := bufio.NewScanner(out); lines.Scan(); {
		if strings.Contains(lines.Text(), "Ctrl-C ends it.") {
			ready = true
			_ = syscall.Kill(group, syscall.SIGINT)
		}
	}
	err = command.Wait()
	if !ready || strings.Contains(complaints.String(), "Error") {
		t.Errorf("ready %t, ended with %v and said\n%s", ready, err, complaints.String())
	}
}
