package fc

import (
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"vpn-attach/function/internal/standin/sign"
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
func (a *InvokeAPI) read(operation string) (answer func(*http.Request) (any, *sign.Refusal), found bool) {
	always := func(read func() any) func(*http.Request) (any, *sign.Refusal) {
		return func(*http.Request) (any, *sign.Refusal) { return read(), nil }
	}
	if name, isAlias := strings.CutPrefix(operation, "aliases/"); isAlias {
		return func(*http.Request) (any, *sign.Refusal) { return a.Runtime.describeAlias(name) }, true
	}
	answer, found = map[string]func(*http.Request) (any, *sign.Refusal){
		"": func(r *http.Request) (any, *sign.Refusal) {
			return a.Runtime.describe(r.URL.Query().Get("qualifier"))
		},
		"concurrency": always(a.Runtime.describeConcurrency),
		"triggers":    always(a.describeTriggers),
		"versions":    always(a.Runtime.describeVersions),
		"instances":   always(a.Runtime.describeInstances),
		"logs": func(r *http.Request) (any, *sign.Refusal) {
			return a.Runtime.log(r.URL.Query().Get("requestId")), nil
		},
	}[operation]
	return answer, found
}

// arn names the function.
func (rt *Runtime) arn() string {
	f := rt.options.Function
	return "acs:fc:" + f.Region + ":" + f.Account + ":functions/" + f.Name
}

// describe is the function as a qualifier means it.
func (rt *Runtime) describe(asked string) (any, *sign.Refusal) {
	of, refusal := rt.resolve(asked)
	if refusal != nil {
		return nil, refusal
	}
	f, code := of.function, of.function.Code()
	return describedFunction{
		FunctionName: f.Name, FunctionID: f.Name, Runtime: "go1", Handler: f.Handler,
		FunctionARN: rt.arn(),
		MemorySize:  f.MemoryMB, Timeout: int((f.Timeout + time.Second - 1) / time.Second), InstanceConcurrency: 1,
		EnvironmentVariables: f.Environment, CodeChecksum: code.Checksum, CodeSize: code.Size,
		CreatedTime: stamp(of.made), LastModifiedTime: stamp(of.changed), State: "Active",
		LastUpdateStatus: "Successful", InternetAccess: true,
	}, nil
}

func (rt *Runtime) describeAlias(name string) (any, *sign.Refusal) {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	p, known := rt.aliases[name]
	if !known {
		return nil, noAlias(name)
	}
	return describedAlias{
		AliasName: name, VersionID: p.version, CreatedTime: stamp(p.made), LastModifiedTime: stamp(p.changed),
	}, nil
}

// describedConcurrency is the answer of API GetConcurrencyConfig.
type describedConcurrency struct {
	FunctionARN         string `json:"functionArn"`
	ReservedConcurrency int    `json:"reservedConcurrency"`
}

func (rt *Runtime) describeConcurrency() any {
	return describedConcurrency{rt.arn(), cap(rt.slots)}
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

// describedInstance is an entry of API ListInstances.
type describedInstance struct {
	InstanceID string `json:"instanceId"`
	VersionID  string `json:"versionId"`
}

func (rt *Runtime) describeInstances() any {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	running := []describedInstance{}
	for id, inst := range rt.instances {
		running = append(running, describedInstance{InstanceID: id, VersionID: inst.release.id})
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
				Qualifier: i.Version, VersionID: i.Version, InstanceID: i.InstanceID, RequestID: i.RequestID,
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
