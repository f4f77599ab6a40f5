package fault_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"vpn-attach/function/internal/standin/fault"
)

// cloudFile is the list as cloud files have it.
const cloudFile = `
- {action: CreateTransitRouterVpnAttachment, times: 2, status: 400, code: Operation.Blocking}
- {action: PublishMessage, times: 1, drop: before}
- {action: CreateTransitRouterVpnAttachment, skip: 1, kill: after}
- {action: "*", for: 5m, status: 503, code: ServiceUnavailable, headers: {x-acs-retry-after: "3"}}
- {action: "DescribeVpnConnection, ListTransitRouters", body: html, delay: 7s}
- action: DescribeVpnConnection
  staleDescribe: 2s
- {action: ListTransitRouters, rewrite: {pattern: '"Status":"Active"', with: '"Status":"Modifying"'}}
`

func faults() []fault.Fault {
	return []fault.Fault{
		{Action: "CreateTransitRouterVpnAttachment", Times: 2, Status: 400, Code: "Operation.Blocking"},
		{Action: "PublishMessage", Times: 1, Drop: "before"},
		{Action: "CreateTransitRouterVpnAttachment", Skip: 1, Kill: "after"},
		{Action: "*", For: 5 * time.Minute, Status: 503, Code: "ServiceUnavailable",
			Headers: map[string]string{"x-acs-retry-after": "3"}},
		{Action: "DescribeVpnConnection, ListTransitRouters", Body: "html", Delay: 7 * time.Second},
		{Action: "DescribeVpnConnection", StaleDescribe: 2 * time.Second},
		{Action: "ListTransitRouters",
			Rewrite: &fault.Rewrite{Pattern: `"Status":"Active"`, With: `"Status":"Modifying"`}},
	}
}

func TestFaultsAreReadFromYAMLAndWrittenBack(t *testing.T) {
	var read []fault.Fault
	if err := yaml.UnmarshalWithOptions([]byte(cloudFile), &read, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(read, faults()) {
		t.Fatalf("read\n%v; want\n%v", read, faults())
	}
	for _, one := range read {
		if err := one.Validate(); err != nil {
			t.Error(err)
		}
		var again fault.Fault
		if err := yaml.UnmarshalWithOptions([]byte(one.String()), &again, yaml.Strict()); err != nil ||
			!reflect.DeepEqual(again, one) {
			t.Errorf("%s was read back as %+v, error %v", one, again, err)
		}
	}
}

func TestFaultIsWrittenAsInACloudFile(t *testing.T) {
	for i, want := range []string{
		"{action: CreateTransitRouterVpnAttachment, times: 2, status: 400, code: Operation.Blocking}",
		"{action: PublishMessage, times: 1, drop: before}",
		"{action: CreateTransitRouterVpnAttachment, skip: 1, kill: after}",
	} {
		if got := faults()[i].String(); got != want {
			t.Errorf("got %s; want %s", got, want)
		}
	}
}

func TestYAMLThatIsNoFaultIsRefused(t *testing.T) {
	for text, want := range map[string]string{
		"{action: A, drop: before, once: true}": `unknown field "once"`,
		"{action: A, delay: 7}": "cannot unmarshal uint64 into Go struct field Fault.Delay of " +
			"type time.Duration",
		"{action: A, delay: 7 weeks}": `unknown unit " weeks" in duration "7 weeks"`,
		"{action: A, times: often}": "cannot unmarshal string into Go struct field Fault.Times of " +
			"type int",
		"{action: A, drop: before, drop: after}":    `mapping key "drop" already defined`,
		"{action: A, headers: [x-acs-retry-after]}": "sequence was used where mapping is expected",
	} {
		var fault fault.Fault
		err := yaml.UnmarshalWithOptions([]byte(text), &fault, yaml.Strict())
		if !strings.Contains(fmt.Sprint(err), want) {
			t.Errorf("%s: error %v; want it to say %q", text, err, want)
		}
	}
}

func TestValidateNamesTheFieldAndWhatItMayBe(t *testing.T) {
	for want, faults := range map[string][]string{
		`action must be an API action, several with commas between, or "*"`: {
			"{drop: before}", "{action: \"A,\", drop: before}", "{action: \"A,*\", drop: before}",
			"{action: A B, drop: before}", "{action: A*, drop: before}"},
		"skip must be 0 or more":   {"{action: A, skip: -1, drop: before}"},
		"times must be 1 or more":  {"{action: A, times: -1, drop: before}"},
		"for must be more than 0s": {"{action: A, for: -1s, drop: before}"},
		"a status from 300 to 399 needs body: html": {"{action: A, status: 302, body: empty}",
			"{action: A, status: 302, code: B}"},
		"status must be 200 or 300 to 599": {"{action: A, status: 299, body: html}",
			"{action: A, status: 600, code: B}", "{action: A, status: 100, body: html}"},
		"body must be empty, html or truncated": {"{action: A, body: HTML}"},
		"headers must have names of letters, digits and hyphens": {`{action: A, headers: {"Retry After": "1"}}`,
			`{action: A, headers: {"": "1"}}`, `{action: A, headers: {content-length: "1"}}`},
		"delay must be more than 0s":         {"{action: A, delay: -1s}"},
		"drop must be before or after":       {"{action: A, drop: true}"},
		"kill must be before or after":       {"{action: A, kill: Before}"},
		"staleDescribe must be more than 0s": {"{action: A, staleDescribe: -2s}"},
		"times and for exclude each other":   {"{action: A, times: 1, for: 1s, drop: before}"},
		"drop and kill exclude each other":   {"{action: A, drop: before, kill: before}"},
		"drop and kill leave no answer": {"{action: A, drop: after, status: 400, code: B}",
			"{action: A, kill: before, body: html}", `{action: A, drop: before, headers: {A: "b"}}`},
		"truncated keeps the service's own status":    {"{action: A, body: truncated, status: 500}"},
		"it does not go with body":                    {"{action: A, body: html, status: 500, code: B}"},
		"status needs a code, or body: empty or html": {"{action: A, status: 500}"},
		"code needs a status from 400 to 599": {"{action: A, code: B}",
			"{action: A, code: B, status: 200}"},
		"emptyList and rewrite need the service to answer": {"{action: A, emptyList: true, drop: after}",
			"{action: A, staleDescribe: 2s, body: html}",
			"{action: A, rewrite: {pattern: a, with: b}, status: 500, code: B}"},
		"rewrite changes the service's own body": {"{action: A, rewrite: {pattern: a, with: b}, body: " +
			"truncated}"},
		"rewrite needs a pattern that is a regular expression": {"{action: A, rewrite: {with: b}}",
			"{action: A, rewrite: {pattern: '(', with: b}}"},
		"emptyList and rewrite must be set": {"{action: A}", "{action: A, times: 3}"},
	} {
		for _, text := range faults {
			var fault fault.Fault
			if err := yaml.UnmarshalWithOptions([]byte(text), &fault, yaml.Strict()); err != nil {
				t.Errorf("%s: %v", text, err)
			}
			err := fault.Validate()
			if !strings.Contains(fmt.Sprint(err), want) || !strings.HasPrefix(fmt.Sprint(err), "fault on action ") {
				t.Errorf("%s: error %v; want it to say %q", text, err, want)
			}
		}
	}
}

func TestValidateAcceptsWhatGoesTogether(t *testing.T) {
	for _, text := range []string{
		"{action: A, delay: 7s}",
		"{action: A, delay: 7s, drop: after}",
		"{action: A, delay: 7s, kill: before}",
		"{action: A, delay: 7s, body: truncated, headers: {x-a: b}}",
		"{action: A, status: 429, code: Throttling.User, headers: {x-acs-retry-after: \"3\"}, for: 1m, skip: 2}",
		"{action: A, staleDescribe: 2s, delay: 1s, headers: {x-a: b}}",
		"{action: A, body: html, status: 200}",
		"{action: A, body: empty, status: 200}",
		"{action: A, body: empty, status: 599}",
	} {
		var fault fault.Fault
		if err := yaml.UnmarshalWithOptions([]byte(text), &fault, yaml.Strict()); err != nil {
			t.Errorf("%s: %v", text, err)
		}
		if err := fault.Validate(); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}
