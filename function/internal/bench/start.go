package bench

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"vpn-attach/function/internal/usage"
)

// Programs are the binaries that are compared.
type Programs struct {
	Ours string
	Bare string // the runtime's SDK and a handler that does nothing
	SDK  string // a handler that makes the SDK calls of one event
}

// coldStarts compares the time from a process's start to its first poll for work.
func coldStarts(p Programs, runs int) ([]Row, error) {
	values, err := ofCopies(runs, coldStart, p.Ours, p.Bare, p.SDK)
	if err != nil {
		return nil, err
	}
	const name = "cold start: process start → first poll"
	return []Row{
		ratio(name, "ms", "bare handler", values[0], values[1], 1.40),
		ratio(name, "ms", "handler with our SDKs", values[0], values[2], 1.05),
	}, nil
}

// starts is how many starts make one value: one start takes milliseconds, and the machine may disturb any of them.
const starts = 20

// ofCopies measures programs that are started again and again. Each value is the median of some starts of a fresh copy:
// where the system happens to store a file affects every start of it.
func ofCopies(runs int, measure func(binary string) (float64, error), binaries ...string) ([][]float64, error) {
	values := make([][]float64, len(binaries))
	for range runs {
		folder, err := os.MkdirTemp("", "vpn-attach-bench-")
		if err != nil {
			return nil, fmt.Errorf("making a folder for copies: %w", err)
		}
		defer os.RemoveAll(folder)
		var measures []func() (float64, error)
		for i, binary := range binaries {
			program, err := os.ReadFile(binary)
			if err != nil {
				return nil, fmt.Errorf("reading a program: %w", err)
			}
			copied := filepath.Join(folder, fmt.Sprint(i))
			if err := os.WriteFile(copied, program, 0o755); err != nil {
				return nil, fmt.Errorf("copying a program: %w", err)
			}
			measures = append(measures, func() (float64, error) { return measure(copied) })
		}
		found, err := interleave(starts, measures...)
		if err != nil {
			return nil, err
		}
		for i := range binaries {
			values[i] = append(values[i], statOf(found[i]).Median)
		}
	}
	return values, nil
}

func coldStart(binary string) (float64, error) {
	took, _, stop, err := startAlone(binary)
	if err != nil {
		return 0, err
	}
	stop()
	return milliseconds(took), nil
}

// startAlone runs a binary against a runtime that has no work, until it asks for some.
func startAlone(binary string) (took time.Duration, pid int, stop func(), err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, 0, nil, fmt.Errorf("opening a port for a runtime: %w", err)
	}
	polled := make(chan time.Time, 1)
	rest := make(chan struct{})
	server := &http.Server{Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/invocation/next") {
			select {
			case polled <- time.Now():
			default:
			}
			<-rest
		}
	})}
	go func() { _ = server.Serve(listener) }() // ends with stop
	command := exec.Command(binary)
	command.Env = []string{
		"HOME=/tmp", "FC_RUNTIME_API=" + listener.Addr().String(), "FC_FUNCTION_HANDLER=main",
		"FC_REGION=cn-hangzhou", "FC_ACCOUNT_ID=1234567890123456",
		"ALIBABA_CLOUD_ACCESS_KEY_ID=k", "ALIBABA_CLOUD_ACCESS_KEY_SECRET=s", "ALIBABA_CLOUD_SECURITY_TOKEN=t",
		"MNS_ENDPOINT=https://1234567890123456.mns.cn-hangzhou.aliyuncs.com",
		"MNS_QUEUE=q", "MNS_TOPIC=t", "MNS_DEAD_LETTER_QUEUE=d", "FOLLOW_UP_KEY=" + strings.Repeat("k", 32),
	}
	command.Stderr = os.Stderr
	began := time.Now()
	if err := command.Start(); err != nil {
		return 0, 0, nil, fmt.Errorf("starting %s: %w", binary, err)
	}
	stop = func() {
		_ = command.Process.Kill() // it may have ended
		_ = command.Wait()
		close(rest)
		_ = server.Close()
	}
	select {
	case at := <-polled:
		return at.Sub(began), command.Process.Pid, stop, nil
	case <-time.After(10 * time.Second):
		stop()
		return 0, 0, nil, fmt.Errorf("starting %s: it did not ask for work", binary)
	}
}

// idleMemory compares the memory of processes that wait for their first work.
func idleMemory(ctx context.Context, p Programs, runs int) ([]Row, error) {
	measure := func(binary string) func() (float64, error) {
		return func() (float64, error) {
			_, pid, stop, err := startAlone(binary)
			if err != nil {
				return 0, err
			}
			defer stop()
			select {
			case <-ctx.Done():
				return 0, ctx.Err()
			case <-time.After(50 * time.Millisecond):
			}
			used, err := usage.Read(pid)
			return float64(used.Now) / 1024, err
		}
	}
	values, err := interleave(runs, measure(p.Ours), measure(p.Bare), measure(p.SDK))
	if err != nil {
		return nil, err
	}
	const name = "memory: resident at idle"
	return []Row{
		ratio(name, "MB", "bare handler", values[0], values[1], 1.70),
		ratio(name, "MB", "handler with our SDKs", values[0], values[2], 0),
	}, nil
}
