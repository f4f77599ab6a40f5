package event

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

func TestBlankLeavesNoKeyAndKeepsTheRest(t *testing.T) {
	const key = "canary-psk"
	whole := `{"id":"e-1","n":9007199254740993,"data":{"requestParameters":{"VpnId":"vco-1","IkeConfig":"{\"Psk\":\"` +
		key + `\"}"}}}`
	quoted, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	encoded := base64.StdEncoding.EncodeToString([]byte(whole))
	for name, test := range map[string]struct{ message, keeps string }{
		"an event of a creation": {whole, `"VpnId":"vco-1"`},
		"large numbers":          {whole, "9007199254740993"},
		"an event as text in another": {
			`{"messageBody":` + string(quoted) + `,"id":"m-1"}`, `\"VpnId\":\"vco-1\"`,
		},
		"a name that is there twice":    {`{"psk":"` + key + `","id":"e-1","psk":""}`, `"id":"e-1"`},
		"a password by another name":    {`[{"user":"u","pass-word":"` + key + `"}]`, `"user":"u"`},
		"an event in base64 in another": {`{"data":"` + encoded + `","id":"e-1"}`, `"id":"e-1"`},
		"an event in base64":            {encoded, Blanked},
		"a sentence that names one":     {"the secret is " + key, Blanked},
		"JSON that breaks off":          {whole[:len(whole)-3], Blanked},
		"a message without any": {
			`{"id":"e-1","vpnConnectionId":"vco-1"}`, `{"id":"e-1","vpnConnectionId":"vco-1"}`,
		},
		"plain words":                        {"hello, site one", "hello, site one"},
		"a word":                             {"hello", "hello"},
		"words in base64":                    {"aGVsbG8gdGhlcmU=", "aGVsbG8gdGhlcmU="},
		"nothing":                            {"", ""},
		"a notice of words":                  {noticeXML("hello"), "<Message>hello</Message>"},
		"a notice of a key":                  {noticeXML("the psk is " + key), Blanked},
		"a notice of an event":               {noticeXML(encoded), Blanked},
		"a word with entities":               {noticeXML("&amp;#112;sk " + key), Blanked},
		"markup":                             {"<b>" + key + "</b>", Blanked},
		"bytes that are no text":             {"\xff" + key, Blanked},
		"lists deeper than anybody looks at": {strings.Repeat("[", 20000) + key, Blanked},
	} {
		shown := Blank(test.message)
		if strings.Contains(shown, key) || !strings.Contains(shown, test.keeps) {
			t.Errorf("%s is shown as %.300s", name, shown)
		}
		decoded, err := base64.StdEncoding.DecodeString(shown)
		if err == nil && strings.Contains(string(decoded), key) {
			t.Errorf("%s is shown in base64", name)
		}
	}
}
