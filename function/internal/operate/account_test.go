package operate_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"vpn-attach/function/internal/operate"
)

// account stands in for an account behind the aliyun CLI: what ROS, Function Compute and the others say. The function
// itself is that of a local cloud where there is one.
type account struct {
	t        *testing.T
	calls    []string // that change something, in short
	refuses  map[string]string
	bucket   string // its owner; "" is none
	stack    string // its status; "" is none
	given    map[string]string
	template string
	versions []string // their sources
	live     string
	triggers map[string]bool // started, by name
	broken   map[string]bool // versions that end with an error
	disabled map[string]bool // rules
	ringing  []string        // alarms
	local    operate.Console
	named    map[string]string // connections, by their ids
	groups   map[string]string // mail addresses, by the names of contact groups
	reserved int               // instances
}

func newAccount(t *testing.T) *account {
	return &account{t: t, given: map[string]string{}, triggers: map[string]bool{}, refuses: map[string]string{},
		broken: map[string]bool{}, disabled: map[string]bool{}, reserved: 2,
		groups: map[string]string{"vpn-attach-cn-hangzhou": "ops@example.com"}}
}

// operator is one with this account as the console.
func (a *account) operator() operate.Operator {
	return operate.Operator{
		Console: a, Region: "cn-hangzhou", Stack: "vpn-attach", Folder: "../../..", Prefix: "vpn-attach",
		Settle: operate.Patience{Looks: 3}, Keys: operate.LocalKeys,
		Make: func(context.Context) (operate.Package, error) {
			return built("sha-new"), nil
		},
	}
}

// built is code as the account would have it.
func built(sha string) operate.Package {
	return operate.Package{SHA256: sha, CRC64: "crc of vpn-attach/" + sha + ".zip", File: "vpn-attach.zip"}
}

// changes are the calls so far that change something, and are forgotten then.
func (a *account) changes() string {
	made := strings.Join(slices.Compact(a.calls), ", ")
	a.calls = nil
	return made
}

// flag is the value of a flag of a call.
func flag(c operate.Call, name string) string {
	if i := slices.Index(c.Flags, name); i >= 0 && i+1 < len(c.Flags) {
		return c.Flags[i+1]
	}
	return ""
}

func (a *account) Call(ctx context.Context, c operate.Call) ([]byte, error) {
	name := c.Service + " " + c.Action
	if code := a.refuses[name]; code != "" {
		return nil, &operate.CallError{Call: c, Code: code, Message: code}
	}
	if !strings.HasPrefix(name, "ros Get") && !strings.HasPrefix(name, "ros List") &&
		!slices.Contains([]string{"fc GET", "oss stat", "sts GetCallerIdentity", "sls GetLogs", "eventbridge GetRule",
			"cms DescribeMetricRuleList", "cms DescribeContactListByContactGroup", "fc POST",
			"vpc DescribeVpnConnections"}, name) {
		if !strings.Contains(c.Path, "/aliases") {
			a.calls = append(a.calls, name)
		}
	}
	switch c.Service {
	case "sts":
		return a.says(map[string]any{"AccountId": "1234567890123456"})
	case "oss":
		return a.oss(c)
	case "ros":
		return a.ros(c)
	case "fc":
		return a.fc(ctx, c)
	case "eventbridge":
		return a.eventbridge(c)
	case "cms":
		if c.Action == "DescribeContactListByContactGroup" {
			return a.contacts(c)
		}
		return a.alarms()
	case "vpc":
		return a.connections(c)
	case "sls":
		return a.log(ctx)
	}
	return a.says(map[string]any{})
}

func (a *account) says(answer any) ([]byte, error) {
	text, err := json.Marshal(answer)
	if err != nil {
		a.t.Fatal(err)
	}
	return text, nil
}

func refuse(c operate.Call, code string) ([]byte, error) {
	return nil, &operate.CallError{Call: c, Code: code, Message: code}
}

func (a *account) oss(c operate.Call) ([]byte, error) {
	switch {
	case c.Action == "mb" && a.bucket != "":
		return refuse(c, "BucketAlreadyExists")
	case c.Action == "mb":
		a.bucket = "1234567890123456"
	case c.Action == "stat":
		return []byte("Name   : code\nOwner  : " + a.bucket + "\n"), nil
	}
	return nil, nil
}

func (a *account) ros(c operate.Call) ([]byte, error) {
	switch c.Action {
	case "ListStacks":
		stacks := []any{}
		if a.stack != "" {
			stacks = append(stacks, map[string]any{"StackId": "stack-1", "StackName": "vpn-attach"})
		}
		return a.says(map[string]any{"Stacks": stacks})
	case "GetStack":
		var parameters []any
		for _, name := range slices.Sorted(maps.Keys(a.given)) {
			parameters = append(parameters, map[string]string{"ParameterKey": name, "ParameterValue": a.given[name]})
		}
		return a.says(map[string]any{"Status": a.stack, "Parameters": parameters})
	case "GetTemplate":
		return a.says(map[string]string{"TemplateBody": a.template})
	case "ListStackEvents":
		return a.says(map[string]any{"Events": []any{map[string]string{
			"LogicalResourceId": "Function", "Status": "CREATE_FAILED", "StatusReason": "the quota is used up"}}})
	case "CreateStack", "UpdateStack":
		return a.change(c)
	}
	return a.says(map[string]any{})
}

// change makes or updates the stack.
func (a *account) change(c operate.Call) ([]byte, error) {
	if a.stack == "" {
		a.stack = "CREATE_COMPLETE"
	}
	if code := a.refuses["stack"]; code != "" {
		a.stack = code
	}
	a.template = flag(c, "--TemplateBody")
	for i := 1; flag(c, "--Parameters."+strconv.Itoa(i)+".ParameterKey") != ""; i++ {
		name := flag(c, "--Parameters."+strconv.Itoa(i)+".ParameterKey")
		a.given[name] = flag(c, "--Parameters."+strconv.Itoa(i)+".ParameterValue")
	}
	if a.given["Qualifier"] == "live" {
		for _, trigger := range []string{"queue", "sweep"} {
			a.triggers[trigger] = a.given["Started"] == "true"
		}
	}
	return a.says(map[string]string{"StackId": "stack-1"})
}

func (a *account) eventbridge(c operate.Call) ([]byte, error) {
	name := flag(c, "--RuleName")
	if c.Action != "GetRule" {
		delete(a.disabled, name)
		return a.says(map[string]any{"Success": true})
	}
	status := "ENABLE"
	if a.disabled[name] {
		status = "DISABLE"
	}
	return a.says(map[string]any{"Success": true, "Data": map[string]string{
		"Status": status, "FilterPattern": "TagResources CreateVpnAttachment"}})
}

// log gives what the local cloud has of its function's log. It looks for nothing: the caller chooses.
func (a *account) log(ctx context.Context) ([]byte, error) {
	if a.local == nil {
		return a.says([]any{})
	}
	return a.local.Call(ctx, operate.Call{Service: "fc", Action: "GET", Path: "/2023-03-30/functions/vpn-attach/logs"})
}

func (a *account) contacts(c operate.Call) ([]byte, error) {
	mail, known := a.groups[flag(c, "--ContactGroupName")]
	if !known {
		return refuse(c, "404")
	}
	return a.says(map[string]any{"Success": true, "Contacts": map[string]any{"Contact": []any{
		map[string]any{"Name": "ops", "Channels": map[string]string{"Mail": mail}}}}})
}

func (a *account) connections(c operate.Call) ([]byte, error) {
	found := []any{}
	for id, name := range a.named {
		if asked := flag(c, "--VpnConnectionId"); asked == "" || asked == id {
			found = append(found, map[string]string{"VpnConnectionId": id, "Name": name, "Spec": "canary"})
		}
	}
	return a.says(map[string]any{"VpnConnections": map[string]any{"VpnConnection": found}})
}

func (a *account) alarms() ([]byte, error) {
	ringing := []any{}
	for _, name := range a.ringing {
		ringing = append(ringing, map[string]string{"RuleName": name, "AlertState": "ALARM"})
	}
	return a.says(map[string]any{"Alarms": map[string]any{"Alarm": ringing}})
}

func (a *account) fc(ctx context.Context, c operate.Call) ([]byte, error) {
	below := strings.TrimPrefix(c.Path, "/2023-03-30/functions/vpn-attach")
	switch {
	case a.given["CodeObject"] == "":
		return refuse(c, "FunctionNotFound")
	case strings.HasPrefix(below, "/aliases"):
		return a.alias(c)
	case below == "/concurrency":
		return a.says(map[string]int{"reservedConcurrency": a.reserved})
	case below == "/versions":
		return a.published(c)
	case strings.HasPrefix(below, "/triggers"):
		return a.trigger(c, strings.TrimPrefix(below, "/triggers/"))
	case below == "/invocations" && a.broken[a.live]:
		return a.says(map[string]string{"errorType": "Crashed", "errorMessage": "exit status 2"})
	case below == "/invocations" && a.local != nil:
		return a.local.Call(ctx, c)
	case below == "/invocations":
		return a.says(map[string]any{"sweeps": []any{map[string]any{"data": map[string]int{"connections": 7}}}})
	}
	return a.describe(ctx, c)
}

func (a *account) describe(ctx context.Context, c operate.Call) ([]byte, error) {
	about := map[string]any{"functionArn": "acs:fc:cn-hangzhou:1234567890123456:functions/vpn-attach"}
	if a.local != nil {
		text, err := a.local.Call(ctx, operate.Call{Service: "fc", Action: "GET", Path: c.Path})
		if err != nil || json.Unmarshal(text, &about) != nil {
			a.t.Fatal("the local cloud does not describe its function")
		}
	} else {
		about["environmentVariables"] = map[string]string{"FOLLOW_UP_KEY": a.given["FollowUpKey"], "SWEEP": "report"}
	}
	about["codeChecksum"] = "crc of " + a.given["CodeObject"]
	if flag(c, "--qualifier") == "live" {
		if a.live == "" {
			return refuse(c, "AliasNotFound")
		}
		about["codeChecksum"] = "crc of vpn-attach/" + a.versions[a.at(a.live)] + ".zip"
	}
	return a.says(about)
}

func (a *account) at(version string) int {
	n, err := strconv.Atoi(version)
	if err != nil {
		a.t.Fatal(err)
	}
	return n - 1
}

func (a *account) alias(c operate.Call) ([]byte, error) {
	if c.Action == "GET" || c.Action == "PUT" {
		if a.live == "" {
			return refuse(c, "AliasNotFound")
		}
	}
	if c.Action != "GET" {
		var asked struct{ VersionId string }
		if err := json.Unmarshal([]byte(c.Body), &asked); err != nil {
			a.t.Fatal(err)
		}
		a.live = asked.VersionId
		a.calls = append(a.calls, "alias "+a.live)
	}
	return a.says(map[string]string{"aliasName": "live", "versionId": a.live})
}

func (a *account) published(c operate.Call) ([]byte, error) {
	if c.Action == "POST" {
		var asked struct{ Description string }
		if err := json.Unmarshal([]byte(c.Body), &asked); err != nil {
			a.t.Fatal(err)
		}
		a.versions = append(a.versions, asked.Description)
		a.calls = append(a.calls, "publish")
		return a.says(map[string]string{"versionId": strconv.Itoa(len(a.versions))})
	}
	var all []any
	for i, source := range a.versions {
		all = append(all, map[string]string{"versionId": strconv.Itoa(i + 1), "description": source,
			"createdTime": fmt.Sprintf("2026-11-%02dT08:00:00Z", i+1)})
	}
	return a.says(map[string]any{"versions": all})
}

func (a *account) trigger(c operate.Call, name string) ([]byte, error) {
	field := func(name string) string {
		return map[string]string{"queue": "triggerEnable", "sweep": "enable"}[name]
	}
	if c.Action == "PUT" {
		var asked struct{ TriggerConfig string }
		var config map[string]any
		if json.Unmarshal([]byte(c.Body), &asked) != nil ||
			json.Unmarshal([]byte(asked.TriggerConfig), &config) != nil || config["keep"] != "me" {
			a.t.Fatalf("trigger %s is changed to %s", name, c.Body)
		}
		a.triggers[name], _ = config[field(name)].(bool)
		return a.says(map[string]string{})
	}
	all := []any{}
	for _, name := range slices.Sorted(maps.Keys(a.triggers)) {
		kind := map[string]string{"queue": "eventbridge", "sweep": "timer"}[name]
		config, _ := json.Marshal(map[string]any{field(name): a.triggers[name], "keep": "me"})
		all = append(all, map[string]string{"triggerName": name, "triggerType": kind, "triggerConfig": string(config),
			"qualifier": "live"})
	}
	return a.says(map[string]any{"triggers": all})
}
