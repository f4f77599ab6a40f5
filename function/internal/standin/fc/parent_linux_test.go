package fc

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
)

func TestInstancesDieWithTheProcessThatStartedThem(t *testing.T) {
	binary, _ := os.Executable()
	host := exec.Command(binary)
	host.Env = []string{childVariable + "=hosts another"}
	stdout, err := host.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := host.Start(); err != nil {
		t.Fatal(err)
	}
	var pid int
	_, err = fmt.Fscan(bufio.NewReader(stdout), &pid)
	if err != nil || !alive(pid) {
		t.Errorf("the host's instance is process %d (%v), alive: %v", pid, err, alive(pid))
	}
	_ = host.Process.Kill() // leaves it no time to Close
	_ = host.Wait()
	eventually(t, "the end of the instance", func() bool { return !alive(pid) })
}

// alive reports whether the process runs; one that nobody waited for does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(stat), ") Z ")
}
