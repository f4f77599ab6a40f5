package template

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

// place is where the stacks of the tests are.
func place() Pseudo {
	return Pseudo{Account: "1234567890123456", Region: "cn-hangzhou", Stack: "stack"}
}

// readStack reads a template and resolves it.
func readStack(text []byte, parameters map[string]string, pseudo Pseudo) (*Stack, error) {
	t, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return t.Resolve(parameters, pseudo)
}

// whole is a template of these sections.
func whole(sections string) string { return "ROSTemplateFormatVersion: '2015-09-01'\n" + sections }

// aQueue is a template of one queue with some properties beside its name, and a few parameters and conditions.
func aQueue(properties string) string {
	return whole(`Parameters:
  Name: {Type: String, Default: vpn}
  Size: {Type: Number, Default: 1024}
  List: {Type: String, Default: 'a, b'}
Conditions:
  IsVPN: {'Fn::Equals': [vpn, {Ref: Name}]}
  IsLarge: {'Fn::Not': {'Fn::Equals': ['1024', {Ref: Size}]}}
  Both: {'Fn::And': [IsVPN, IsLarge]}
  Either: {'Fn::Or': [IsVPN, IsLarge]}
Resources:
  Topic: {Type: 'ALIYUN::MNS::Topic', Properties: {TopicName: told}}
  Role: {Type: 'ALIYUN::RAM::Role', Properties: {RoleName: Own,
    AssumeRolePolicyDocument: {Version: '1', Statement: []}}}
  Never: {Type: 'ALIYUN::MNS::Topic', Condition: IsLarge, Properties: {TopicName: never}}
  Queue:
    Type: ALIYUN::MNS::Queue
    Properties:
      QueueName: q
      ` + properties + "\n")
}

func TestWhatAFunctionComesTo(t *testing.T) {
	for written, want := range map[string]any{
		`plain`:                                 "plain",
		`7`:                                     "7",
		`{Ref: Name}`:                           "vpn",
		`{Ref: Size}`:                           "1024",
		`{Ref: 'ALIYUN::Region'}`:               "cn-hangzhou",
		`{Ref: 'ALIYUN::NoValue'}`:              nil,
		`{'Fn::Sub': '${Name}-${Size}-x'}`:      "vpn-1024-x",
		`{'Fn::Sub': '${ALIYUN::TenantId}'}`:    "1234567890123456",
		`{'Fn::Sub': '${Topic.TopicName}'}`:     "told",
		`{'Fn::GetAtt': [Topic, TopicName]}`:    "told",
		`{'Fn::GetAtt': [Role, Arn]}`:           "acs:ram::1234567890123456:role/own",
		`{'Fn::If': [IsVPN, yes, no]}`:          "yes",
		`{'Fn::If': [IsLarge, yes, no]}`:        "no",
		`{'Fn::If': [Both, yes, no]}`:           "no",
		`{'Fn::If': [Either, yes, no]}`:         "yes",
		`{'Fn::Join': ['+', [a, {Ref: Name}]]}`: "a+vpn",
		`{'Fn::Replace': [{' ': '', ',': {'Fn::Sub': '+${Name}+'}}, {Ref: List}]}`: "a+vpn+b",
		`{'Fn::If': [IsLarge, {'Fn::GetAtt': [Never, TopicName]}, none]}`:          "none",
	} {
		stack, err := readStack([]byte(aQueue("DlqPolicy: {DeadLetterTargetQueue: "+written+"}")), nil, place())
		if err != nil {
			t.Errorf("%s: %v", written, err)
			continue
		}
		policy, _ := stack.Resources[2].Properties["DlqPolicy"].(map[string]any)
		if got := policy["DeadLetterTargetQueue"]; got != want {
			t.Errorf("%s: got %v, want %v", written, got, want)
		}
	}
}

func TestAValueHasTheKindOfItsProperty(t *testing.T) {
	stack, err := readStack([]byte(aQueue("VisibilityTimeout: '30'\n      LoggingEnabled: 'true'\n"+
		"      MaximumMessageSize: {Ref: Size}")), nil, place())
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"QueueName": "q", "VisibilityTimeout": 30.0, "LoggingEnabled": true,
		"MaximumMessageSize": 1024.0}
	if got := stack.Resources[2].Properties; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v", got)
	}
	queues := stack.Queues()
	if len(queues) != 1 || queues[0].MaximumMessageSize != 1024 || !queues[0].LoggingEnabled {
		t.Errorf("got %+v", queues)
	}
}

func TestWhatIsNotKnownIsAnErrorWithItsLine(t *testing.T) {
	for _, c := range []struct{ written, want string }{
		{aQueue("VisibilityTimout: 1"), "line 20: the property VisibilityTimout is not known"},
		{aQueue("DlqPolicy: {Enabled: perhaps}"), `line 20: flag is expected, not "perhaps"`},
		{aQueue("DelaySeconds: [1]"), "line 20: number is expected here"},
		{aQueue("DelaySeconds: {'Fn::Random': 1}"), "line 20: the function Fn::Random is not known here"},
		{aQueue("DelaySeconds: {Ref: Nobody}"), "line 20: there is no parameter Nobody"},
		{aQueue("DelaySeconds: {'Fn::Sub': '${Nobody}'}"), "line 20: there is no parameter Nobody"},
		{aQueue("DelaySeconds: {'Fn::GetAtt': [Nobody, A]}"), "line 20: there is no resource Nobody"},
		{aQueue("DelaySeconds: {'Fn::GetAtt': [Topic, Arn]}"), "line 20: Topic, of ALIYUN::MNS::Topic, has no"},
		{aQueue("x: {'Fn::GetAtt': [Never, TopicName]}"), "line 20: the property x is not known"},
		{aQueue("DelaySeconds: {'Fn::If': [Nobody, 1, 2]}"), "line 20: there is no condition Nobody"},
		{aQueue("DelaySeconds: {'Fn::If': [IsVPN, 1]}"), "line 20: a condition and two values"},
		{aQueue("DelaySeconds: {'Fn::If': [IsVPN, 1, a]}"), `line 20: number is expected, not "a"`},
		{aQueue("DelaySeconds: {'Fn::Join': [a]}"), "line 20: what is between, and a list"},
		{aQueue("DelaySeconds: {'Fn::GetAtt': Topic}"), "line 20: 2 texts are expected"},
		{aQueue("DelaySeconds: {'Fn::GetAtt': [Queue, Name]}"), "line 20: Queue depends on itself"},
		{aQueue("DelaySeconds: 1\n    DependsOn: Nobody"), "line 21: there is no resource Nobody"},
		{aQueue("DelaySeconds: 1\n    DependsOn: [Queue]"), "line 21: Queue depends on itself"},
		{aQueue("DelaySeconds: 1\n    Condition: Nobody"), "line 21: there is no condition Nobody"},
		{aQueue("DelaySeconds: 1\n    Policy: none"), "line 21: there is no Policy here"},
		{aQueue("DelaySeconds: 1\n    DeletionPolicy: Keep"), "line 21: the policy is Retain or Delete"},
		{aQueue("DelaySeconds: 1\n      DelaySeconds: 2"), "line 21: "},
		{whole("Resources: {A: {Type: 'ALIYUN::ECS::Instance', Properties: {}}}"), "line 2: the type ALIYUN::E"},
		{whole("Resources: {A: {Type: 'fc3', Properties: {}}}"), "line 2: the type fc3 is not known"},
		{whole("Resources: {A: {Type: 'ALIYUN::MNS::Queue', Properties: {}}}"), "the property QueueName is missing"},
		{whole("Resources: {A: {Type: 'ALIYUN::MNS::Queue'}}"), "line 2: it needs a Type and Prop"},
		{whole("Conditions: {A: B, B: A}"), "depends on itself"},
		{whole("Conditions: {A: {'Fn::Equals': [a]}}"), "line 2: 2 texts are expected"},
		{whole("Conditions: {A: {'Fn::Xor': [a]}}"), "Fn::Xor is not known in a condition"},
		{whole("Conditions: {B: {'Fn::Equals': [a, a]}, A: {'Fn::Or': [B, {'Fn::Xor': [a]}]}}"),
			"line 2: the function Fn::Xor is not known in a condition"},
		{whole("Conditions: {A: {'Fn::And': [{'Fn::Equals': [a, b]}, Nobody]}}"),
			"line 2: there is no condition Nobody"},
		{whole("Outputs: {A: {Value: {Ref: B}}}"), "line 2: there is no parameter B"},
		{whole("Outputs: {A: {Text: b}}"), "line 2: there is no Text here"},
		{whole("Output: {}"), "line 2: there is no Output here"},
		{whole("Parameters: {A: {Type: Text}}"), "line 2: the type is String or"},
		{whole("Parameters: {A: {Type: String, Pattern: a}}"), `line 2: the property Pattern is not known`},
		{whole("Parameters: {A: {Type: Number, Default: a}}"), `line 2: "a" is no number`},
		{whole("Parameters: {A: {Type: String, AllowedPattern: '('}}"), "line 2: error parsing regexp"},
		{"Resources: {}", "line 1: ROSTemplateFormatVersion must be"},
		{"a: [", "line 1: "},
		{"a\n---\nb", "line 1: one document"},
	} {
		_, err := readStack([]byte(c.written), nil, place())
		var wrong *Error
		if !errors.As(err, &wrong) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s\ngot %v, want %s", c.written, err, c.want)
		}
	}
}

func TestWhatIsGivenForAParameter(t *testing.T) {
	text := whole(`Parameters:
  Word: {Type: String, MinLength: 2, MaxLength: 4, Default: abc}
  Number: {Type: Number, MinValue: 1, MaxValue: 2, Default: 1.5}
  Choice: {Type: String, AllowedValues: [a, 'true', 7], Default: a}
  Form: {Type: String, AllowedPattern: '[a-z]+', Default: a}
  Key: {Type: String, NoEcho: true, MinLength: 3}
Outputs:
  All: {Value: {'Fn::Sub': '${Word} ${Number} ${Choice} ${Form} ${Key}'}}
`)
	read := func(name, value string) (string, error) {
		given := map[string]string{"Key": "key"}
		if given[name] = value; name == "" {
			given = nil
		}
		stack, err := readStack([]byte(text), given, place())
		if err != nil {
			return "", err
		}
		return stack.Output("All"), nil
	}
	for _, c := range []struct{ name, value, want string }{
		{"Word", "kürz", "kürz 1.5 a a key"}, {"Number", "2", "abc 2 a a key"}, {"Choice", "7", "abc 1.5 7 a key"},
		{"Choice", "true", "abc 1.5 true a key"}, {"Form", "xyz", "abc 1.5 a xyz key"},
	} {
		if got, err := read(c.name, c.value); err != nil || got != c.want {
			t.Errorf("%s=%s: got %q, %v", c.name, c.value, got, err)
		}
	}
	for _, c := range []struct{ name, value, want string }{
		{"", "", "the parameter Key must be given"}, {"Wrd", "", "no parameter Wrd"}, {"Word", "a", "too little"},
		{"Word", "abcde", "too much"}, {"Number", "3", "too much"}, {"Number", "x", "is no number"},
		{"Choice", "b", "is none of"}, {"Form", "ab1", "does not match"}, {"Key", "kk", "too little"},
	} {
		if got, err := read(c.name, c.value); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s=%s: got %q, %v", c.name, c.value, got, err)
		}
	}
}

func TestWhatIsNotMadeIsNotInTheStack(t *testing.T) {
	text := aQueue("DelaySeconds: 1") + `Outputs:
  Made: {Value: {'Fn::GetAtt': [Topic, TopicName]}}
  Never: {Condition: IsLarge, Value: {'Fn::GetAtt': [Never, TopicName]}}
`
	for size, want := range map[string]string{"1024": "told, 1", "2048": "told, never, 2"} {
		stack, err := readStack([]byte(text), map[string]string{"Size": size}, place())
		if err != nil {
			t.Fatal(err)
		}
		got := []string{}
		for _, one := range stack.Topics() {
			got = append(got, one.TopicName)
		}
		got = append(got, string(rune('0'+len(stack.Outputs))))
		if strings.Join(got, ", ") != want {
			t.Errorf("%s: got %q", size, got)
		}
	}
	_, err := readStack([]byte(strings.ReplaceAll(text, "Condition: IsLarge, Value", "Value")), nil, place())
	if err == nil || !strings.Contains(err.Error(), "Never is not made") {
		t.Errorf("an output of what is not made: %v", err)
	}
}
