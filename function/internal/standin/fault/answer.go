package fault

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"maps"
	"net/http"
	"strconv"
)

// answer is a complete answer and what becomes of it while it is sent.
type answer struct {
	status int // 0 when nobody answered
	header http.Header
	body   []byte
	fate   fate
}

type fate int

const (
	whole fate = iota // it arrives
	cut               // it breaks off in the middle of its body
	lost              // the connection closes without it
)

// record lets a handler answer into memory.
func record(handle http.HandlerFunc, r *http.Request) answer {
	w := &recorder{header: make(http.Header)}
	handle(w, r)
	w.WriteHeader(http.StatusOK) // for a handler that wrote nothing
	return answer{status: w.status, header: w.header, body: w.body.Bytes()}
}

// recorder is an http.ResponseWriter that keeps what is written.
type recorder struct {
	status int
	header http.Header
	body   bytes.Buffer
}

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(b)
}

// page is what a proxy in front of the service says when it cannot reach it; status 0 means 502.
func page(status int) answer {
	if status == 0 {
		status = http.StatusBadGateway
	}
	const html = "<html>\r\n<head><title>%[1]s</title></head>\r\n<body>\r\n" +
		"<center><h1>%[1]s</h1></center>\r\n</body>\r\n</html>\r\n"
	title := fmt.Sprintf("%d %s", status, http.StatusText(status))
	return answer{status: status, header: http.Header{"Content-Type": {"text/html"}},
		body: fmt.Appendf(nil, html, title)}
}

// send gives the client what arrives of the answer. It ignores that the client may be gone: there is nobody to tell.
func (a answer) send(w http.ResponseWriter) {
	if a.fate == lost {
		panic(http.ErrAbortHandler) // net/http's way to close a connection without an answer
	}
	maps.Copy(w.Header(), a.header)
	w.Header().Set("Content-Length", strconv.Itoa(len(a.body)))
	w.WriteHeader(a.status)
	body := a.body
	if a.fate == cut {
		body = body[:len(body)/2] // net/http closes a connection on which less was written than announced
	}
	_, _ = w.Write(body)
}

// code finds the error code in an error's body: the "Code" of a JSON object (RPC style) or of an XML element (MNS).
func (a answer) code() string {
	if a.status < http.StatusBadRequest {
		return ""
	}
	var body struct{ Code string }
	if json.Unmarshal(a.body, &body) != nil && xml.Unmarshal(a.body, &body) != nil {
		return ""
	}
	return body.Code
}
