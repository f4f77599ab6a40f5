package operate_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"hash/crc64"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/operate"
	"vpn-attach/function/internal/standin/estate"
)

// member is an account whose connections attach to transit routers of the function's account.
const member = "6543210987654321"

// served is a local cloud as make serve keeps it running, with the function in processes, and an operator in front of
// it.
type served struct {
	operate.Operator
	t     *testing.T
	cloud *local.Served
}

// serve begins one that is a hundred times as fast as the cloud. The file changes the default one.
func serve(t *testing.T, file string) *served {
	t.Helper()
	t.Parallel()
	if testing.Short() {
		t.Skip("it builds the function")
	}
	binary, err := local.BuildFunction(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	base, err := os.ReadFile("../../../events/clouds/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := local.ReadSpec([]byte(string(base) + "\n---\n" + file))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := local.StartServed(spec, func() (local.Spec, error) { return spec, nil },
		local.Options{Binary: binary, Speed: 100})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- cloud.Serve(ctx, func(string) {}) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Errorf("the cloud ended by itself: %v", err)
		}
		cloud.Close()
	})
	good := archive(t, binary)
	s := &served{t: t, cloud: cloud, Operator: operate.Operator{
		Console: operate.Local{Address: cloud.Cloud().Address}, Region: "cn-hangzhou", Stack: "vpn-attach",
		Keys: operate.LocalKeys, Folder: "../../..", Prefix: "vpn-attach", Settle: operate.Patience{Looks: 3},
		Make: func(context.Context) (operate.Package, error) { return good, nil },
	}}
	return s
}

// archive is a package with a program.
func archive(t *testing.T, program string) operate.Package {
	t.Helper()
	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}
	var content bytes.Buffer
	w := zip.NewWriter(&content)
	file, err := w.Create("main")
	if err == nil {
		_, err = file.Write(text)
	}
	if err == nil {
		err = w.Close()
	}
	path := filepath.Join(t.TempDir(), "vpn-attach.zip")
	if err == nil {
		err = os.WriteFile(path, content.Bytes(), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return operate.Package{
		SHA256: fmt.Sprintf("%x", sha256.Sum256(content.Bytes())), File: path,
		CRC64: fmt.Sprint(crc64.Checksum(content.Bytes(), crc64.MakeTable(crc64.ECMA))),
	}
}

// cli is the aliyun CLI; the test is skipped where ALIYUN names none.
func cli(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath(os.Getenv("ALIYUN"))
	if err != nil {
		t.Skip("ALIYUN names no aliyun CLI")
	}
	return path
}

// throughTheCLI has the operator call the cloud through the aliyun CLI and scripts/local-aliyun.
func (s *served) throughTheCLI() {
	s.t.Helper()
	script := "export ALIYUN=" + cli(s.t) + " LOCAL_ENDPOINT=http://" + s.cloud.Cloud().Address +
		"\nexec ../../../scripts/local-aliyun \"$@\"\n"
	s.Console = standIn(s.t, script)
}

// says runs a verb that must succeed and say the words.
func (s *served) says(result operate.Result, err error, words ...string) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	for _, word := range words {
		if !strings.Contains(result.Text(), word) {
			s.t.Fatalf("it does not say %q:\n%s", word, result.Text())
		}
	}
}

// until waits for what a cloud comes to.
func (s *served) until(what string, is func(*local.Cloud) bool) {
	s.t.Helper()
	for range 1200 {
		if is(s.cloud.Cloud()) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	s.t.Fatalf("it did not come to this: %s", what)
}

// attached reports whether a connection is.
func attached(id string) func(*local.Cloud) bool {
	return func(c *local.Cloud) bool {
		return slices.ContainsFunc(c.Estate.Attachments(), func(a estate.Attachment) bool {
			return a.Connection == id && a.Status == estate.StatusAttached
		})
	}
}
