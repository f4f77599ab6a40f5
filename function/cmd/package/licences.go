package main

import (
	"bytes"
	"debug/buildinfo"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// licencesOf gives the licences, and notices, of the modules that are linked into a binary and of Go itself.
func licencesOf(binary string) ([]byte, error) {
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, fmt.Errorf("reading which modules are linked: %w", err)
	}
	folders, err := moduleFolders()
	if err != nil {
		return nil, err
	}
	root, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		return nil, fmt.Errorf("asking for the folder of Go: %w", err)
	}
	var text bytes.Buffer
	err = licence(&text, "Go "+info.GoVersion, strings.TrimSpace(string(root)))
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		err = errors.Join(err, licence(&text, module.Path+" "+module.Version, folders[module.Path+" "+module.Version]))
	}
	return text.Bytes(), err
}

// moduleFolders are where the modules of this one are, by path and version.
func moduleFolders() (map[string]string, error) {
	output, err := exec.Command("go", "list", "-m", "-json", "all").Output()
	if err != nil {
		return nil, fmt.Errorf("listing the modules: %w", err)
	}
	folders := map[string]string{}
	for decoder := json.NewDecoder(bytes.NewReader(output)); ; {
		var module struct{ Path, Version, Dir string }
		if err := decoder.Decode(&module); errors.Is(err, io.EOF) {
			return folders, nil
		} else if err != nil {
			return nil, fmt.Errorf("reading the list of modules: %w", err)
		}
		folders[module.Path+" "+module.Version] = module.Dir
	}
}

// licence appends the files of a folder that say under which terms it may be used. There must be one.
func licence(text *bytes.Buffer, name, folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return fmt.Errorf("looking for the licence of %s: %w", name, err)
	}
	found := false
	for _, entry := range entries {
		upper := strings.ToUpper(entry.Name())
		isNotice := strings.HasPrefix(upper, "NOTICE")
		isLicence := strings.HasPrefix(upper, "LICEN") || strings.HasPrefix(upper, "COPYING")
		if entry.IsDir() || !isNotice && !isLicence {
			continue
		}
		content, err := os.ReadFile(filepath.Join(folder, entry.Name()))
		if err != nil {
			return fmt.Errorf("reading the licence of %s: %w", name, err)
		}
		found = found || isLicence
		fmt.Fprintf(text, "%s\n%s (%s)\n\n%s\n", strings.Repeat("=", 80), name, entry.Name(), bytes.TrimSpace(content))
	}
	if !found {
		return fmt.Errorf("looking for the licence of %s: there is none", name)
	}
	return nil
}
