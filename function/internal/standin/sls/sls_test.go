package sls

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/sign"
)

// logs has one logstore with an entry a second, from 100 to 299.
func logs() *Service {
	keys := &sign.Keyring{}
	keys.Add("key", "secret", "")
	return New(Options{
		Keys: keys,
		Has:  func(project, logstore string) bool { return project+"/"+logstore == "p/function" },
		Search: func(query string) (all []Entry, err error) {
			if query == "wrong" {
				return nil, errors.New("the query is not understood")
			}
			for second := int64(100); second < 300; second++ {
				all = append(all, Entry{time.Unix(second, 0), map[string]string{"message": "m"}})
			}
			return all, nil
		},
	})
}

// get signs and sends a request, which change changes before it is signed, and spoil after.
func get(s *Service, target string, change, spoil func(*http.Request)) (int, string) {
	r := httptest.NewRequest(http.MethodGet, target, nil)
	r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	r.Header.Set("x-log-apiversion", "0.6.0")
	if change != nil {
		change(r)
	}
	r.Header.Set("Authorization", Scheme+"key:"+signatureOf("secret", r))
	if spoil != nil {
		spoil(r)
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w.Code, w.Body.String()
}

func TestEntriesOfATimeComeInTheOrderThatIsAskedFor(t *testing.T) {
	for query, want := range map[string]string{
		"from=0&to=1000&line=2":              "100 101",
		"from=0&to=1000&line=2&reverse=true": "299 298",
		"from=150&to=152":                    "150 151",
		"from=150&to=160&line=2&offset=8":    "158 159",
		"from=150&to=160&line=2&offset=80":   "",
		"from=400&to=500":                    "",
	} {
		status, text := get(logs(), "http://p.cn-hangzhou.log.local.test/logstores/function?type=log&"+query, nil, nil)
		var entries []map[string]string
		if status != 200 || json.Unmarshal([]byte(text), &entries) != nil {
			t.Fatalf("%s: got %d %s", query, status, text)
		}
		var times []string
		for _, e := range entries {
			times = append(times, e["__time__"])
		}
		if got := strings.Join(times, " "); got != want {
			t.Errorf("%s: got %s, want %s", query, got, want)
		}
	}
	_, text := get(logs(), "http://p.x/logstores/function?type=log&from=0&to=1000&line=500", nil, nil)
	if n := strings.Count(text, "__time__"); n != mostLines {
		t.Errorf("%d entries came at once", n)
	}
}

func TestBothSignaturesAreTakenAndNothingElse(t *testing.T) {
	const target = "http://p.x/logstores/function?type=log&query=*"
	sha256 := func(r *http.Request) { r.Header.Set("x-log-signaturemethod", "hmac-sha256") }
	for name, c := range map[string]struct {
		target        string
		change, spoil func(*http.Request)
		status        int
		code          string
	}{
		"SHA-1":             {target, nil, nil, 200, ""},
		"SHA-256":           {target, sha256, nil, 200, ""},
		"another project":   {"http://q.x/logstores/function?type=log", nil, nil, 404, "LogStoreNotExist"},
		"another logstore":  {"http://p.x/logstores/other?type=log", nil, nil, 404, "LogStoreNotExist"},
		"another operation": {"http://p.x/logstores/function?type=histogram", nil, nil, 400, "ParameterInvalid"},
		"a wrong query":     {"http://p.x/logstores/function?type=log&query=wrong", nil, nil, 400, "ParameterInvalid"},
		"a line of words":   {target + "&line=all", nil, nil, 400, "ParameterInvalid"},
		"a query in between": {target, nil, func(r *http.Request) { r.URL.RawQuery += "&line=1" }, 401,
			"SignatureNotMatch"},
		"an old date": {target, func(r *http.Request) {
			r.Header.Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		}, nil, 401, "RequestTimeExpired"},
		"nobody": {target, nil, func(r *http.Request) { r.Header.Del("Authorization") }, 401, "Unauthorized"},
	} {
		t.Run(name, func(t *testing.T) {
			status, text := get(logs(), c.target, c.change, c.spoil)
			if status != c.status || !strings.Contains(text, c.code) {
				t.Errorf("got %d %s, want %d %s", status, text, c.status, c.code)
			}
		})
	}
}
