package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// standInCLI answers as the aliyun CLI does, out of a folder of files, and writes down what it was asked.
const standInCLI = `#!/usr/bin/env bash
cd "$STATE"
body=$*
printf '%s\n' "${body//$'\n'/ }" | cut -c 1-400 >>calls
body=${body//$'\n'/ }
has() { [[ " $body " == *" $1 "* ]]; }
given() { # prints the keys among the parameters, a name and a value a line
  grep -o 'FollowUpKey[A-Za-z]* --Parameters.[0-9]*.ParameterValue [^ ]*' <<<"$body" | sed 's/ --[^ ]* / /' || true
}
case "$1 $2" in
"sts GetCallerIdentity") echo '{"AccountId": "1234567890123456", "Arn": "acs:ram::1234567890123456:user/ops"}' ;;
"oss mb") [[ ! -e bucket ]] || { echo "ErrorCode=BucketAlreadyExists" >&2; exit 1; }; touch bucket ;;
"oss stat") printf 'Name   : code\nOwner  : %s\n' "$(cat owner 2>/dev/null || echo 1234567890123456)" ;;
"oss cp") echo 4242 >object ;;
"eventbridge "*)
  if [[ -e inactive ]]; then echo '{"Success": false, "Code": "ServiceNotEnable"}'
  elif [[ -e roles ]]; then echo '{"Success": false, "Code": "ServiceLinkedRoleAlreadyExist"}'
  else echo '{"Success": true}'; fi ;;
"resourcemanager "*)
  has "--endpoint resourcemanager.aliyuncs.com" || { echo "no endpoint" >&2; exit 3; }
  [[ ! -e roles ]] || { echo "ErrorCode: EntityAlreadyExists.Role" >&2; exit 1; } ;;
"ros ListStacks")
  if [[ -e stack ]]; then echo '{"Stacks": [{"StackId": "stack-1", "Status": "CREATE_COMPLETE"}]}'
  else echo '{"Stacks": []}'; fi ;;
"ros CreateStack") given >keys; touch stack roles; echo '{"StackId": "stack-1"}' ;;
"ros UpdateStack")
  given >>keys
  [[ -e trigger ]] && [[ -z $(given) ]] && { echo "ErrorCode: NotSupported, no update" >&2; exit 1; }
  has live && touch trigger
  echo '{"StackId": "stack-1"}' ;;
"ros GetStack")
  if [[ -e broken ]]; then echo '{"Status": "CREATE_FAILED"}'
  else
    echo '{"Status": "CREATE_COMPLETE", "StackId": "stack-1",'
    echo ' "Parameters": [{"ParameterKey": "FollowUpKey", "ParameterValue": "******"}]}'
  fi ;;
"ros ListStackEvents") echo '{"Events": [{"StatusReason": "the quota is used up"}]}' ;;
"fc GET")
  case $3 in
  */aliases/live) [[ -e alias ]] || exit 1; echo '{"aliasName": "live"}' ;;
  *) echo "{\"codeChecksum\": \"$(cat other 2>/dev/null || cat object)\","
     echo " \"environmentVariables\": {\"FOLLOW_UP_KEY\": \"$(sed -n 's/^FollowUpKey //p' keys | tail -n 1)\"}}" ;;
  esac ;;
"fc POST")
  case $3 in
  */versions) echo x >>versions; echo "{\"versionId\": \"$(wc -l <versions | tr -d ' ')\"}" ;;
  */aliases) touch alias ;;
  esac ;;
"fc PUT") [[ -e alias ]] || exit 1 ;;
*) echo "unknown call: $*" >&2; exit 3 ;;
esac
`

// standInMake says what make package says.
const standInMake = `#!/usr/bin/env bash
[[ $* == *package ]] && printf 'sha256 %s\ncrc64 4242\n' abcdef
`

// console is an account behind the CLI.
type console struct {
	t     *testing.T
	state string
	path  string
}

func newConsole(t *testing.T) *console {
	t.Helper()
	c := &console{t: t, state: t.TempDir(), path: t.TempDir()}
	for name, text := range map[string]string{"aliyun": standInCLI, "make": standInMake} {
		if err := os.WriteFile(filepath.Join(c.path, name), []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return c
}

// has puts a file into the account's folder.
func (c *console) has(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.state, name), []byte(text), 0o644); err != nil {
		c.t.Fatal(err)
	}
}

// keys are those that ROS was given so far, the oldest first: a name and a value each.
func (c *console) keys() (all []string) {
	text, _ := os.ReadFile(filepath.Join(c.state, "keys"))
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func (c *console) deploy(arguments ...string) (said string, status int) {
	c.t.Helper()
	return c.deployWith(c.path+":"+os.Getenv("PATH"), arguments...)
}

func (c *console) deployWith(path string, arguments ...string) (said string, status int) {
	c.t.Helper()
	command := exec.Command("../scripts/deploy.sh", arguments...)
	command.Env = append(os.Environ(), "PATH="+path, "STATE="+c.state, "DEPLOY_PAUSE=0")
	out, err := command.CombinedOutput()
	if command.ProcessState == nil {
		c.t.Fatal(err)
	}
	return string(out), command.ProcessState.ExitCode()
}

// changes are the calls so far that may change something, in short, and are forgotten then.
func (c *console) changes() (all []string) {
	calls, _ := os.ReadFile(filepath.Join(c.state, "calls"))
	_ = os.Remove(filepath.Join(c.state, "calls"))
	for line := range strings.Lines(string(calls)) {
		words := strings.Fields(line)
		if regexp.MustCompile(`^(sts|oss stat|ros List|ros Get|fc GET)`).MatchString(line) {
			continue
		}
		short := words[0] + " " + words[1]
		if words[0] == "fc" {
			short += " " + filepath.Base(words[2])
		}
		all = append(all, short)
	}
	return slices.Compact(all)
}

func TestADeploymentMakesEverythingInItsOrderAndOnce(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	said, status := c.deploy("--region", "cn-hangzhou", "--parameter", "LogLevel=debug")
	if status != 0 {
		t.Fatalf("status %d\n%s", status, said)
	}
	const before = "oss mb, oss cp, eventbridge CreateServiceLinkedRoleForProduct, " +
		"resourcemanager CreateServiceLinkedRole, "
	want := before + "ros CreateStack, fc POST versions, fc POST aliases, ros UpdateStack"
	if got := strings.Join(c.changes(), ", "); got != want {
		t.Errorf("first it did\n%s\nwant\n%s", got, want)
	}
	said, status = c.deploy("--region", "cn-hangzhou")
	if status != 0 {
		t.Fatalf("again: status %d\n%s", status, said)
	}
	want = before + "ros UpdateStack, fc POST versions, fc PUT live"
	if got := strings.Join(c.changes(), ", "); got != want || !strings.Contains(said, "live points at version 2") {
		t.Errorf("again it did\n%s\nwant\n%s\n%s", got, want, said)
	}
	said, status = c.deploy("--region", "cn-hangzhou", "--rollback", "1")
	if status != 0 || strings.Join(c.changes(), ", ") != "fc PUT live" {
		t.Errorf("rolling back: status %d\n%s", status, said)
	}
}

func TestADeploymentThatCannotWorkTouchesNothing(t *testing.T) {
	t.Parallel()
	in := func(arguments ...string) []string { return append([]string{"--region", "cn-hangzhou"}, arguments...) }
	for name, c := range map[string]struct {
		arguments []string
		word      string
	}{
		"without a region":            {nil, "--region"},
		"to a place that is none":     {[]string{"--region", "Mars"}, "Mars is no region"},
		"with a parameter of nobody":  {in("--parameter", "Pauze=true"), "no parameter Pauze"},
		"under a name too long":       {in("--stack", strings.Repeat("a", 21)), "--stack takes"},
		"back to a word":              {in("--rollback", "yesterday"), "number of a version"},
		"with a value too long":       {in("--parameter", "MatchTags="+strings.Repeat("a", 129)), "ROS takes 128"},
		"with the ARN of a role":      {in("--parameter", "OwnerRole=acs:ram::1:role/r"), "of a role give the name"},
		"with a key of somebody":      {in("--parameter", "FollowUpKey="+strings.Repeat("k", 32)), "is a secret"},
		"with a new key for old code": {in("--new-key", "--rollback", "1"), "exclude each other"},
	} {
		t.Run(name, func(t *testing.T) {
			console := newConsole(t)
			said, status := console.deploy(c.arguments...)
			if calls := console.changes(); status != 2 || !strings.Contains(said, c.word) || len(calls) > 0 {
				t.Errorf("status %d, calls %q\n%s", status, calls, said)
			}
		})
	}
}

func TestADeploymentWithoutItsToolsSaysWhich(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	said, status := c.deployWith("/usr/bin:/bin", "--region", "cn-hangzhou")
	if status != 1 || !strings.Contains(said, "missing: aliyun") {
		t.Errorf("status %d\n%s", status, said)
	}
	said, status = c.deployWith("/usr/bin:/bin", "--region", "cn-hangzhou", "--dry-run")
	if status != 0 || !strings.Contains(said, "would make or update stack vpn-attach") || len(c.changes()) > 0 {
		t.Errorf("dry: status %d\n%s", status, said)
	}
}

func TestAStackThatFailsIsSaidWithItsEvents(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	c.has("broken", "")
	said, status := c.deploy("--region", "cn-hangzhou")
	if status != 1 || !strings.Contains(said, "the quota is used up") || !strings.Contains(said, "is CREATE_FAILED") {
		t.Errorf("status %d\n%s", status, said)
	}
	if strings.Contains(strings.Join(c.changes(), " "), "versions") {
		t.Error("it went on")
	}
}

func TestAKeyIsMadeOnceKeptAndChangedOnRequest(t *testing.T) {
	t.Parallel()
	c := newConsole(t)
	var said string
	for _, flags := range [][]string{nil, nil, {"--new-key"}} {
		text, status := c.deploy(append([]string{"--region", "cn-hangzhou"}, flags...)...)
		if said += text; status != 0 {
			t.Fatalf("status %d\n%s", status, text)
		}
	}
	got := c.keys()
	if len(got) != 3 {
		t.Fatalf("ROS was given %d keys, want one at first and two for the change", len(got))
	}
	first, second, previous := strings.Fields(got[0]), strings.Fields(got[1]), strings.Fields(got[2])
	if len(first[1]) != 64 || len(second[1]) != 64 || first[1] == second[1] || first[0] != second[0] {
		t.Error("the keys are not two different ones of 64 characters")
	}
	if previous[0] != "FollowUpKeyPrevious" || previous[1] != first[1] {
		t.Error("the old key is not the previous one")
	}
	if strings.Contains(said, first[1]) || strings.Contains(said, second[1]) {
		t.Error("a key was printed")
	}
}

func TestADeploymentStopsWhereItCannotTrustWhatIsThere(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ file, text, word, never string }{
		"a bucket of another account":          {"owner", "6543210987654321", "does not belong to account", "oss cp"},
		"a bucket whose owner cannot be seen":  {"owner", "", "does not belong to account", "oss cp"},
		"a service that is not activated":      {"inactive", "", "ServiceNotEnable", "ros CreateStack"},
		"a function with code of another kind": {"other", "42", "has the code 42", "fc POST versions"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			console := newConsole(t)
			console.has(c.file, c.text)
			said, status := console.deploy("--region", "cn-hangzhou")
			calls := strings.Join(console.changes(), ", ")
			if status != 1 || !strings.Contains(said, c.word) || strings.Contains(calls, c.never) {
				t.Errorf("status %d, calls %s\n%s", status, calls, said)
			}
		})
	}
}
