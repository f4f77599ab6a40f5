package main

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// own is a program that can be executed: this test.
func own(t *testing.T) string {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return program
}

func TestALocalCloudThatCannotWorkIsRefusedAtItsStart(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	plain := filepath.Join(t.TempDir(), "plain.json")
	if err := os.WriteFile(plain, []byte("{}"), 0o644); err != nil {
		t.Fatal(err)
	}
	quota := []string{"--quotas", "Foo=1"}
	taking := []string{"--function", own(t), "--listen", taken.Addr().String()}
	for name, c := range map[string]struct {
		run       command
		arguments []string
		status    int
		word      string
	}{
		"a quota on an API that is not called":  {serve, quota, 2, `does not call "Foo"; it calls`},
		"a port that another program has":       {serve, taking, 1, "choose another address with --listen"},
		"serve of a function that is not there": {serve, []string{"--function", "no/such"}, 2, "--function: finding"},
		"a soak of it":                          {runSoak, []string{"--function", "no/such"}, 2, "no/such"},
		"a migration of it":                     {runScale, []string{"--function", "no/such"}, 2, "no/such"},
		"a replay of it":                        {replay, []string{"--function", "no/such", plain}, 2, "no/such"},
		"a check of it":                         {check, []string{"--function", "no/such"}, 2, "no/such"},
		"a folder for a function":               {runSoak, []string{"--function", "."}, 2, ". is a folder"},
		"a file that may not be executed":       {runSoak, []string{"--function", plain}, 2, "may not be executed"},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, stop := context.WithTimeout(t.Context(), 3*time.Second) // what starts all the same would not end
			defer stop()
			err := c.run(ctx, c.arguments)
			if err == nil || !strings.Contains(err.Error(), c.word) || status(err) != c.status {
				t.Errorf("got %v with status %d, want %q and %d", err, status(err), c.word, c.status)
			}
		})
	}
}

func TestAnInterruptedServeEndsWell(t *testing.T) {
	ctx, stop := context.WithCancelCause(t.Context())
	stop(errors.New("Ctrl-C"))
	err := serve(ctx, []string{"--function", own(t), "--listen", "127.0.0.1:0"})
	if status(err) != 0 {
		t.Errorf("got %v", err)
	}
}
