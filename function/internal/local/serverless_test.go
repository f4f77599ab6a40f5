package local_test

import (
	"maps"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/template"
)

// readServerless reads s.yaml with what its head says must be set, and some variables more.
func readServerless(t *testing.T, more map[string]string) (template.Function, error) {
	t.Helper()
	path, err := local.FindInProject("s.yaml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	environment := map[string]string{
		"ALIBABA_CLOUD_ACCOUNT_ID": "1234567890123456", "MNS_QUEUE": "vpn-attach-events",
		"FUNCTION_ROLE": "acs:ram::1234567890123456:role/vpn-attach-cn-hangzhou", "MNS_TOPIC": "vpn-attach-outcomes",
		"MNS_DEAD_LETTER_QUEUE": "vpn-attach-dead-letters", "FOLLOW_UP_KEY": strings.Repeat("k", 32),
	}
	maps.Copy(environment, more)
	return template.ReadServerless(text, environment)
}

func TestBothFilesComeToTheSameFunction(t *testing.T) {
	stack, err := local.TheStack().Template.Resolve(map[string]string{
		"CodeBucket": "bucket", "CodeObject": "object", "FollowUpKey": strings.Repeat("k", 32),
	}, template.Pseudo{Account: "1234567890123456", Region: "cn-hangzhou"})
	if err != nil {
		t.Fatal(err)
	}
	want, err := stack.Function()
	if err != nil {
		t.Fatal(err)
	}
	// Without a template nobody is known by whom members could trust: s.yaml leaves the role in their accounts open.
	members := map[string]string{}
	for _, name := range []string{"OWNER_ROLE", "OWNER_EXTERNAL_ID"} {
		members[name] = want.EnvironmentVariables[name]
	}
	got, err := readServerless(t, members)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range []*template.Function{&want, &got} {
		slices.SortFunc(f.Triggers, func(a, b template.Trigger) int {
			return strings.Compare(a.TriggerName, b.TriggerName)
		})
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("s.yaml has\n%+v\ntemplate.yml\n%+v", got, want)
	}
}

func TestAVariableOfServerlessDevsIsTheFunctionsOfThatName(t *testing.T) {
	f, err := readServerless(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	own := map[string]string{}
	for name := range f.EnvironmentVariables {
		own[name] = "the " + name
	}
	if f, err = readServerless(t, own); err != nil {
		t.Fatal(err)
	}
	delete(own, "MNS_ENDPOINT") // it follows from account and region
	for name, want := range own {
		if got := f.EnvironmentVariables[name]; got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
}

func TestServerlessDevsDeploysInTheRegionThatIsGiven(t *testing.T) {
	f, err := readServerless(t, map[string]string{"ALIBABA_CLOUD_REGION_ID": "cn-beijing"})
	if err != nil {
		t.Fatal(err)
	}
	config := f.Triggers[len(f.Triggers)-1].TriggerConfig
	region := config.EventSourceConfig.EventSourceParameters.SourceMNSParameters.RegionID
	letters := config.RunOptions.DeadLetterQueue.Arn
	if endpoint := f.EnvironmentVariables["MNS_ENDPOINT"]; region != "cn-beijing" ||
		!strings.Contains(endpoint, ".cn-beijing.") || !strings.HasPrefix(letters, "acs:mns:cn-beijing:") {
		t.Errorf("the queue is in %q, its service at %q, dead letters in %q", region, endpoint, letters)
	}
}

func TestTheLastTriggerOfServerlessDevsIsTheQueues(t *testing.T) {
	f, err := readServerless(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	if last := f.Triggers[len(f.Triggers)-1]; last.TriggerType != "eventbridge" {
		t.Errorf("after an unchanged trigger of EventBridge the tool looks at none; the last is %s", last.TriggerName)
	}
}
