// Package oss stands in for Object Storage Service: buckets of one region, reached by paths, /BUCKET/OBJECT, as the
// SDKs do where the endpoint is an IP address.
//
//	PUT /BUCKET/              makes a bucket
//	GET /BUCKET/?bucketInfo   says whose it is
//	PUT /BUCKET/OBJECT        puts an object
//	HEAD, GET /BUCKET/OBJECT  gives it back
//
// Requests are signed in the header, version 1 (HMAC-SHA1). Errors are XML, with the codes of the service's pages.
//
// It does not imitate: version 4 of the signature, signed addresses, multipart uploads, lists, ACL and policies,
// versions of objects, metadata, and what is deleted.
package oss

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"encoding/base64"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"vpn-attach/function/internal/standin/sign"
)

// Scheme begins the Authorization header of a request to the service.
const Scheme = "OSS "

// maxObject is how large an object may be here, in bytes. The service takes 5 GB in one request.
const maxObject = 256 << 20

// Options of a Service; all are required.
type Options struct {
	Region    string
	Keys      sign.Keys
	AccountOf func(accessKeyID string) string // whose key it is
}

// Service is the stand-in. It is safe for concurrent use.
type Service struct {
	options  Options
	requests atomic.Int64

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	owner   string
	made    time.Time
	objects map[string][]byte
}

// New makes a service without buckets.
func New(o Options) *Service { return &Service{options: o, buckets: map[string]*bucket{}} }

// Object is what a bucket has under a name. The caller must not change it.
func (s *Service) Object(bucket, name string) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[bucket]
	if b == nil {
		return nil, fmt.Errorf("there is no bucket %s", bucket)
	}
	object, has := b.objects[name]
	if !has {
		return nil, fmt.Errorf("bucket %s has no object %s", bucket, name)
	}
	return object, nil
}

// Action names what is asked for.
func (s *Service) Action(r *http.Request) string {
	_, object := place(r)
	switch {
	case r.Method == http.MethodPut && object == "":
		return "PutBucket"
	case r.Method == http.MethodPut:
		return "PutObject"
	case r.Method == http.MethodGet && object == "" && r.URL.Query().Has("bucketInfo"):
		return "GetBucketInfo"
	case r.Method == http.MethodGet && object != "":
		return "GetObject"
	case r.Method == http.MethodHead && object != "":
		return "HeadObject"
	}
	return ""
}

// place is the bucket and the object of a request.
func place(r *http.Request) (bucket, object string) {
	bucket, object, _ = strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	return bucket, object
}

// ServeHTTP answers a request.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxObject))
	if err != nil {
		s.WriteError(w, r, http.StatusBadRequest, "EntityTooLarge")
		return
	}
	caller, code := s.caller(r)
	if code != "" {
		s.WriteError(w, r, http.StatusForbidden, code)
		return
	}
	if sum := r.Header.Get("Content-MD5"); sum != "" {
		if own := md5.Sum(body); sum != base64.StdEncoding.EncodeToString(own[:]) {
			s.WriteError(w, r, http.StatusBadRequest, "InvalidDigest")
			return
		}
	}
	w.Header().Set("x-oss-request-id", s.requestID())
	if status, code := s.do(w, r, s.options.AccountOf(caller), body); code != "" {
		s.WriteError(w, r, status, code)
	}
}

// do does a request of an account. A code that is not empty refuses it.
func (s *Service) do(w http.ResponseWriter, r *http.Request, account string, body []byte) (status int, code string) {
	name, object := place(r)
	s.mu.Lock()
	defer s.mu.Unlock()
	b, action := s.buckets[name], s.Action(r)
	switch {
	case action == "":
		return http.StatusNotImplemented, "NotImplemented"
	case action == "PutBucket" && b == nil:
		if !regexp.MustCompile(`^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$`).MatchString(name) {
			return http.StatusBadRequest, "InvalidBucketName"
		}
		s.buckets[name] = &bucket{account, time.Now(), map[string][]byte{}}
		return 0, ""
	case action == "PutBucket" && b.owner != account:
		return http.StatusConflict, "BucketAlreadyExists"
	case action == "PutBucket":
		return 0, ""
	case b == nil:
		return http.StatusNotFound, "NoSuchBucket"
	case b.owner != account:
		return http.StatusForbidden, "AccessDenied"
	case action == "GetBucketInfo":
		s.describe(w, name, b)
		return 0, ""
	case action == "PutObject":
		b.objects[object] = bytes.Clone(body)
		w.Header().Set("ETag", etag(body))
		return 0, ""
	}
	content, has := b.objects[object]
	if !has {
		return http.StatusNotFound, "NoSuchKey"
	}
	w.Header().Set("ETag", etag(content))
	w.Header().Set("Content-Length", strconv.Itoa(len(content)))
	_, _ = w.Write(content) // of a HEAD, net/http writes the header alone
	return 0, ""
}

func etag(content []byte) string { return fmt.Sprintf("%q", fmt.Sprintf("%X", md5.Sum(content))) }

// describe answers GetBucketInfo.
func (s *Service) describe(w http.ResponseWriter, name string, b *bucket) {
	type owner struct{ ID, DisplayName string }
	type about struct {
		Name, Location, StorageClass, CreationDate string
		Owner                                      owner
	}
	s.write(w, http.StatusOK, struct {
		XMLName xml.Name `xml:"BucketInfo"`
		Bucket  about
	}{Bucket: about{name, "oss-" + s.options.Region, "Standard", b.made.UTC().Format("2006-01-02T15:04:05.000Z"),
		owner{b.owner, b.owner}}})
}

// caller checks who signs a request.
func (s *Service) caller(r *http.Request) (accessKeyID, code string) {
	signature, isSigned := strings.CutPrefix(r.Header.Get("Authorization"), Scheme)
	id, given, _ := strings.Cut(signature, ":")
	secret, _, known := s.options.Keys.Lookup(id)
	sent, err := time.Parse(http.TimeFormat, r.Header.Get("Date"))
	switch {
	case !isSigned:
		return "", "AccessDenied"
	case !known:
		return "", "InvalidAccessKeyId"
	case err != nil || time.Since(sent).Abs() > 15*time.Minute:
		return "", "RequestTimeTooSkewed"
	case !hmac.Equal([]byte(given), []byte(Signature(secret, r))):
		return "", "SignatureDoesNotMatch"
	}
	return id, ""
}

func (s *Service) requestID() string { return fmt.Sprintf("%024X", s.requests.Add(1)) }

// WriteError answers with an error in the service's own form.
func (s *Service) WriteError(w http.ResponseWriter, r *http.Request, status int, code string) {
	s.write(w, status, struct {
		XMLName                          xml.Name `xml:"Error"`
		Code, Message, RequestID, HostID string
	}{Code: code, Message: code, RequestID: s.requestID(), HostID: r.Host})
}

// write ignores that a client may be gone: there is nobody to tell.
func (s *Service) write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, xml.Header)
	_ = xml.NewEncoder(w).Encode(answer)
}
