package local

import (
	"archive/zip"
	"bytes"
	"debug/elf"
	"fmt"
	"hash/crc64"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"

	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/template"
)

// maxProgram is how large a program may be here, in bytes. The platform takes packages of 500 MB.
const maxProgram = 256 << 20

// ossObject is where the code of a function is: a bucket of OSS, and an object in it.
type ossObject struct{ OssBucketName, OssObjectName string }

func packageOf(stack *template.Stack) ossObject {
	for _, f := range template.Of[struct{ Code ossObject }](stack, typeFunction) {
		return f.Code
	}
	return ossObject{}
}

// codeOf is what runs the code that a stack names, and what callers are told of it. What the cloud was started with is
// its own binary. The program of a zip that was uploaded to OSS runs where this machine can run it, which is Linux on
// the same processor; elsewhere, and inside this process, the cloud's own binary runs in its place.
func (c *Cloud) codeOf(stack *template.Stack, handler string) (fc.Host, func() fc.Code, error) {
	at := packageOf(stack)
	if at == packageOf(c.Stack) {
		return c.host, c.code, nil
	}
	object, err := c.Store.Object(at.OssBucketName, at.OssObjectName)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the code: %w", err)
	}
	sum := strconv.FormatUint(crc64.Checksum(object, crc64.MakeTable(crc64.ECMA)), 10)
	code := func() fc.Code { return fc.Code{Checksum: sum, Size: int64(len(object))} }
	process, isProcess := c.host.(fc.Process)
	if !isProcess {
		return c.host, code, nil
	}
	program, err := unpacked(object, handler)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the code %s: %w", at.OssObjectName, err)
	}
	if !runsHere(program) {
		return c.host, code, nil
	}
	process.Binary, err = c.installed(sum, handler, program)
	return process, code, err
}

// unpacked is the program in a package.
func unpacked(archive []byte, handler string) ([]byte, error) {
	all, err := zip.NewReader(bytes.NewReader(archive), int64(len(archive)))
	if err != nil {
		return nil, err
	}
	file, err := all.Open(handler)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	program, err := io.ReadAll(io.LimitReader(file, maxProgram))
	if err == nil && len(program) == 0 {
		err = fmt.Errorf("%s is empty", handler)
	}
	return program, err
}

// runsHere reports whether this machine can run a program: a script, or one for its system and processor.
func runsHere(program []byte) bool {
	if bytes.HasPrefix(program, []byte("#!")) {
		return runtime.GOOS != "windows"
	}
	file, err := elf.NewFile(bytes.NewReader(program))
	machines := map[string]elf.Machine{"amd64": elf.EM_X86_64, "arm64": elf.EM_AARCH64}
	return err == nil && runtime.GOOS == "linux" && file.Machine == machines[runtime.GOARCH]
}

// installed writes a program into a folder of the cloud, once for each sum.
func (c *Cloud) installed(sum, handler string, program []byte) (path string, err error) {
	if c.folder == "" {
		if c.folder, err = os.MkdirTemp("", "vpn-attach-code-"); err != nil {
			return "", fmt.Errorf("making a folder for the code: %w", err)
		}
	}
	path = filepath.Join(c.folder, sum, filepath.Base(handler))
	if isFile(path) {
		return path, nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", fmt.Errorf("making a folder for the code: %w", err)
	}
	if err := os.WriteFile(path, program, 0o700); err != nil {
		return "", fmt.Errorf("writing the code: %w", err)
	}
	return path, nil
}
