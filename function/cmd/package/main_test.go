package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash/crc64"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// copyOf is another folder with the same source.
func copyOf(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, part := range []string{"go.mod", "go.sum", "function", "events"} {
		if out, err := exec.Command("cp", "-r", filepath.Join("../../..", part), folder).CombinedOutput(); err != nil {
			t.Fatalf("copying the source: %v\n%s", err, out)
		}
	}
	return folder
}

func packaged(t *testing.T, folder string) []byte {
	t.Helper()
	// -trimpath: the command itself is then compiled once for all folders.
	command := exec.Command("go", "run", "-trimpath", "./function/cmd/package", "--out", "out.zip")
	command.Dir = folder
	out, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	archive, err := os.ReadFile(filepath.Join(folder, "out.zip"))
	if err != nil {
		t.Fatal(err)
	}
	// scripts/vpn-attach deploy reads these lines.
	sums := fmt.Sprintf("\nsha256 %x\ncrc64 %d\n", sha256.Sum256(archive),
		crc64.Checksum(archive, crc64.MakeTable(crc64.ECMA)))
	if !strings.HasSuffix(string(out), sums) {
		t.Errorf("it said\n%s\nwant at the end%s", out, sums)
	}
	return archive
}

func content(t *testing.T, file *zip.File) []byte {
	t.Helper()
	opened, err := file.Open()
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(opened)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// handlers are what the platform is told to start, by the file that says so.
func handlers(t *testing.T) map[string]string {
	t.Helper()
	said := map[string]string{}
	for _, name := range []string{"template.yml", "s.yaml"} {
		text, err := os.ReadFile(filepath.Join("../../..", name))
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`(?mi)^ +handler: '?([^'\s]+)'?$`).FindSubmatch(text)
		if found == nil {
			t.Fatalf("%s has no handler", name)
		}
		said[name] = string(found[1])
	}
	return said
}

func TestTheSameSourceIsTheSameZipWhereverItIsBuilt(t *testing.T) {
	here, there := copyOf(t), copyOf(t)
	first := packaged(t, here)
	if !bytes.Equal(first, packaged(t, there)) {
		t.Error("two folders, two zips")
	}
	r, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil || len(r.File) != 2 || r.File[0].Name != "main" || r.File[0].Mode() != 0o755 {
		t.Fatalf("the zip holds %+v, %v", r.File, err)
	}
	for place, handler := range handlers(t) {
		if handler != r.File[0].Name {
			t.Errorf("%s has the handler %s, the zip %s", place, handler, r.File[0].Name)
		}
	}
	program := content(t, r.File[0])
	if !bytes.HasPrefix(program, []byte("\x7fELF")) {
		t.Fatal("it is not a program")
	}
	licences := content(t, r.File[1])
	for _, module := range []string{"\nGo go1.", "valyala/fasthttp v", "alibabacloud-go/tea v", "golang.org/x/net v"} {
		if r.File[1].Name != "LICENCES.txt" || !bytes.Contains(licences, []byte(module)) {
			t.Errorf("%s has no licence of %q", r.File[1].Name, module)
		}
	}
	for _, path := range []string{here, os.TempDir() + "/vpn-attach-"} {
		if bytes.Contains(program, []byte(path)) {
			t.Errorf("it names the place where it was built: %s", path)
		}
	}
}
