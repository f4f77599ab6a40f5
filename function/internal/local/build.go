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
		return "", fmt.Errorf("building the function (inside the project; --function names a built one): %w", err)
	}
	return binary, nil
}

// FindFunction gives the absolute path of a function that was built before. It refuses what cannot be run, so that
// no cloud starts with nothing behind it.
func FindFunction(path string) (string, error) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return "", fmt.Errorf("finding the function's binary (make build builds target/main): %w", err)
	case info.IsDir():
		return "", fmt.Errorf("finding the function's binary: %s is a folder", path)
	case runtime.GOOS != "windows" && info.Mode().Perm()&0o111 == 0:
		return "", fmt.Errorf("finding the function's binary: %s may not be executed", path)
	}
	return filepath.Abs(path)
}
