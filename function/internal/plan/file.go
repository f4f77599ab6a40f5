package plan

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"unicode"

	"github.com/goccy/go-yaml"

	"vpn-attach/function/internal/local"
)

// Write writes a cloud file that only its owner can read. It holds no key: none was read.
func Write(path string, spec local.Spec) error {
	text, err := yaml.MarshalWithOptions(spec, yaml.OmitEmpty())
	if err == nil && bytes.ContainsFunc(text, isControl) { // a tag has some, which only quoted texts can say
		text, err = yaml.MarshalWithOptions(spec, yaml.OmitEmpty(), yaml.JSON())
	}
	if err != nil {
		return fmt.Errorf("writing the cloud file: %w", err)
	}
	beside := path + ".new"
	if err := os.WriteFile(beside, text, 0o600); err != nil {
		return fmt.Errorf("writing the cloud file: %w", err)
	}
	if err := os.Rename(beside, path); err != nil {
		return fmt.Errorf("writing the cloud file: %w", err)
	}
	return nil
}

// isControl reports whether a character cannot stand in a file of YAML as it is, or acts on a terminal.
func isControl(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }

// PathOf is where the file of a region is written: at path when it is the only one, else with the region in its name.
func PathOf(path, region string, only bool) string {
	if only || path == "" {
		return path
	}
	kind := filepath.Ext(path)
	return strings.TrimSuffix(path, kind) + "." + region + kind
}
