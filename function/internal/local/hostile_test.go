package local

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"

	"vpn-attach/function/internal/event"
)

// hostileCloud is where payloads of strangers are handled: the only router of which our connections have the consent is
// tr-core, and vco-honest0 and vco-honest1 are named by honest events alone.
const hostileCloud = `
attachSeconds: 5
detachSeconds: 5
transitRouters:
  - {id: tr-core, cen: cen-core, name: core, cidrs: [10.255.0.0/24], tags: {"vpn-attach:accept": any}}
  - {id: tr-closed, cen: cen-closed, name: closed, cidrs: [10.253.0.0/24], tags: {"vpn-attach:label": closed}}
  - {id: tr-other, cen: cen-other, name: other, cidrs: [10.252.0.0/24], tags: {"vpn-attach:accept": "9999999999999999"}}
vpnConnections:
  - {id: vco-honest#, name: honest-#, psk: canary-psk, tags: {"vpn-attach:transit-router": tr-core}, count: 2}
  - {id: vco-one, name: site-one, psk: canary-psk, tags: {"vpn-attach:transit-router": tr-core}}
  - {id: vco-site#, name: site-#, psk: canary-psk, tags: {"vpn-attach:transit-router": tr-core}, count: 5}
  - {id: vco-closed, name: closed, psk: canary-psk, tags: {"vpn-attach:transit-router": tr-closed}}
  - {id: vco-other, name: other, psk: canary-psk, tags: {"vpn-attach:transit-router": tr-other}}
  - {id: vco-none, name: none, psk: canary-psk, tags: {"vpn-attach:transit-router": none}}
  - {id: vco-forced, name: forced, psk: canary-psk, tags: {"vpn-attach:transit-router": tr-core},
     transitRouter: tr-core, attachmentTags: {"vpn-attach:vpn-connection": vco-forced}}
members: [{account: "6543210987654321", role: vpn-attach-reader, externalId: vpn-attach}]
function:
  environment:
    ALLOWED_ACCOUNTS: "1234567890123456,6543210987654321"
    FOLLOW_UP_KEY: the-key-of-the-fuzzer-must-never-be-seen
    RETRY_HORIZON: 20m
    CONFIRM_TIMEOUT: 10m
    SWEEP: attach
    SWEEP_MAX: "3"
`

// corpus are the messages of all wire files and cases, as they are written.
var corpus = sync.OnceValue(func() (all [][]byte) {
	cases, err := AllCases()
	if err != nil {
		panic(err)
	}
	for _, one := range cases {
		for _, sent := range one.sent() {
			text, err := sent.Make(one.events)
			if err == nil && len(text) < 20_000 && !bytes.Contains(text, []byte("vco-honest")) {
				all = append(all, text)
			}
		}
	}
	return all
})

// stranger writes payloads as somebody would who means harm, and knows everything but the key of the function. What
// it writes depends on its seed alone.
type stranger struct {
	*rand.Rand
	sign func([]byte) ([]byte, error)

	detaches bool // it wrote a detach in a message that counts: one that is signed, or direct
}

func pick[T any](s *stranger, all ...T) T { return all[s.IntN(len(all))] }

// payload is a batch of honest events among others, as the trigger hands it over or a direct caller sends it.
func (s *stranger) payload(raw []byte, honest ...string) []byte {
	elements := make([][]byte, 0, 8)
	isDirect, isRaw := s.IntN(3) == 0, s.IntN(3) == 0
	for i, id := range honest {
		elements = append(elements, s.deliver(fmt.Sprint("h-", i), []byte(honestRecord(id)), isRaw))
	}
	for i := range 1 + s.IntN(6) {
		message := s.message()
		if i == 0 && len(raw) > 0 {
			message = raw
		}
		if !isDirect || !json.Valid(message) {
			message = s.deliver(fmt.Sprint("m-", i), message, isRaw)
		} else if bytes.Contains(bytes.ToLower(message), []byte("detach")) {
			s.detaches = true
		}
		elements = append(elements, message)
	}
	s.Shuffle(len(elements), func(i, j int) { elements[i], elements[j] = elements[j], elements[i] })
	return slices.Concat([]byte("["), bytes.Join(elements, []byte(",")), []byte("]"))
}

func honestRecord(id string) string {
	return fmt.Sprintf(`{"id":"ce-%[1]s","source":"acs.vpc","specversion":"1.0","type":"vpc:ActionTrail:ApiCall",`+
		`"data":{"eventId":"e-%[1]s","eventName":"CreateVpnAttachment","acsRegion":"cn-hangzhou",`+
		`"recipientAccountId":"1234567890123456","requestParameters":{"IkeConfig":"{\"Psk\":\"%[2]s\"}"},`+
		`"responseElements":{"VpnConnectionId":"%[1]s"}}}`, id, canaryOfTheEvent)
}

// deliver wraps a message as the queue trigger does.
func (s *stranger) deliver(id string, message []byte, isRaw bool) []byte {
	body, _ := json.Marshal(string(message)) // a text always encodes
	if json.Valid(message) && s.IntN(5) == 0 {
		body = message // IsBase64Decode and other settings have it as an object
	}
	data := fmt.Sprintf(`{"requestId":%q,"messageId":%[1]q,"messageBody":%[2]s}`, id, body)
	if isRaw {
		return []byte(data)
	}
	return []byte(fmt.Sprintf(`{"id":%q,"source":"q","specversion":"1.0","type":"mns:Queue:SendMessage",`+
		`"aliyunaccountid":"1234567890123456","data":%s}`, id, data))
}

// message is one of the corpus or a new one, changed in a few ways, sometimes signed, sometimes wrapped.
func (s *stranger) message() []byte {
	text := pick(s, corpus()...)
	if s.IntN(3) == 0 {
		text = s.own()
	}
	for range s.IntN(4) {
		text = s.changed(text)
	}
	if s.IntN(4) == 0 {
		text = s.signed(text)
	}
	switch s.IntN(12) {
	case 0:
		text = []byte(base64.StdEncoding.EncodeToString(text))
	case 1:
		text = slices.Concat([]byte("["), text, []byte(","), s.own(), []byte("]"))
	case 2:
		text = s.deliver("inner", text, s.IntN(2) == 0)
	case 3:
		text = s.scratched(text)
	}
	return text
}

// own is a message of the function's own types, with data of any of them.
func (s *stranger) own() []byte {
	kind := pick(s, event.TypeRequest, event.TypeRetry, event.TypeConfirm, event.TypeReport, event.TypeSweeping,
		event.TypeDeadLetter, event.TypeWaiting, "vpn-attach.retry.v2", "vpn-attach.x", "vpn-attach.outcome.v1")
	data := pick(s,
		`{"event":{"id":"f-1"},"vpnConnectionId":"vco-one","attempt":1}`,
		`{"event":{"id":"f-2"},"vpnConnectionId":"vco-closed","following":{"since":"2026-11-23T03:00:00Z","looks":1}}`,
		`{"event":{"id":"f-3"},"vpnConnectionId":"vco-forced","detach":true,"force":true,"swept":true}`,
		`{"id":"s-1","regions":[],"progress":{"place":0,"parts":1,"counts":{"queued":1}}}`,
		`{"vpnConnectionId":"vco-one","transitRouterId":"tr-closed"}`,
		`{"vpnConnectionId":"vco-one","transitRouterId":"tr-other","dryRun":true}`,
		`{"detach":{"vpnConnectionId":"vco-forced","force":true,"dryRun":false}}`, `{"sweep":{}}`,
		`{"id":"`+strings.Repeat("0", 64)+`","type":"vpn-attach.outcome.v1","data":{"status":"attached"}}`,
		`{"firstSeen":"2026-11-23T03:00:00Z","rounds":1,"message":{"type":"vpn-attach.x","data":{}}}`)
	const whole = `{"specversion":"1.0","id":"o-%d","source":"s","type":%q,"data":%s}`
	return fmt.Appendf(nil, whole, s.IntN(9), kind, data)
}

// signed is a message as if the function had queued it. A stranger cannot do this: it stands for what another version
// of the function may have queued, or this one when it was configured otherwise.
func (s *stranger) signed(text []byte) []byte {
	whole, err := s.sign(text)
	if err != nil {
		return text // it is no object
	}
	s.detaches = s.detaches || bytes.Contains(bytes.ToLower(text), []byte("detach"))
	return whole
}

// changed is a message of which one value, somewhere, is another one, is gone, or is there twice.
func (s *stranger) changed(text []byte) []byte {
	var whole any
	if json.Unmarshal(text, &whole) != nil {
		return s.scratched(text)
	}
	count := 0
	walk(whole, func(any) any { count++; return nil })
	chosen, n := s.IntN(count+1), 0
	whole = walk(whole, func(value any) any {
		if n++; n-1 != chosen {
			return nil
		}
		return pick[any](s, -1, 1e99, 0.5, 9007199254740993, true, false, "", "\u0000\u202e", "vco-one", "tr-closed",
			"vco-forced", strings.Repeat("<", 3000), "6543210987654321", "9000-01-01T00:00:00Z", []any{},
			map[string]any{}, []any{value, value}, map[string]any{"detach": value}, "vpn-attach.sweeping.v1",
			map[string]any{"vpnConnectionId": "vco-one", "dryRun": value}, "cn-hangzhou.evil.example/")
	})
	text, _ = json.Marshal(whole) // what was decoded encodes
	if fields, isObject := whole.(map[string]any); isObject && len(fields) > 0 && s.IntN(4) == 0 {
		name := pick(s, sortedKeys(fields)...)
		again := fmt.Sprintf(`{%q:%s,`, pick(s, name, strings.ToUpper(name)), pick(s, "null", "true", "{}", `"x"`))
		text = append([]byte(again), text[1:]...)
	}
	return text
}

func sortedKeys(fields map[string]any) (names []string) {
	for name := range fields {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// walk visits every value, in order, and puts what visit gives in its place; nil leaves it.
func walk(value any, visit func(any) any) any {
	if other := visit(value); other != nil {
		return other
	}
	switch value := value.(type) {
	case map[string]any:
		for _, name := range sortedKeys(value) {
			value[name] = walk(value[name], visit)
		}
	case []any:
		for i := range value {
			value[i] = walk(value[i], visit)
		}
	}
	return value
}

// scratched is a text of which some bytes are others.
func (s *stranger) scratched(text []byte) []byte {
	text = slices.Clone(text)
	for range 1 + s.IntN(4) {
		if at := s.IntN(len(text) + 1); at < len(text) {
			text[at] = pick(s, byte(s.IntN(256)), '"', '{', '}', '[', ']', ',', ':', '\\', 0, 0xff)
		}
	}
	return text
}

func TestAStrangerRepeatsItself(t *testing.T) {
	write := func(seed uint64) string {
		s := &stranger{Rand: rand.New(rand.NewPCG(seed, 0)), sign: event.NewSigner(hostileKey, "").Sign}
		return string(s.payload(nil, "vco-honest0"))
	}
	if once, again := write(7), write(7); once != again || once == write(8) {
		t.Error("a payload is not decided by its seed alone")
	}
}
