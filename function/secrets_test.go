package main_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"vpn-attach/function/internal/local"
)

// forms are the ways in which a secret could be written.
func forms(secret string) []string {
	once, _ := json.Marshal(secret)
	twice, _ := json.Marshal(string(once))
	var plain, escaped bytes.Buffer
	encoder := json.NewEncoder(&plain)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(secret)
	_ = xml.EscapeText(&escaped, []byte(secret))
	all := []string{secret, strings.Trim(string(once), `"`), strings.Trim(string(twice), `"\`),
		strings.Trim(plain.String(), "\"\n"), escaped.String(), url.QueryEscape(secret)}
	for shift := range 3 { // base64 of a longer text has the secret at any of three alignments
		text := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("x", shift) + secret))
		text = strings.TrimRight(text, "=")
		all = append(all, text[(shift*8+5)/6:len(text)-1])
	}
	return all
}

// find names the secrets of which any form is in the text.
func find(secrets []string, text string) (found []string) {
	for _, secret := range secrets {
		for _, form := range forms(secret) {
			if strings.Contains(text, form) {
				found = append(found, secret)
				break
			}
		}
	}
	return found
}

// TestNoSecretLeavesTheFunction takes the function through successes, refusals and
// answers that break, then looks for every secret in every byte that it wrote: its
// output, its answers to the platform, and its requests, but for the headers whose
// purpose is to carry a session token. The same search must find each secret in what
// the function was told, or it proves nothing.
func TestNoSecretLeavesTheFunction(t *testing.T) {
	t.Parallel()
	keys := []string{`psk-"one"<&>`, "psk-two-杭州", "psk/three+3=="}
	cloud := aRouterAnd(`
vpnConnections:
  - {id: vco-1, name: site-1, dualTunnel: true, tags: {"vpn-attach:transit-router": tr-core}, psk: 'psk-"one"<&>'}
  - {id: vco-2, name: site-2, tags: {"vpn-attach:transit-router": tr-core}, psk: psk-two-杭州}
  - {id: vco-4, transitRouter: tr-core, psk: 'psk-"one"<&>', tunnels: [{never: PskMismatch}]}
  - {id: vco-3, name: site-3, tags: {"vpn-attach:transit-router": tr-none}, psk: psk/three+3==}
function: {environment: {HEALTH: report}}
faults:
  - {action: DescribeVpnConnections, body: truncated}
  - {action: DiagnoseVpnConnections, body: truncated}
  - {action: DescribeVpnConnection, body: truncated}
  - {action: DescribeVpnConnection, body: html}
  - {action: CreateTransitRouterVpnAttachment, status: 400, code: Unauthorized}
  - {action: PublishMessage, status: 403, code: AccessDenied}
  - {action: PublishMessage, body: html}
  - {action: PublishMessage, drop: before}
`)
	inputs := []local.Input{
		queued(created("e-1", "vco-1")), queued(created("e-2", "vco-2")), queued(created("e-3", "vco-3")),
		queued(`{"broken": "psk-of-the-event`), queued("psk-of-the-event"),
		queued(base64.StdEncoding.EncodeToString([]byte("psk-of-the-event"))),
		queued(strings.Replace(created("e-4", "vco-1"), `"eventId":"e-4"`, `"eventId":"psk-of-the-event\n"`, 1)),
		queued(`{"vpnConnectionId":"vco-1","psk":"psk-of-the-event"}`),
		direct(`{"vpnConnectionId":"vco-2"}`), direct(`{"health":{"vpnConnectionId":"vco-4"}}`),
	}
	e := run(t, cloud, inputs...)
	var wrote, told strings.Builder
	for _, line := range e.output {
		wrote.WriteString(line + "\n")
	}
	for _, push := range e.pushes {
		fmt.Fprintf(&wrote, "%s %+v\n", push.Invocation.Response, push.Invocation.Failure)
	}
	sessions := map[string]bool{}
	for _, x := range e.exchanges {
		header := x.Header.Clone()
		for _, carrier := range []string{"X-Acs-Security-Token", "Security-Token"} {
			header.Del(carrier)
		}
		fmt.Fprintf(&wrote, "%s %v %s\n", x.URL, header, x.Body)
		told.Write(x.Response)
		sessions[x.AccessKeyID] = true
	}
	secrets := append(keys, "psk-of-the-event")
	for accessKeyID := range sessions {
		secret, token, found := e.cloud.Keys.Lookup(accessKeyID)
		if !found {
			t.Fatalf("a call with the unknown key %q", accessKeyID)
		}
		secrets = append(secrets, secret, token)
	}
	for _, input := range inputs {
		told.Write(input.Bytes)
	}
	fmt.Fprint(&told, e.handed)
	if len(sessions) < 2 {
		t.Fatalf("only %d sessions: the test wants several invocations", len(sessions))
	}
	if leaked := find(secrets, wrote.String()); len(leaked) > 0 {
		t.Errorf("the function wrote %q", leaked)
	}
	if seen := find(secrets, told.String()); len(seen) != len(secrets) {
		t.Errorf("the search found %d of %d secrets where all of them are: %q", len(seen), len(secrets), seen)
	}
}

func TestTheSearchKnowsEveryForm(t *testing.T) {
	t.Parallel()
	const secret = `k"<é>&/+=`
	quoted, _ := json.Marshal(secret)
	nested, _ := json.Marshal(`{"Psk":` + string(quoted) + `}`)
	for name, text := range map[string]string{
		"as it is":             "x" + secret + "y",
		"in JSON":              string(quoted),
		"in JSON inside JSON":  string(nested),
		"in a URL":             "a=" + url.QueryEscape(secret),
		"in base64":            base64.StdEncoding.EncodeToString([]byte(secret)),
		"in base64 of more":    base64.StdEncoding.EncodeToString([]byte("ab" + secret + "cd")),
		"in base64, shifted":   base64.StdEncoding.EncodeToString([]byte("a" + secret + "cd")),
		"in base64, unshifted": base64.StdEncoding.EncodeToString([]byte("abc" + secret + "cd")),
	} {
		if len(find([]string{secret}, text)) != 1 {
			t.Errorf("not found %s: %s", name, text)
		}
	}
	if len(find([]string{secret}, "nothing of it here")) != 0 {
		t.Error("found where it is not")
	}
}
