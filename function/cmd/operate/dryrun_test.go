package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/local"
)

func TestEveryVerbThatChangesSomethingHasADryRun(t *testing.T) {
	looks := []string{"status", "doctor", "logs", "letters", "health", "plan"}
	for _, v := range verbs() {
		if has := slices.Contains(strings.Fields(v.flags), "dry"); has == slices.Contains(looks, v.name) {
			t.Errorf("%s: a dry run is there: %t", v.name, has)
		}
	}
}

func TestADryRunOfAnAcknowledgementDeletesNothing(t *testing.T) {
	text, err := os.ReadFile("../../../events/clouds/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	spec, err := local.ReadSpec(text)
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := local.Start(spec, local.Options{}) // which needs no function: nobody invokes it
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	if _, err := cloud.Queues.Send("vpn-attach-inbox", `{"data":{"status":"failed"}}`, 0); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		flag, says string
		left       int
	}{{"--dry-run", "1 would be acknowledged and gone", 1}, {"--json", `"acked": true`, 0}} {
		out, complaint, status := said(t, nil, "inbox", "--ack", c.flag, "--local", "--at", cloud.Address)
		time.Sleep(1100 * time.Millisecond) // until what was looked at can be received again
		if left := cloud.Queues.Stats("vpn-attach-inbox").Active; status != 0 || left != c.left ||
			!strings.Contains(out, c.says) {
			t.Errorf("%s: status %d, %d left, it said %s%s", c.flag, status, left, out, complaint)
		}
	}
}

func TestADryRunOfARemovalWinsOverItsYes(t *testing.T) {
	folder := t.TempDir()
	cli, calls := filepath.Join(folder, "aliyun"), filepath.Join(folder, "calls")
	script := "#!/bin/sh\necho \"$1 $2\" >> " + calls + "\n" +
		`echo '{"Stacks":[{"StackId":"1","StackName":"vpn-attach"}],"StackId":"1","Parameters":[]}'` + "\n"
	if err := os.WriteFile(cli, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	in := map[string]string{"ALIBABA_CLOUD_REGION_ID": "cn-hangzhou", "ALIYUN_CLI": cli}
	for _, c := range []struct {
		arguments []string
		says      string
		deletes   bool
	}{
		{[]string{"remove", "--yes", "--dry-run"}, "would be deleted", false},
		{[]string{"remove", "--yes"}, "is being deleted", true},
	} {
		out, complaint, status := said(t, in, c.arguments...)
		made, err := os.ReadFile(calls)
		if err != nil || status != 0 || !strings.Contains(out, c.says) ||
			strings.Contains(string(made), "ros DeleteStack") != c.deletes {
			t.Errorf("%v: status %d, it called %s and said %s%s", c.arguments, status, made, out, complaint)
		}
	}
}
