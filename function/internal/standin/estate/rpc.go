package estate

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"

	"vpn-attach/function/internal/standin/ram"
	"vpn-attach/function/internal/standin/sign"
)

// The versions of the two APIs.
const (
	versionCBN = "2017-09-12"
	versionVPC = "2016-04-28"
)

// maxBody is far above what any of the operations needs.
const maxBody = 1 << 20

// reply is the JSON object of a success; the request id is added to it.
type reply map[string]any

// operation answers a call while the lock is held. A code that is not empty is the error to answer instead of the
// reply.
type operation func(*Estate, call) (answer reply, code string)

// operations has every operation by "version action".
func operations() map[string]operation {
	return map[string]operation{
		versionVPC + " DescribeVpnConnection":            (*Estate).describeVPNConnection,
		versionVPC + " DescribeVpnConnections":           (*Estate).describeVPNConnections,
		versionVPC + " DiagnoseVpnConnections":           (*Estate).diagnose,
		versionVPC + " CreateVpnAttachment":              (*Estate).createVPNAttachment,
		versionVPC + " DeleteVpnAttachment":              (*Estate).deleteVPNAttachment,
		versionVPC + " ModifyVpnAttachmentAttribute":     (*Estate).modifyVPNAttachment,
		versionVPC + " DescribeVpnAttachments":           (*Estate).describeVPNAttachments,
		versionVPC + " TagResources":                     (*Estate).tagResources,
		versionVPC + " UnTagResources":                   (*Estate).untagResources,
		versionVPC + " ListTagResources":                 (*Estate).listTags,
		versionCBN + " ListTagResources":                 (*Estate).listTags,
		versionCBN + " TagResources":                     (*Estate).tagResources,
		versionCBN + " UntagResources":                   (*Estate).untagResources,
		versionCBN + " DescribeGrantRulesToCen":          (*Estate).describeGrants,
		versionCBN + " GrantInstanceToTransitRouter":     (*Estate).grant,
		versionCBN + " RevokeInstanceFromTransitRouter":  (*Estate).revoke,
		versionCBN + " ListTransitRouters":               (*Estate).listTransitRouters,
		versionCBN + " ListTransitRouterRouteTables":     (*Estate).listRouteTables,
		versionCBN + " ListTransitRouterVpnAttachments":  (*Estate).listAttachments,
		versionCBN + " CreateTransitRouterVpnAttachment": (*Estate).createAttachment,
		versionCBN + " DeleteTransitRouterVpnAttachment": (*Estate).deleteAttachment,
		versionCBN + " CreateTransitRouterCidr":          (*Estate).createCIDR,

		versionCBN + " AssociateTransitRouterAttachmentWithRouteTable":  (*Estate).associate,
		versionCBN + " EnableTransitRouterRouteTablePropagation":        (*Estate).propagate,
		versionCBN + " DissociateTransitRouterAttachmentFromRouteTable": (*Estate).dissociate,
		versionCBN + " DisableTransitRouterRouteTablePropagation":       (*Estate).disable,
		versionCBN + " ReplaceTransitRouterRouteTableAssociation":       (*Estate).replace,
		versionCBN + " UpdateTransitRouterVpnAttachmentAttribute":       (*Estate).updateAttachment,
		versionVPC + " DescribeVpnCrossAccountAuthorizations":           (*Estate).describeAuthorizations,
		versionCBN + " ListTransitRouterRouteTableAssociations":         (*Estate).listAssociations,
		versionCBN + " ListTransitRouterRouteTablePropagations":         (*Estate).listPropagations,
		versionCBN + " DescribeCenAttachedChildInstances":               (*Estate).describeNetworks,
	}
}

// ServeHTTP answers RPC calls on "/": parameters in the query or in a form, signed in any of the forms of package sign.
func (e *Estate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	id := e.requestID()
	answer, refusal := e.answer(w, r, id)
	if refusal != nil {
		writeRefusal(w, r, id, refusal)
		return
	}
	answer["RequestId"] = id
	writeJSON(w, http.StatusOK, id, answer)
}

// answer checks a request, finds its operation and runs it.
func (e *Estate) answer(w http.ResponseWriter, r *http.Request, requestID string) (reply, *sign.Refusal) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		return nil, refuse(http.StatusRequestEntityTooLarge, "RequestBodyTooLarge")
	}
	r.Body = io.NopCloser(bytes.NewReader(body)) // the action and the version may be in it
	caller, refusal := e.signatures.Verify(r, body)
	if refusal != nil {
		return nil, refusal
	}
	action, version := sign.Operation(r)
	operate, ok := e.operations[version+" "+action]
	if !ok || r.URL.Path != "/" || r.Method != http.MethodPost && r.Method != http.MethodGet {
		return nil, refuse(http.StatusNotFound, "InvalidAction.NotFound")
	}
	parameters, err := parse(r, body)
	if err != nil {
		return nil, refuse(http.StatusBadRequest, codeInvalidParameter)
	}
	c := call{
		parameters: parameters, accessKeyID: caller, account: e.accountOf(caller), requestID: requestID,
		version: version,
		age:     e.age(r.Context()), empty: e.options.Empty != nil && e.options.Empty(r.Context()),
	}
	var answer reply
	e.locked(func() {
		if refusal = e.notAllowed(c, action); refusal == nil {
			var code string
			if answer, code = operate(e, c); code != "" {
				refusal = refuse(statusOf(action, code), code)
			}
		}
		if refusal != nil {
			e.trailRefusal(c, action, refusal)
		}
	})
	return answer, refusal
}

// notAllowed refuses a call that the policies of its key do not allow. CBN and VPC word that differently; which codes
// the services use now is assumed.
func (e *Estate) notAllowed(c call, action string) *sign.Refusal {
	if e.options.Allow == nil {
		return nil
	}
	denied := e.options.Allow(c.accessKeyID, ram.Request{
		API: c.version, Operation: action, Account: c.account,
		Region: cmp.Or(c.get("RegionId"), e.options.Region), Get: c.get,
	})
	if denied == nil {
		return nil
	}
	refusal := refuse(http.StatusForbidden, codeNoPermission)
	if c.version == versionVPC {
		refusal = refuse(http.StatusForbidden, codeForbidden)
	}
	refusal.Message += " " + denied.String()
	return refusal
}

// accountOf is the account for which a key acts.
func (e *Estate) accountOf(accessKeyID string) string {
	if e.options.AccountOf == nil {
		return e.options.Account
	}
	return cmp.Or(e.options.AccountOf(accessKeyID), e.options.Account)
}

// age is how old the state is that DescribeVpnConnection answers to this call.
func (e *Estate) age(ctx context.Context) time.Duration {
	if e.options.Stale == nil {
		return 0
	}
	age, _ := e.options.Stale(ctx)
	return e.scaled(age.Seconds())
}

// requestID is unique within the estate, in the form of the service's.
func (e *Estate) requestID() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.requests++
	return fmt.Sprintf("00000000-0000-5000-8000-%012X", e.requests)
}

// WriteError answers with an error in the service's own form, and with its message where the service is known to have
// one.
func (e *Estate) WriteError(w http.ResponseWriter, r *http.Request, status int, code string) {
	writeRefusal(w, r, e.requestID(), refuse(status, code))
}

func refuse(status int, code string) *sign.Refusal {
	return &sign.Refusal{Status: status, Code: code, Message: message(code)}
}

func writeRefusal(w http.ResponseWriter, r *http.Request, requestID string, refusal *sign.Refusal) {
	product := "Cbn"
	if _, version := sign.Operation(r); version == versionVPC {
		product = "Vpc"
	}
	recommend := url.Values{"q": {refusal.Code}, "product": {product}, "requestId": {requestID}}
	writeJSON(w, refusal.Status, requestID, map[string]string{
		"RequestId": requestID, "HostId": r.Host, "Code": refusal.Code, "Message": refusal.Message,
		"Recommend": "https://api.aliyun.com/troubleshoot?" + recommend.Encode(),
	})
}

// writeJSON ignores errors: the client may be gone.
func writeJSON(w http.ResponseWriter, status int, requestID string, body any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.Header().Set("x-acs-request-id", requestID)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
