package main

import (
	"archive/zip"
	"bytes"
	"io"
	"os"
	"os/exec"
	"path/filepath"
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
	command := exec.Command("go", "run", "./function/cmd/package", "--out", "out.zip")
	command.Dir = folder
	if out, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	archive, err := os.ReadFile(filepath.Join(folder, "out.zip"))
	if err != nil {
		t.Fatal(err)
	}
	return archive
}

func TestTheSameSourceIsTheSameZipWhereverItIsBuilt(t *testing.T) {
	here, there := copyOf(t), copyOf(t)
	first := packaged(t, here)
	if !bytes.Equal(first, packaged(t, there)) {
		t.Error("two folders, two zips")
	}
	r, err := zip.NewReader(bytes.NewReader(first), int64(len(first)))
	if err != nil || len(r.File) != 1 || r.File[0].Name != "main" || r.File[0].Mode() != 0o755 {
		t.Fatalf("the zip holds %+v, %v", r.File, err)
	}
	file, err := r.File[0].Open()
	if err != nil {
		t.Fatal(err)
	}
	program, err := io.ReadAll(file)
	if err != nil || !bytes.HasPrefix(program, []byte("\x7fELF")) {
		t.Fatalf("it is not a program: %v", err)
	}
	for _, path := range []string{here, os.TempDir() + "/vpn-attach-"} {
		if bytes.Contains(program, []byte(path)) {
			t.Errorf("it names the place where it was built: %s", path)
		}
	}
}
