// Package sls stands in for the part of Simple Log Service (SLS) that operators ask: GetLogs of one logstore,
//
//	GET /logstores/LOGSTORE?type=log&from=…&to=…&query=…&line=…&offset=…&reverse=…
//
// at PROJECT.HOST, signed in the header (LOG, hmac-sha1 or hmac-sha256). How a query searches is asked of whoever makes
// the service.
//
// It does not imitate: writing logs, analyses, indexes, shards, histograms, and permissions.
package sls

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"hash"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"vpn-attach/function/internal/standin/sign"
)

// Scheme begins the Authorization header of a request to the service.
const Scheme = "LOG "

// Bounds of what a call gives, in entries.
const (
	usualLines = 100
	mostLines  = 100
)

// Entry is an entry of a log: when it was written, and its fields.
type Entry struct {
	Time   time.Time
	Fields map[string]string
}

// Options of a Service; all are required.
type Options struct {
	Keys sign.Keys
	// Has reports whether there is a logstore.
	Has func(project, logstore string) bool
	// Search gives the entries that a query finds, the oldest first. An error refuses the query.
	Search func(query string) ([]Entry, error)
}

// Service is the stand-in.
type Service struct {
	options  Options
	requests atomic.Int64
}

// New makes a service.
func New(o Options) *Service { return &Service{options: o} }

// Action names what is asked for.
func (s *Service) Action(r *http.Request) string {
	if r.Method == http.MethodGet && r.URL.Query().Get("type") == "log" && logstoreOf(r) != "" {
		return "GetLogs"
	}
	return ""
}

func logstoreOf(r *http.Request) string {
	name, is := strings.CutPrefix(r.URL.Path, "/logstores/")
	if !is || strings.Contains(name, "/") {
		return ""
	}
	return name
}

// ServeHTTP answers GetLogs.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if code := s.check(r); code != "" {
		s.WriteError(w, r, http.StatusUnauthorized, code)
		return
	}
	project, _, _ := strings.Cut(r.Host, ".")
	switch {
	case s.Action(r) == "":
		s.WriteError(w, r, http.StatusBadRequest, "ParameterInvalid")
		return
	case !s.options.Has(project, logstoreOf(r)):
		s.WriteError(w, r, http.StatusNotFound, "LogStoreNotExist")
		return
	}
	found, err := s.found(r.URL.Query())
	if err != nil {
		s.refuse(w, http.StatusBadRequest, "ParameterInvalid", err.Error())
		return
	}
	entries := []map[string]string{}
	for _, e := range found {
		one := map[string]string{"__time__": strconv.FormatInt(e.Time.Unix(), 10), "__source__": ""}
		for name, value := range e.Fields {
			one[name] = value
		}
		entries = append(entries, one)
	}
	w.Header().Set("x-log-progress", "Complete")
	w.Header().Set("x-log-count", strconv.Itoa(len(entries)))
	s.write(w, http.StatusOK, entries)
}

// found are the entries of a time, seconds since 1970, from included and to not, in the order and number that are asked
// for.
func (s *Service) found(asked url.Values) ([]Entry, error) {
	number := func(name string, preset int64) (int64, error) {
		if asked.Get(name) == "" {
			return preset, nil
		}
		n, err := strconv.ParseInt(asked.Get(name), 10, 64)
		if err != nil || n < 0 {
			return 0, fmt.Errorf("%s must be a number of 0 or more", name)
		}
		return n, nil
	}
	var values [4]int64
	for i, name := range []string{"from", "to", "line", "offset"} {
		var err error
		if values[i], err = number(name, []int64{0, 1 << 60, usualLines, 0}[i]); err != nil {
			return nil, err
		}
	}
	all, err := s.options.Search(asked.Get("query"))
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(all, func(e Entry) bool { return e.Time.Unix() < values[0] || e.Time.Unix() >= values[1] })
	if asked.Get("reverse") == "true" {
		slices.Reverse(all)
	}
	first := min(int(values[3]), len(all))
	return all[first:min(first+min(int(values[2]), mostLines), len(all))], nil
}

// check checks the signature ("Request signatures" of the service); a code refuses it.
func (s *Service) check(r *http.Request) string {
	signature, _ := strings.CutPrefix(r.Header.Get("Authorization"), Scheme)
	id, given, _ := strings.Cut(signature, ":")
	secret, _, known := s.options.Keys.Lookup(id)
	sent, err := time.Parse(http.TimeFormat, r.Header.Get("Date"))
	switch {
	case !known:
		return "Unauthorized"
	case err != nil || time.Since(sent).Abs() > 15*time.Minute:
		return "RequestTimeExpired"
	case !hmac.Equal([]byte(given), []byte(signatureOf(secret, r))):
		return "SignatureNotMatch"
	}
	return ""
}

func signatureOf(secret string, r *http.Request) string {
	var own []string
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-log-") || strings.HasPrefix(name, "x-acs-") {
			own = append(own, name+":"+r.Header.Get(name))
		}
	}
	slices.Sort(own)
	resource := r.URL.Path
	var parameters []string
	for name, values := range r.URL.Query() {
		parameters = append(parameters, name+"="+values[0])
	}
	if slices.Sort(parameters); len(parameters) > 0 {
		resource += "?" + strings.Join(parameters, "&")
	}
	hash := map[string]func() hash.Hash{"hmac-sha256": sha256.New}[r.Header.Get("x-log-signaturemethod")]
	if hash == nil {
		hash = sha1.New
	}
	mac := hmac.New(hash, []byte(secret))
	mac.Write([]byte(strings.Join([]string{
		r.Method, r.Header.Get("Content-MD5"), r.Header.Get("Content-Type"), r.Header.Get("Date"),
		strings.Join(own, "\n"), resource,
	}, "\n")))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// WriteError answers with an error in the service's own form.
func (s *Service) WriteError(w http.ResponseWriter, _ *http.Request, status int, code string) {
	s.refuse(w, status, code, code)
}

func (s *Service) refuse(w http.ResponseWriter, status int, code, message string) {
	s.write(w, status, map[string]string{"errorCode": code, "errorMessage": message})
}

// write ignores that a client may be gone: there is nobody to tell.
func (s *Service) write(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-log-requestid", fmt.Sprintf("%024X", s.requests.Add(1)))
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}
