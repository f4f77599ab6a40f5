package operate_test

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheRealCLIRunsTheCommandsOfTheDocument runs every block of scripts/README.md with commands of the CLI against the
// local cloud, and reads from the services' records what came of it.
func TestTheRealCLIRunsTheCommandsOfTheDocument(t *testing.T) {
	cli(t)
	text, err := os.ReadFile("../../../scripts/README.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile(`(?m)^    (?:aliyun|scripts/local-aliyun) .*\n(?:^    .*\n)*`).
		FindAllString(string(text), -1)
	if len(blocks) < 5 {
		t.Fatalf("the document has the blocks %q", blocks)
	}
	s := serve(t, `
accessKeys: [{id: local, secret: local}, {id: member, secret: member, account: "`+member+`"}]
vpnConnections: [{id: vco-member, name: theirs, psk: canary, owner: "`+member+`"}]
parameters: {AllowedAccounts: "`+member+`"}
`)
	inbox := regexp.MustCompile("(?s)```yaml\n(ROSTemplate.*?)```").FindStringSubmatch(string(text))
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "inbox.yml"), []byte(inbox[1]), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, block := range blocks {
		key := "local"
		if strings.Contains(block, "vpn-attach-reader") || strings.Contains(block, "GrantInstanceToTransitRouter") {
			key = "member" // in the member account, as the document says
		}
		s.paste(folder, key, block)
	}
	s.didAll()
}

// paste runs a block with a key, and with the words that a reader puts in the place of those in capitals.
func (s *served) paste(folder, key, block string) {
	s.t.Helper()
	here, err := filepath.Abs("../../../scripts")
	if err != nil {
		s.t.Fatal(err)
	}
	block = strings.NewReplacer("acs:ram::ACCOUNT", "acs:ram::1234567890123456", "--CenOwnerId ACCOUNT",
		"--CenOwnerId 1234567890123456", "MEMBER@", member+"@", "vco-…", "vco-member", "cen-…", "cen-core",
		"scripts/local-aliyun", "aliyun", "LOCAL_ENDPOINT=http://127.0.0.1:8601 ", "").Replace(block)
	script := "aliyun() { " + filepath.Join(here, "local-aliyun") + " \"$@\"; }\n" + block
	command := exec.CommandContext(s.t.Context(), "bash", "-e", "-c", script)
	command.Dir = folder
	command.Env = append(os.Environ(), "ALIYUN="+cli(s.t), "LOCAL_ENDPOINT=http://"+s.cloud.Cloud().Address,
		"LOCAL_ACCESS_KEY_ID="+key, "LOCAL_ACCESS_KEY_SECRET="+key, "MNS_TOPIC=vpn-attach-outcomes")
	said, err := command.CombinedOutput()
	if err != nil || bytes.Contains(said, []byte(`"Success": false`)) {
		s.t.Errorf("%v: of\n%scame\n%s", err, block, said)
	}
}

// didAll holds what the blocks did against what the document says of them.
func (s *served) didAll() {
	s.t.Helper()
	c := s.cloud.Cloud()
	if status, reason := c.ROS.Status("vpn-attach-inbox"); status != "CREATE_COMPLETE" {
		s.t.Errorf("the stack of the inbox is %q: %s", status, reason)
	}
	if !c.HasBus("vpn-attach-members") {
		s.t.Error("the bus of the members was not made")
	}
	for _, arn := range []string{
		"acs:ram::" + member + ":role/vpn-attach-reader", "acs:ram::1234567890123456:role/vpn-attach-members",
	} {
		if !c.HasRole(arn) {
			s.t.Errorf("the role %s was not made", arn)
		}
	}
	answer, err := s.Invoke(s.t.Context(), map[string]any{
		"vpnConnectionId": "vco-member", "ownerId": member, "transitRouterId": "tr-core",
	})
	s.says(answer, err, "vco-member: attaching")
	s.until("the member's connection is attached", attached("vco-member"))
}
