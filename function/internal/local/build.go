package local

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
)

// BuildFunction builds the function from the source of this module into folder and
// gives the binary's path. The extra arguments go to go build.
func BuildFunction(ctx context.Context, folder string, extra ...string) (string, error) {
	binary := filepath.Join(folder, "main")
	if runtime.GOOS == "windows" {
		binary += ".exe"
	}
	arguments := append([]string{"build", "-o", binary}, extra...)
	command := exec.CommandContext(ctx, "go", append(arguments, "vpn-attach/function")...)
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return "", fmt.Errorf("building the function (run this inside the project, or name a built one with --function): %w", err)
	}
	return binary, nil
}
