package fc

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// describedFunction is the answer of API GetFunction, as far as it is known here.
type describedFunction struct {
	FunctionName         string            `json:"functionName"`
	FunctionID           string            `json:"functionId"`
	FunctionARN          string            `json:"functionArn"`
	Runtime              string            `json:"runtime"`
	Handler              string            `json:"handler"`
	MemorySize           int               `json:"memorySize"`
	Timeout              int               `json:"timeout"`
	InstanceConcurrency  int               `json:"instanceConcurrency"`
	EnvironmentVariables map[string]string `json:"environmentVariables"`
	CodeChecksum         string            `json:"codeChecksum"`
	CodeSize             int64             `json:"codeSize"`
	CreatedTime          string            `json:"createdTime"`
	LastModifiedTime     string            `json:"lastModifiedTime"`
	State                string            `json:"state"`
	LastUpdateStatus     string            `json:"lastUpdateStatus"`
	DisableOndemand      bool              `json:"disableOndemand"`
	InternetAccess       bool              `json:"internetAccess"`
}

// logLine is an entry of the function's log, with the fields that Function Compute writes to Simple Log Service.
type logLine struct {
	Time         string `json:"__time__"` // in seconds
	Source       string `json:"__source__"`
	FunctionName string `json:"functionName"`
	Qualifier    string `json:"qualifier"`
	VersionID    string `json:"versionId"`
	InstanceID   string `json:"instanceID"`
	RequestID    string `json:"requestId"`
	Message      string `json:"message"`
}

// describedAlias is the answer of API GetAlias.
type describedAlias struct {
	AliasName        string `json:"aliasName"`
	VersionID        string `json:"versionId"`
	Description      string `json:"description"`
	CreatedTime      string `json:"createdTime"`
	LastModifiedTime string `json:"lastModifiedTime"`
}

// read finds an operation that changes nothing by the part of the path after the function's name.
func (a *InvokeAPI) read(operation string) (answer func(*http.Request) any, found bool) {
	answer, found = map[string]func(*http.Request) any{
		"":                 func(*http.Request) any { return a.Runtime.describe() },
		"aliases/" + alias: func(*http.Request) any { return a.Runtime.describeAlias() },
		"concurrency":      func(*http.Request) any { return a.Runtime.describeConcurrency() },
		"triggers":         func(*http.Request) any { return a.describeTriggers() },
		"versions":         func(*http.Request) any { return a.Runtime.describeVersions() },
		"instances":        func(*http.Request) any { return a.Runtime.describeInstances() },
		"logs":             func(r *http.Request) any { return a.Runtime.log(r.URL.Query().Get("requestId")) },
	}[operation]
	return answer, found
}

// describe is the function as it is configured now.
func (rt *Runtime) describe() describedFunction {
	f, code := rt.options.Function, rt.options.Function.Code()
	rt.mu.Lock()
	defer rt.mu.Unlock()
	return describedFunction{
		FunctionName: f.Name, FunctionID: f.Name, Runtime: "go1", Handler: f.Handler,
		FunctionARN: "acs:fc:" + f.Region + ":" + f.Account + ":functions/" + f.Name,
		MemorySize:  f.MemoryMB, Timeout: int((f.Timeout + time.Second - 1) / time.Second), InstanceConcurrency: 1,
		EnvironmentVariables: rt.variables, CodeChecksum: code.Checksum, CodeSize: code.Size,
		CreatedTime: stamp(rt.made), LastModifiedTime: stamp(rt.configured), State: "Active",
		LastUpdateStatus: "Successful", InternetAccess: true,
	}
}

// describeAlias is the alias that points at the only version.
func (rt *Runtime) describeAlias() describedAlias {
	f := rt.describe()
	return describedAlias{
		AliasName: alias, VersionID: qualifier, CreatedTime: f.CreatedTime, LastModifiedTime: f.LastModifiedTime,
	}
}

// describedConcurrency is the answer of API GetConcurrencyConfig.
type describedConcurrency struct {
	FunctionARN         string `json:"functionArn"`
	ReservedConcurrency int    `json:"reservedConcurrency"`
}

func (rt *Runtime) describeConcurrency() describedConcurrency {
	return describedConcurrency{rt.describe().FunctionARN, cap(rt.slots)}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// describedInstance is an entry of API ListInstances.
type describedInstance struct {
	InstanceID string `json:"instanceId"`
	VersionID  string `json:"versionId"`
}

func (rt *Runtime) describeInstances() map[string][]describedInstance {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	running := []describedInstance{}
	for id := range rt.instances {
		running = append(running, describedInstance{InstanceID: id, VersionID: qualifier})
	}
	return map[string][]describedInstance{"instances": running}
}

// log is what the function wrote during the invocations that ended, the last 4 KB of each; of one when it is named.
func (rt *Runtime) log(requestID string) []logLine {
	written := []logLine{}
	for _, i := range rt.Invocations() {
		if requestID != "" && requestID != i.RequestID {
			continue
		}
		for text := range strings.Lines(string(i.Log)) {
			written = append(written, logLine{
				Time: strconv.FormatInt(i.Started.Unix(), 10), FunctionName: rt.options.Function.Name,
				Qualifier: qualifier, VersionID: qualifier, InstanceID: i.InstanceID, RequestID: i.RequestID,
				Message: strings.TrimSuffix(text, "\n"),
			})
		}
	}
	return written
}

// answerRead ignores that a caller may have hung up: there is nobody to tell.
func answerRead(w http.ResponseWriter, value any) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(value)
}
