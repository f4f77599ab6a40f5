package fc

import (
	"fmt"
	"net/http"
	"strings"

	"vpn-attach/function/internal/standin/ram"
	"vpn-attach/function/internal/standin/sign"
)

// version is that of the API.
const version = "2023-03-30"

// InvokeFunction is the operation of an invocation.
const InvokeFunction = "InvokeFunction"

// Operation names a call of the API, or is "" for one that the API does not have.
func (a *InvokeAPI) Operation(method, path string) string { return a.request(method, path).Operation }

// request is a call of the API as far as permissions go. A call that the API does not have needs no permission: examine
// refuses it.
func (a *InvokeAPI) request(method, path string) ram.Request {
	f := a.Runtime.options.Function
	name, operation, _ := strings.Cut(strings.TrimPrefix(path, InvokePath), "/")
	collection, one, _ := strings.Cut(operation, "/")
	if one != "" {
		operation = collection + "/*"
	}
	r := ram.Request{
		API: version, Account: f.Account, Region: f.Region,
		Get: func(what string) string { return map[string]string{"function": name, collection: one}[what] },
		Operation: map[string]string{
			"POST invocations": InvokeFunction,
			"GET ":             "GetFunction",
			"GET aliases/*":    "GetAlias",
			"GET concurrency":  "GetConcurrencyConfig",
			"GET versions":     "ListFunctionVersions",
			"GET triggers":     "ListTriggers",
			"GET instances":    "ListInstances",
			"GET logs":         "GetLogStoreLogs",
			"PUT ":             "UpdateFunction",
			"POST versions":    "PublishFunctionVersion",
			"POST aliases":     "CreateAlias",
			"PUT aliases/*":    "UpdateAlias",
			"PUT triggers/*":   "UpdateTrigger",
		}[method+" "+operation],
	}
	if r.Operation == "GetLogStoreLogs" {
		r.API = "log"
	}
	return r
}

// Invoking is a call of InvokeFunction as far as permissions go.
func (a *InvokeAPI) Invoking() ram.Request {
	return a.request(http.MethodPost, InvokePath+a.Runtime.options.Function.Name+"/invocations")
}

// notAllowed refuses a call that the policies of its key do not allow; nil when they do.
func (a *InvokeAPI) notAllowed(accessKeyID string, r *http.Request) *sign.Refusal {
	if a.Allow == nil {
		return nil
	}
	denied := a.Allow(accessKeyID, a.request(r.Method, r.URL.Path))
	if denied == nil {
		return nil
	}
	text := fmt.Sprintf("the caller is not authorized to perform '%s' on resource '%s': %s.",
		denied.Action, denied.Resource, denied.Why)
	return &sign.Refusal{Status: http.StatusForbidden, Code: "AccessDenied", Message: text}
}
