package local

import (
	"archive/zip"
	"bytes"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/oss"
)

// zipped is a package with a file.
func zipped(t *testing.T, name, content string) string {
	t.Helper()
	var text bytes.Buffer
	w := zip.NewWriter(&text)
	file, err := w.Create(name)
	if err == nil {
		_, err = file.Write([]byte(content))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// putting is a request of a tool on this machine, with the key that everybody knows.
func putting(path, content string) *http.Request {
	r := httptest.NewRequest(http.MethodPut, path, strings.NewReader(content))
	r.RemoteAddr, r.Host = "127.0.0.1:1", "127.0.0.1:8600"
	r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	r.Header.Set("Authorization", oss.Scheme+"local:"+oss.Signature("local", r))
	return r
}

// put puts an object into a bucket of the cloud.
func (c *Cloud) put(t *testing.T, object, content string) {
	t.Helper()
	for _, one := range [][2]string{{"/code/", ""}, {"/code/" + object, content}} {
		r, w := putting(one[0], one[1]), httptest.NewRecorder()
		if c.ServeHTTP(w, r); w.Code != http.StatusOK {
			t.Fatalf("putting %s: %d %s", one[0], w.Code, w.Body)
		}
	}
}

func TestOnlyThisMachineUploadsCode(t *testing.T) {
	c := up(t)
	for name, change := range map[string]func(*http.Request){
		"another machine":            func(r *http.Request) { r.RemoteAddr = "192.0.2.1:1234" },
		"a name that was led here":   func(r *http.Request) { r.Host = "rebound.example.com:8600" },
		"a page of another site":     func(r *http.Request) { r.Header.Set("Origin", "http://example.com") },
		"a browser on another's say": func(r *http.Request) { r.Header.Set("Sec-Fetch-Site", "cross-site") },
	} {
		r, w := putting("/code/", ""), httptest.NewRecorder()
		change(r)
		if c.ServeHTTP(w, r); w.Code != http.StatusForbidden || !strings.Contains(w.Body.String(), "AccessDenied") {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
	}
}

func TestTheCodeThatWasUploadedRuns(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it runs a script")
	}
	spec, err := ReadSpec([]byte(aCloud))
	if err != nil {
		t.Fatal(err)
	}
	c, err := Start(spec, Options{Speed: 100, Binary: "none", Deployed: TheStack()})
	if err != nil {
		t.Fatal(err)
	}
	c.put(t, "a.zip", zipped(t, "main", "#!/bin/sh\necho uploaded >&2\nexit 3\n"))
	c.updated(t, stackText(t), "CodeBucket", "code", "CodeObject", "a.zip")
	done, err := c.Runtime.Invoke(t.Context(), []byte("{}"))
	if err != nil || done.Failure == nil || !strings.Contains(done.Failure.Message, "uploaded") {
		t.Errorf("the invocation came to %+v, %v", done.Failure, err)
	}
	folder := c.folder
	if found, _ := filepath.Glob(filepath.Join(folder, "*", "main")); len(found) != 1 {
		t.Errorf("the code is at %q", found)
	}
	c.updated(t, stackText(t)) // the cloud's own code again
	if _, err := c.Runtime.Invoke(t.Context(), []byte("{}")); err != nil {
		t.Errorf("a release that somebody deployed ended the cloud: %v", err)
	}
	c.Close()
	if _, err := os.Stat(folder); err == nil {
		t.Error("the folder of the code outlived its cloud")
	}
}

func TestCodeThatCannotBeIsRefusedBeforeAnythingChanges(t *testing.T) {
	c := up(t)
	c.put(t, "text.zip", "it is no zip")
	c.put(t, "other.zip", zipped(t, "bootstrap", "#!/bin/sh\n"))
	c.put(t, "empty.zip", zipped(t, "main", ""))
	for object, says := range map[string]string{
		"none.zip": "has no object none.zip", "text.zip": "zip: not a valid zip file",
		"other.zip": "file does not exist", "empty.zip": "main is empty",
	} {
		plan, err := c.stacks.Plan(FunctionName, stackText(t),
			c.givenNow("CodeBucket", "code", "CodeObject", object, "Sweep", "attach"))
		if err != nil {
			t.Fatal(err)
		}
		if err := plan.Apply(); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: got %v, want %q", object, err, says)
		}
	}
	if c.Variables()["SWEEP"] != "report" || c.folder != "" {
		t.Error("something was changed")
	}
}

func TestAProgramOfAnotherMachineIsNotRun(t *testing.T) {
	own, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(own)
	if err != nil {
		t.Fatal(err)
	}
	if got := runsHere(text); got != (runtime.GOOS == "linux") {
		t.Errorf("of this program: %v", got)
	}
	if runtime.GOOS == "linux" {
		foreign := bytes.Clone(text)
		foreign[18], foreign[19] = 2, 0 // a SPARC
		if runsHere(foreign) {
			t.Error("a program of a SPARC would be run")
		}
	}
	if runsHere([]byte("MZ of Windows")) || runsHere(nil) {
		t.Error("what is no program of Linux would be run")
	}
}

func TestInsideThisProcessTheCodeIsItsOwn(t *testing.T) {
	spec, err := ReadSpec([]byte(aCloud))
	if err != nil {
		t.Fatal(err)
	}
	c, err := StartInProcess(spec, Options{Deployed: TheStack()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.put(t, "a.zip", "any bytes")
	c.updated(t, stackText(t), "CodeBucket", "code", "CodeObject", "a.zip")
	host, code, err := c.codeOf(c.stack(), "main")
	if _, is := host.(fc.InProcess); !is || err != nil || code().Size != 9 {
		t.Errorf("the code is %+v in %T, %v", code(), host, err)
	}
}
