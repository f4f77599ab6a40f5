package eventbridge

import (
	"encoding/json"
	"strings"
	"testing"
)

// decode decodes JSON.
func decode(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

func TestWhatAPatternTakes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ pattern, event, want string }{
		"one of a list":                           {`{"a":["x","y"]}`, `{"a":"y"}`, "takes"},
		"none of a list":                          {`{"a":["x","y"]}`, `{"a":"z"}`, ""},
		"a part of a text":                        {`{"a":["x"]}`, `{"a":"xy"}`, ""},
		"every field of several":                  {`{"a":["x"],"b":["y"]}`, `{"a":"x","b":"y"}`, "takes"},
		"one field of several":                    {`{"a":["x"],"b":["y"]}`, `{"a":"x","b":"z"}`, ""},
		"a field that is not there":               {`{"a":["x"]}`, `{"b":"x"}`, ""},
		"more fields than the pattern":            {`{"a":["x"]}`, `{"a":"x","b":1}`, "takes"},
		"a field inside":                          {`{"d":{"e":["x"]}}`, `{"d":{"e":"x"}}`, "takes"},
		"a field inside that is not there":        {`{"d":{"e":["x"]}}`, `{"d":"x"}`, ""},
		"a list that has it":                      {`{"a":["x"]}`, `{"a":["w","x"]}`, "takes"},
		"a list that has not":                     {`{"a":["x"]}`, `{"a":["w"]}`, ""},
		"a number":                                {`{"a":[1]}`, `{"a":1.0}`, "takes"},
		"a number as a text":                      {`{"a":[1]}`, `{"a":"1"}`, ""},
		"an object where a text is asked for":     {`{"a":["x"]}`, `{"a":{"x":1}}`, ""},
		"null":                                    {`{"a":[null]}`, `{"a":null}`, "takes"},
		"nothing for null":                        {`{"a":[null]}`, `{}`, ""},
		"an empty text":                           {`{"a":[""]}`, `{"a":""}`, "takes"},
		"a beginning":                             {`{"a":[{"prefix":"acs."}]}`, `{"a":"acs.vpc"}`, "takes"},
		"another beginning":                       {`{"a":[{"prefix":"acs."}]}`, `{"a":"x.acs."}`, ""},
		"an end":                                  {`{"a":[{"suffix":".jpg"}]}`, `{"a":"b.jpg"}`, "takes"},
		"a number has no end":                     {`{"a":[{"suffix":"1"}]}`, `{"a":1}`, ""},
		"anything but a text":                     {`{"a":[{"anything-but":"x"}]}`, `{"a":"y"}`, "takes"},
		"that text":                               {`{"a":[{"anything-but":"x"}]}`, `{"a":"x"}`, ""},
		"anything but a list":                     {`{"a":[{"anything-but":["x","y"]}]}`, `{"a":"y"}`, ""},
		"anything but a beginning":                {`{"a":[{"anything-but":{"prefix":"x"}}]}`, `{"a":"xy"}`, ""},
		"anything is not nothing":                 {`{"a":[{"anything-but":"x"}]}`, `{}`, ""},
		"a field that must be there":              {`{"a":[{"exists":true}]}`, `{"a":null}`, "takes"},
		"a field that must not":                   {`{"a":[{"exists":false}]}`, `{"a":1}`, ""},
		"a field that must not, and is not":       {`{"d":{"a":[{"exists":false}]}}`, `{"d":{}}`, "takes"},
		"a value, or nothing":                     {`{"a":["",{"exists":false}]}`, `{}`, "takes"},
		"a number between":                        {`{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":5}`, "takes"},
		"a number outside":                        {`{"a":[{"numeric":[">",0,"<=",5]}]}`, `{"a":0}`, ""},
		"a number that is another":                {`{"a":[{"numeric":["!=",3]}]}`, `{"a":4}`, "takes"},
		"a number at least":                       {`{"a":[{"numeric":[">=",3]}]}`, `{"a":2}`, ""},
		"a text is no number":                     {`{"a":[{"numeric":["=",3]}]}`, `{"a":"3"}`, ""},
		"a pattern without fields":                {`{}`, `{"a":1}`, "takes"},
		"several conditions, of which one is met": {`{"a":[{"prefix":"x"},{"suffix":"y"}]}`, `{"a":"zy"}`, "takes"},
	} {
		t.Run(name, func(t *testing.T) {
			p, err := readPattern(decode(t, c.pattern))
			if err != nil {
				t.Fatal(err)
			}
			if got := p.takes(decode(t, c.event), true); got != (c.want == "takes") {
				t.Errorf("%s of %s: %t", c.pattern, c.event, got)
			}
		})
	}
}

func TestAPatternThatIsNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{"a":"x"}`:                         "x is no object",
		`{"a":[]}`:                          "nothing is taken",
		`{"a":[["x"]]}`:                     "a list inside a list",
		`{"a":[{"begins":"x"}]}`:            "begins is none of",
		`{"a":[{"prefix":1}]}`:              "1 is no text",
		`{"a":[{"prefix":"a","suffix":1}]}`: "not exactly one condition",
		`{"a":[{"exists":"yes"}]}`:          "neither true nor false",
		`{"a":[{"numeric":[">"]}]}`:         "no comparison",
		`{"a":[{"numeric":["~",1]}]}`:       "no comparison",
		`{"a":[{"numeric":3}]}`:             "no list of comparisons",
		`{"a":[{"anything-but":[]}]}`:       "nothing is taken",
	} {
		if _, err := readPattern(decode(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestWhatATransformationMakesOfAnEvent(t *testing.T) {
	t.Parallel()
	const event = `{"n":null,"data":{"a":"te\"xt","b":[0,{"c":"deep"}],"x:y":true}}`
	for name, c := range map[string]struct {
		param Param
		want  string
	}{
		"the event as it is":   {Param{Form: "ORIGINAL"}, event},
		"a constant":           {Param{Form: "CONSTANT", Value: "$.n"}, "$.n"},
		"a text":               {Param{Form: "JSONPATH", Value: "$.data.a"}, `te"xt`},
		"an element of a list": {Param{Form: "JSONPATH", Value: "$.data['b'][1].c"}, "deep"},
		"an object":            {Param{Form: "JSONPATH", Value: "$.data.b[1]"}, `{"c":"deep"}`},
		"an odd name":          {Param{Form: "JSONPATH", Value: "$.data['x:y']"}, "true"},
		"what is not there":    {Param{Form: "JSONPATH", Value: "$.data.b[2]"}, ""},
		"a template": {Param{Form: "TEMPLATE", Template: `<${a} ${n} ${b}>`,
			Value: `{"a":"$.data.a","n":"$.n","b":"$.data.b[0]"}`}, `<te"xt null 0>`},
		"placeholders without a value": {Param{Form: "TEMPLATE", Template: `${x} ${nobody}`,
			Value: `{"x":"$.data.a.c"}`}, "${x} ${nobody}"},
	} {
		t.Run(name, func(t *testing.T) {
			transform, err := readTransformation(c.param)
			if err != nil {
				t.Fatal(err)
			}
			if got := transform([]byte(event), decode(t, event)); got != c.want {
				t.Errorf("got %s, want %s", got, c.want)
			}
		})
	}
}

// toQueue is a rule whose events go to a queue as they are.
func toQueue(change func(*Target)) Rule {
	to := Target{
		ID: "queue", Type: typeQueue, Endpoint: "acs:mns:cn-hangzhou:1234567890123456:queues/events",
		PushRetryStrategy: "BACKOFF_RETRY", ErrorsTolerance: "ALL",
		DeadLetterQueue: "acs:mns:cn-hangzhou:1234567890123456:/queues/letters",
		ParamList: []Param{
			{ResourceKey: "queue", Form: "CONSTANT", Value: "events"}, {ResourceKey: "Body", Form: "ORIGINAL"},
			{ResourceKey: "IsBase64Encode", Form: "CONSTANT", Value: "false"},
		},
	}
	if change != nil {
		change(&to)
	}
	pattern := map[string]any{"source": []any{"acs.vpc"}}
	return Rule{EventBusName: DefaultBus, RuleName: "rule", FilterPattern: pattern, Targets: []Target{to}}
}

func TestARuleThatIsNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	deadLetters := func(arn string) func(*Target) { return func(to *Target) { to.DeadLetterQueue = arn } }
	endpoint := func(arn string) func(*Target) { return func(to *Target) { to.Endpoint = arn } }
	body := func(form, value string) func(*Target) {
		return func(to *Target) { to.ParamList[1] = Param{"Body", form, value, ""} }
	}
	for want, change := range map[string]func(*Target){
		`the type "acs.fc.function" is not`:     func(to *Target) { to.Type = "acs.fc.function" },
		"there is no parameter IsBase64Encode":  func(to *Target) { to.ParamList = to.ParamList[:2] },
		"the parameter queue means":             func(to *Target) { to.ParamList[0].Value = "others" },
		"which is no queue here":                deadLetters("acs:mns:cn-beijing:1:/queues/x"),
		`the ErrorsTolerance "NONE"`:            func(to *Target) { to.ErrorsTolerance = "NONE" },
		`the PushRetryStrategy "" is`:           func(to *Target) { to.PushRetryStrategy = "" },
		`the Form "JSON" is none of`:            func(to *Target) { to.ParamList[1].Form = "JSON" },
		`the path "data.a"`:                     body("JSONPATH", "data.a"),
		`variable x: the path "$."`:             body("TEMPLATE", `{"x":"$."}`),
		"reading the variables of a TEMPLATE":   body("TEMPLATE", "x"),
		"the endpoint is acs:mns:cn-hangzhou:1": endpoint("acs:mns:cn-hangzhou:1:queues/events"),
	} {
		_, err := New(Options{Account: "1234567890123456", Region: "cn-hangzhou"}, []Rule{toQueue(change)})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
