// Command package builds the function and puts it into the zip file that Function Compute runs: the same bytes from the
// same source, wherever it is built by the same version of Go.
package main

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"hash/crc64"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// handler is the name of the binary at the root of the zip, which is configured as the function's handler (runtime
// go1).
const handler = "main"

const help = `Usage: go run ./function/cmd/package [--out FILE]

Builds the function for Function Compute (static, linux/amd64, stripped, without paths or a
build id) and zips it with the licences of the modules in it. Two builds of the same commit by
the same version of Go are the same bytes. Prints size, sha256 and crc64.

`

func main() {
	out := flag.String("out", "target/vpn-attach.zip", "where to write the `zip`")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), help)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 {
		flag.Usage()
		os.Exit(2)
	}
	if err := run(*out); err != nil {
		fmt.Fprintln(os.Stderr, "package:", err)
		os.Exit(1)
	}
}

func run(out string) error {
	folder, err := os.MkdirTemp("", "vpn-attach-")
	if err != nil {
		return fmt.Errorf("making a build folder: %w", err)
	}
	defer os.RemoveAll(folder)
	binary := filepath.Join(folder, handler)
	if err := build(binary); err != nil {
		return err
	}
	program, err := os.ReadFile(binary)
	if err != nil {
		return fmt.Errorf("reading the built program: %w", err)
	}
	licences, err := licencesOf(binary)
	if err != nil {
		return err
	}
	archive, err := pack(program, licences)
	if err != nil {
		return err
	}
	if err := errors.Join(os.MkdirAll(filepath.Dir(out), 0o755), os.WriteFile(out, archive, 0o644)); err != nil {
		return fmt.Errorf("writing the zip: %w", err)
	}
	fmt.Printf("%s  %d bytes (the program %d)\n", out, len(archive), len(program))
	// Function Compute tells the CRC-64 of what it runs.
	fmt.Printf("sha256 %x\ncrc64 %d\n", sha256.Sum256(archive), crc64.Checksum(archive, crc64.MakeTable(crc64.ECMA)))
	return nil
}

// build leaves nothing in the binary that depends on where or when it was built, but says from which commit.
func build(binary string) error {
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=auto", "-ldflags=-s -w -buildid=",
		"-o", binary, "vpn-attach/function")
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64", "GOAMD64=v1", "GOFLAGS=")
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("building the function (run this inside the project): %w", err)
	}
	return nil
}

// pack zips a program under the handler's name, executable, and the licences, with a fixed time.
func pack(program, licences []byte) ([]byte, error) {
	var archive bytes.Buffer
	w := zip.NewWriter(&archive)
	w.RegisterCompressor(zip.Deflate, func(out io.Writer) (io.WriteCloser, error) {
		return flate.NewWriter(out, flate.BestCompression)
	})
	err := errors.Join(add(w, handler, 0o755, program), add(w, "LICENCES.txt", 0o644, licences), w.Close())
	if err != nil {
		return nil, fmt.Errorf("zipping the function: %w", err)
	}
	return archive.Bytes(), nil
}

func add(w *zip.Writer, name string, mode fs.FileMode, content []byte) error {
	header := &zip.FileHeader{Name: name, Method: zip.Deflate, Modified: time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)}
	header.SetMode(mode)
	file, err := w.CreateHeader(header)
	if err == nil {
		_, err = file.Write(content)
	}
	return err
}
