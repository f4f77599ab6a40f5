package main_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// served is the command serve, as a user runs it.
type served struct {
	t       *testing.T
	command *exec.Cmd
	lines   chan string
	address string
}

// buildTool builds the command of the local cloud beside the function.
var buildTool = sync.OnceValues(func() (string, error) {
	path := filepath.Join(filepath.Dir(binary), "local")
	out, err := exec.Command("go", "build", "-o", path, "./cmd/local").CombinedOutput()
	if err != nil {
		err = fmt.Errorf("building the command: %w\n%s", err, out)
	}
	return path, err
})

// tool is that command.
func tool(t *testing.T) string {
	t.Helper()
	path, err := buildTool()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

func serve(t *testing.T, flags ...string) *served {
	t.Helper()
	s := &served{t: t, lines: make(chan string, 1000)}
	arguments := []string{"serve", "--listen", "127.0.0.1:0", "--function", binary, "--speed", "100"}
	s.command = exec.Command(tool(t), append(arguments, flags...)...)
	s.command.Stderr = os.Stderr
	out, err := s.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.command.Process.Kill() })
	go func() {
		defer close(s.lines)
		for scanner := bufio.NewScanner(out); scanner.Scan(); {
			s.lines <- scanner.Text()
		}
	}()
	s.address = strings.TrimPrefix(s.until("export CBN_ENDPOINT="), "export CBN_ENDPOINT=")
	s.until("Ctrl-C ends it.")
	return s
}

// until reads lines up to one that has a text in it.
func (s *served) until(text string) string {
	s.t.Helper()
	var said []string
	for limit := time.After(30 * time.Second); ; {
		select {
		case line, open := <-s.lines:
			if !open {
				s.t.Fatalf("it ended without %q:\n%s", text, strings.Join(said, "\n"))
			}
			if said = append(said, line); strings.Contains(line, text) {
				return line
			}
		case <-limit:
			s.t.Fatalf("it never said %q:\n%s", text, strings.Join(said, "\n"))
		}
	}
}

func (s *served) createByPage(tag string) {
	s.t.Helper()
	body := fmt.Sprintf(`{"name":"branch","tags":{"vpn-attach:transit-router":%q}}`, tag)
	at := s.address + "/local/connections"
	r, err := http.NewRequestWithContext(context.Background(), http.MethodPost, at, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Origin", s.address)
	r.Header.Set("Content-Type", "application/json")
	answer, err := (&http.Client{Transport: &http.Transport{}}).Do(r) // without the environment's proxy
	if err != nil {
		s.t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); answer.StatusCode != http.StatusCreated {
		s.t.Fatalf("got %d %s", answer.StatusCode, text)
	}
}

// running lists the processes whose executable is at a path.
func running(path string) (ids []string) {
	links, _ := filepath.Glob("/proc/[0-9]*/exe")
	for _, link := range links {
		if target, err := os.Readlink(link); err == nil && target == path {
			ids = append(ids, filepath.Base(filepath.Dir(link)))
		}
	}
	return ids
}

func TestServeEndsWithNothingLeftAndGoesOnFromWhatItSaved(t *testing.T) {
	if _, err := os.Stat("/proc/self/exe"); err != nil {
		t.Skip("processes can be counted under /proc only")
	}
	saved := filepath.Join(t.TempDir(), "state.yaml")
	s := serve(t, "--save", saved)
	before := running(binary) // of other tests
	s.createByPage("tr-core")
	s.until("attached")
	own := slices.DeleteFunc(running(binary), func(id string) bool { return slices.Contains(before, id) })
	if len(own) == 0 {
		t.Error("no function was seen running, so that nothing is shown below")
	}
	if err := s.command.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if err := s.command.Wait(); err != nil {
		t.Errorf("it ended with %v", err)
	}
	for _, id := range running(binary) {
		if slices.Contains(own, id) {
			t.Errorf("process %s of the function was left behind", id)
		}
	}
	state, err := os.ReadFile(saved)
	if err != nil || !bytes.Contains(state, []byte("vco-local000001")) {
		t.Fatalf("%v, saved:\n%s", err, state)
	}
	again := serve(t, "--cloud", saved)
	again.createByPage("no-such-label")
	again.until("TargetNotFound")
	answer, err := http.Get(again.address + "/local/state")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if text, _ := io.ReadAll(answer.Body); !bytes.Contains(text, []byte(`"router":"tr-core","status":"Attached"`)) {
		t.Errorf("what was attached is not any more: %s", text)
	}
}

// The function takes plain HTTP for loopback alone: it reaches the cloud there, wherever others do.
func TestServeWorksWhereOtherMachinesReachIt(t *testing.T) {
	s := serve(t, "--listen", "0.0.0.0:0")
	if !strings.HasPrefix(s.address, "http://127.0.0.1:") {
		t.Errorf("the function is told %s", s.address)
	}
	s.createByPage("tr-core")
	s.until("attached")
}
