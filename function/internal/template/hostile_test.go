package template

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// doubling are queues each of whose names is the next one's name twice.
func doubling(count int) string {
	text := "Resources:\n"
	for i := range count {
		text += fmt.Sprintf("  Q%d: {Type: 'ALIYUN::MNS::Queue', Properties: "+
			"{QueueName: {'Fn::Sub': '${Q%[2]d.QueueName}${Q%[2]d.QueueName}'}}}\n", i, i+1)
	}
	return text + fmt.Sprintf("  Q%d: {Type: 'ALIYUN::MNS::Queue', Properties: {QueueName: aaaaaaaa}}\n", count)
}

// outputOf is a template with an output of a value.
func outputOf(value string) string { return whole("Outputs:\n  A: {Value: " + value + "}\n") }

// patternOf is a template with a rule whose pattern has a field.
func patternOf(text string) string {
	return whole("Resources:\n  A: \n    Type: ALIYUN::EventBridge::Rule\n    Properties:\n" +
		"      EventBusName: default\n      RuleName: r\n      Targets: []\n" +
		"      FilterPattern:\n        a: " + text)
}

func refuses(t *testing.T, name, text, want string) {
	t.Helper()
	_, err := readStack([]byte(text), nil, place())
	var wrong *Error
	if !errors.As(err, &wrong) || !strings.Contains(err.Error(), want) {
		t.Errorf("%s: got %v, want %s", name, err, want)
	}
}

func TestAMalformedTemplateIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	const resource, aliases = "Resources:\n  A: ", "&a [x, x]\n        b: &b [*a, *a]\n        c: [*b, *b]\n"
	topic := func(rest string) string { return whole(resource + "{Type: 'ALIYUN::MNS::Topic', " + rest + "}\n") }
	for _, c := range []struct{ name, text, want string }{
		{"a section that is a list", whole("Resources: [a]\n"), "line 2: names with values"},
		{"a section that is empty", whole("Resources:\nOutputs: {}\n"), "line 2: names with values"},
		{"a resource that is a number", whole(resource + "5\n"), "line 3: names with values"},
		{"a section twice", whole("Outputs: {}\nOutputs: {}\n"), "line 3: mapping key \"Outputs\" already"},
		{"a type that is an object", whole(resource + "{Type: {a: b}, Properties: {}}\n"), "line 3: a text"},
		{"properties that are a list", topic("Properties: [a]"), "line 3: object is expected"},
		{"properties that are nothing", topic("Properties: {Ref: 'ALIYUN::NoValue'}"),
			"line 3: there are no properties"},
		{"a dependence that is no name", topic("DependsOn: {a: b}, Properties: {TopicName: a}"), "line 3: a text"},
		{"a condition that is no name", topic("Condition: [a], Properties: {TopicName: a}"), "line 3: a text"},
		{"names that need each other", whole(strings.Replace(doubling(1), "aaaaaaaa",
			"{'Fn::GetAtt': [Q0, QueueName]}", 1)), "line 4: Q0 depends on itself"},
		{"conditions that do", whole("Conditions:\n  A: {'Fn::Not': B}\n  B: {'Fn::Not': A}\n"), "depends on itself"},
		{"not nothing", whole("Conditions:\n  A: {'Fn::Not': []}\n"), "line 3: one condition is expected"},
		{"a pseudo parameter of nowhere", outputOf("{Ref: 'ALIYUN::Nowhere'}"),
			"line 3: there is no parameter ALIYUN::Nowhere"},
		{"a reference to nothing", outputOf("{Ref: }"), "line 3: a text is expected"},
		{"a text that does not end", outputOf("{'Fn::Sub': 'a${Name'}"), "line 3: a } is missing after ${Name"},
		{"a pattern that is a list", patternOf("[b]\n      Status: [c]"), "line 11: text is expected"},
		{"a pattern of a rule that is a text", strings.Replace(patternOf(""), "\n        a: ", " a", 1),
			"line 9: object is expected"},
		{"a tag", outputOf("!Ref Name"), "line 3: anchors, aliases and tags"},
		{"an alias of nothing", outputOf("*nobody"), "line 3: anchors, aliases and tags"},
		{"aliases of aliases", patternOf(aliases), "line 10: anchors, aliases and tags"},
		{"a fraction of a byte", whole(resource + "{Type: 'ALIYUN::MNS::Queue', Properties: {QueueName: a, " +
			"DlqPolicy: {MaxReceiveCount: 1.5}}}\n"), `line 3: number is expected, not "1.5"`},
		{"a time that the service does not take", whole(resource + "{Type: 'ALIYUN::MNS::Queue', Properties: " +
			"{QueueName: a, VisibilityTimeout: 0}}\n"), `line 3: number from 1 to 43200 is expected, not "0"`},
		{"a number that is none", whole("Parameters:\n  A: {Type: Number, Default: NaN}\n"),
			`line 3: "NaN" is no number`},
		{"a default that is a list", whole("Parameters:\n  A: {Type: String, Default: [a]}\n"),
			"line 3: text is exp"},
		{"a parameter that is a text", whole("Parameters:\n  A: String\n"), "line 3: object is expected"},
		{"a default out of bounds", whole("Parameters:\n  A: {Type: String, MaxLength: 1, Default: ab}\n"),
			"line 3: charac"},
		{"other bytes", whole("Description: '\xc3\x28'"), "line 1: at most 524288 bytes of UTF-8"},
		{"no text", "\x00\x01", "line 1: "},
		{"a tabulator", whole("Outputs:\n\tA: {Value: a}\n"), "line 3: found character '\t'"},
	} {
		refuses(t, c.name, c.text, c.want)
	}
}

func TestATemplateThatIsTooLargeIsRefusedWithItsLine(t *testing.T) {
	t.Parallel()
	var ninefold []string
	for c := 'a'; c < 'y'; c++ {
		ninefold = append(ninefold, fmt.Sprintf("%c: %s", c, strings.Repeat(string(c+1), 9)))
	}
	for _, c := range []struct{ name, text, want string }{
		{"lists in lists", whole("Metadata: " + strings.Repeat("[", 1e5) + "\n"), "line 2: it is nested too deeply"},
		{"dashes", whole("Metadata:\n  " + strings.Repeat("- ", 1e5) + "\n"), "line 3: it is nested too deeply"},
		{"objects", patternOf(strings.Repeat("{a: ", 1e4)), "line 10: it is nested too deeply"},
		{"texts that grow", outputOf("{'Fn::Replace': [{" + strings.Join(ninefold, ", ") + "}, a]}"),
			"more than 65536 bytes"},
		{"names that grow", whole(doubling(40)), "line 29: it comes to more than 65536 bytes"},
		{"a large file", whole("Description: " + strings.Repeat("a", maxFile)),
			"line 1: at most 524288 bytes of UTF-8"},
		{"texts that are joined", outputOf("{'Fn::Join': ['', [" + strings.Repeat(strings.Repeat("a", 1e3)+", ", 66) +
			"a]]}"), "line 3: it comes to more than 65536 bytes"},
	} {
		refuses(t, c.name, c.text, c.want)
	}
}

func TestAMalformedFileOfServerlessDevsIsRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"edition: 3.0.0\n": "line 1: there are 0 resources",
		"resources: {a: {component: fc3}, b: {component: fc3}}\n":       "line 1: there are 2 resources",
		"resources: {a: {component: fc3}}\n":                            "line 1: it needs props",
		"resources: {a: {props: }}\n":                                   "line 1: object is expected",
		"resources: {a: {props: {Ref: b}}}\n":                           "line 1: the function Ref is not known here",
		"resources: [a]\nvars: b\n":                                     "line 1: names with values are expected",
		"vars: {a: \"${env('X')}\"}\nresources: {a: {props: {}}}\n":     "line 1: ${env('X')} is not known",
		"resources: {a: {props: {region: '${vars.none}'}}}\n":           "line 1: ${vars.none} is not known",
		"resources: {a: {props: &p {region: *p, functionName: twice}}}": "line 1: anchors, aliases and tags",
	} {
		if _, err := ReadServerless([]byte(text), nil); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
}
