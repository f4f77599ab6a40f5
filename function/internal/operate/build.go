package operate

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"regexp"
)

// Package is what was built.
type Package struct{ SHA256, CRC64, File string }

// MakePackage builds the code with make.
func MakePackage(folder string) func(context.Context) (Package, error) {
	return func(ctx context.Context) (Package, error) {
		var out bytes.Buffer
		command := exec.CommandContext(ctx, "make", "--no-print-directory", "package")
		command.Dir, command.Stdout, command.Stderr = folder, &out, &out
		if err := command.Run(); err != nil {
			return Package{}, fmt.Errorf("building the code: %w\n%s", err, out.String())
		}
		said := func(name string) string {
			if found := regexp.MustCompile(`(?m)^` + name + ` (\S+)$`).FindStringSubmatch(out.String()); found != nil {
				return found[1]
			}
			return ""
		}
		p := Package{SHA256: said("sha256"), CRC64: said("crc64"), File: folder + "/target/vpn-attach.zip"}
		if p.SHA256 == "" {
			return p, fmt.Errorf("building the code: make package named no sha256\n%s", out.String())
		}
		return p, nil
	}
}

func codeObject(sha string) string { return "vpn-attach/" + sha + ".zip" }
