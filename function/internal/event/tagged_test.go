package event

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestTheTagsThatACallPutsAreReadInEveryForm(t *testing.T) {
	env := func(value string) map[string]string { return map[string]string{"env": value} }
	router := map[string]string{"vpn-attach:transit-router": "tr-core"}
	many := fields{}
	for i := range maxTags + 5 {
		many[fmt.Sprintf("Tag.%d.Key", i)] = fmt.Sprint("key-", i)
	}
	cases := map[string]struct {
		parameters any
		want       map[string]string
	}{
		"beside each other": {fields{
			"Tag.1.Key": "env", "Tag.1.Value": "prod", "Tag.2.Key": "site", "Tag.2.Value": "hz",
		}, map[string]string{"env": "prod", "site": "hz"}},
		"of a creation":       {fields{"Tags.1.Key": "env", "Tags.1.Value": "prod"}, env("prod")},
		"as a list":           {fields{"Tag": []fields{{"Key": "env", "Value": "prod"}}}, env("prod")},
		"in an inner object":  {fields{"Tags": fields{"Tag": []fields{{"TagKey": "env", "TagValue": "x"}}}}, env("x")},
		"as one object":       {fields{"Tags": fields{"vpn-attach:transit-router": "tr-core"}}, router},
		"as JSON text":        {fields{"Tags": `{"vpn-attach:transit-router":"tr-core"}`}, router},
		"a list as JSON text": {fields{"Tag": `[{"Key":"vpn-attach:transit-router","Value":"tr-core"}]`}, router},
		"all as JSON text":    {`{"Tag.1.Key":"vpn-attach:transit-router","Tag.1.Value":"tr-core"}`, router},
		"without a value":     {fields{"Tag.1.Key": "env"}, env("")},
		"of another case":     {fields{"tag.1.key": "env", "tag.1.value": "prod"}, env("prod")},
		"taken away":          {fields{"TagKey.1": "env"}, nil},
		"a value alone":       {fields{"Tag.1.Value": "prod"}, nil},
		"that are none":       {fields{"Tag": 17, "Tags": []any{nil, "x", 2}}, nil},
		"not printable":       {fields{"Tag.1.Key": "env", "Tag.1.Value": "a\x1b"}, nil},
		"too long":            {fields{"Tag.1.Key": strings.Repeat("k", maxText+1)}, nil},
		"beside a secret": {fields{
			"IkeConfig": fields{"Psk": "canary-psk"}, "Psk.1.Key": "canary-psk", "Tag.1.Key": "env",
		}, env("")},
		"in the name of another parameter": {fields{"StageName.1.Key": "canary-psk"}, nil},
		"of no parameters":                 {nil, nil},
		"of a list":                        {[]string{"Tag"}, nil},
	}
	for name, c := range cases {
		raw, err := json.Marshal(c.parameters)
		if err != nil {
			t.Fatal(err)
		}
		if got := tagsPut(raw); !maps.Equal(got, c.want) || len(c.want) == 0 && got != nil {
			t.Errorf("%s: got %q", name, got)
		}
	}
	raw, _ := json.Marshal(many)
	if got := tagsPut(raw); len(got) != maxTags {
		t.Errorf("of %d tags %d are taken", len(many), len(got))
	}
}

func TestTagsInsideEachOtherWithoutEndAreLeft(t *testing.T) {
	deep := `{"Key":"env","Value":"prod"}`
	for range maxLayers + 1 {
		deep = "[" + deep + "]"
	}
	if got := tagsPut(json.RawMessage(`{"Tag":` + deep + `}`)); got != nil {
		t.Errorf("got %q", got)
	}
}

func TestATaggingCarriesItsTagsToEveryAttempt(t *testing.T) {
	e := one[Event](t, queued(created(fields{
		"eventName": "TagResources", "responseElements": nil, "referencedResources": nil,
		"requestParameters": fields{
			"ResourceId.1": "vco-a", "Tag.1.Key": "vpn-attach:transit-router", "Tag.1.Value": "tr-core",
		},
	})))
	if e.Tags["vpn-attach:transit-router"] != "tr-core" {
		t.Fatalf("got %q", e.Tags)
	}
	if again := e.again(); again.Tags != nil {
		t.Errorf("begun again it waits for %q", again.Tags)
	}
}
