package plan

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aliyun/credentials-go/credentials"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/fault"
)

// fixed are credentials that do not change.
type fixed struct{ credentials.Credential }

func (fixed) GetCredential() (*credentials.CredentialModel, error) {
	id, secret := "local", "canary-secret"
	return &credentials.CredentialModel{AccessKeyId: &id, AccessKeySecret: &secret}, nil
}

// access reaches a local cloud as it would a real one.
func access(t *testing.T, c *local.Cloud) *Access {
	t.Helper()
	at, err := url.Parse("http://" + c.Address)
	if err != nil {
		t.Fatal(err)
	}
	return &Access{
		Keys: fixed{}, VPC: at, CBN: at, STS: at, FC: at,
		Role: "acs:ram::{account}:role/vpn-attach-reader", ExternalID: "vpn-attach",
	}
}

// served is a local cloud at a port, without a function. Who reads it may do what the printed policy says, and the
// members trust its account.
func served(t *testing.T, spec local.Spec) *local.Cloud {
	t.Helper()
	text, err := Policy()
	if err != nil {
		t.Fatal(err)
	}
	var policy, trust any
	trusting := `{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
		"Principal":{"RAM":["acs:ram::` + spec.Account + `:root"]}}]}`
	if err := errors.Join(json.Unmarshal([]byte(text), &policy), json.Unmarshal([]byte(trusting), &trust)); err != nil {
		t.Fatal(err)
	}
	spec.AccessKeys = []local.AccessKey{{ID: "local", Secret: "canary-secret", Policy: policy}}
	spec.Members = slices.Clone(spec.Members)
	for i := range spec.Members {
		spec.Members[i].TrustPolicy = trust
	}
	c, err := local.Start(spec, local.Options{Binary: filepath.Join(t.TempDir(), "none")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// snapshot reads a local cloud.
func snapshot(t *testing.T, c *local.Cloud, journal *Journal) (Snapshot, error) {
	t.Helper()
	a := access(t, c)
	reader, err := a.Reader()
	if err != nil {
		t.Fatal(err)
	}
	account := &Account{Reader: reader, Refresh: a.Refresh, Share: 1, Journal: journal}
	return account.Read(t.Context(), Wanted{
		AccountID: c.Spec.Account, Region: c.Spec.Region, Members: c.Spec.Members,
		Settings: Deciding(c.Variables()),
	})
}

func TestASnapshotPlansAsTheEstateItself(t *testing.T) {
	t.Parallel()
	spec, want := mixed(t, 26)
	c := served(t, spec)
	read, err := snapshot(t, c, nil)
	if err != nil || len(read.Missing) > 0 {
		t.Fatalf("missing %q, %v", read.Missing, err)
	}
	path := filepath.Join(t.TempDir(), "estate.yaml")
	if err := Write(path, read.Spec); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), "canary") {
		t.Errorf("a key is in the file, or %v", err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the file is %v, %v", info, err)
	}
	again, err := local.ReadSpecFile(path)
	if err != nil {
		t.Fatal(err)
	}
	got := planned(t, again)
	for _, c := range got.Connections {
		if is := want[c.ID]; c.Action != is.action || c.Code != is.code {
			t.Errorf("%s is planned as %s %s, not %s %s", c.ID, c.Action, c.Code, is.action, is.code)
		}
	}
	if len(got.Connections) != len(want) {
		t.Errorf("%d connections are planned", len(got.Connections))
	}
	writes := slices.DeleteFunc(slices.Collect(maps.Keys(c.Faults.Counts())), isRead)
	if len(writes) > 0 {
		t.Errorf("it called %q", writes)
	}
}

func isRead(action string) bool {
	isList := strings.HasPrefix(action, "List") || strings.HasPrefix(action, "Describe")
	return isList || action == cloud.ActionAssumeRole
}

// planned runs the plan for an estate, in virtual time.
func planned(t *testing.T, spec local.Spec) (d Document) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var err error
		if d, err = Run(t.Context(), spec, Options{Places: DefaultPlaces}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
	})
	return d
}

// TestTheCallsOfASnapshotGrowWithThePages: 220 connections are five pages, their attachments two.
func TestTheCallsOfASnapshotGrowWithThePages(t *testing.T) {
	t.Parallel()
	spec, _ := mixed(t, 220)
	spec.Members = nil
	c := served(t, spec)
	if _, err := snapshot(t, c, nil); err != nil {
		t.Fatal(err)
	}
	calls := c.Faults.Counts()
	tables, enterprise := 2, 6 // the transit routers of the region that can have route tables
	want := map[string]int{
		cloud.ActionRouters: 2, cloud.ActionTables: enterprise, cloud.ActionInventory: 5, cloud.ActionAttachments: 2,
		cloud.ActionAssociations: tables, cloud.ActionPropagations: tables,
	}
	if !maps.Equal(calls, want) {
		t.Errorf("calls %v, want %v", calls, want)
	}
}

func TestWhatIsNotPermittedIsNamedAndTheRestIsRead(t *testing.T) {
	t.Parallel()
	spec, _ := mixed(t, 26)
	spec.Faults = []fault.Fault{
		{Action: cloud.ActionTables, Times: 99, Status: 403, Code: "Forbidden.RAM"},
		{Action: cloud.ActionAttachments, Times: 99, Status: 403, Code: "NoPermission"},
	}
	read, err := snapshot(t, served(t, spec), nil)
	if err != nil {
		t.Fatal(err)
	}
	missing := strings.Join(read.Missing, "\n")
	for _, action := range []string{cloud.ActionTables, cloud.ActionAttachments} {
		if permission := cloud.Permission(action); !strings.Contains(missing, permission) {
			t.Errorf("%s is not named in %q", permission, missing)
		}
	}
	if len(read.Spec.Connections) != 26 {
		t.Errorf("%d connections are read", len(read.Spec.Connections))
	}
	hidden := NewAnonymiser().Hide(read.Spec)
	for name, spec := range map[string]local.Spec{"it": read.Spec, "without names, it": hidden} {
		path := filepath.Join(t.TempDir(), "estate.yaml")
		if err := Write(path, spec); err != nil {
			t.Fatal(err)
		}
		again, err := local.ReadSpecFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if planned(t, again).Complete {
			t.Errorf("%s is complete after it was saved", name)
		}
	}
}

func TestAnInterruptedSnapshotGoesOnWhereItWas(t *testing.T) {
	t.Parallel()
	spec, _ := mixed(t, 220)
	spec.Faults = []fault.Fault{{Action: cloud.ActionInventory, Skip: 3, Status: 400, Code: "InvalidParameter"}}
	c, path := served(t, spec), filepath.Join(t.TempDir(), "estate.yaml.part")
	for attempt := range 2 {
		journal, err := OpenJournal(path)
		if err != nil {
			t.Fatal(err)
		}
		_, err = snapshot(t, c, journal)
		if (err == nil) != (attempt == 1) {
			t.Fatalf("attempt %d ends with %v", attempt, err)
		}
		if err == nil {
			err = journal.Done()
		}
		if _, gone := os.Stat(path); attempt == 1 && (err != nil || gone == nil) {
			t.Errorf("the journal stays, or %v", err)
		}
	}
	if got := c.Faults.Counts()[cloud.ActionRouters]; got != 2 {
		t.Errorf("transit routers were listed %d times", got)
	}
}

func TestAThrottledSnapshotEnds(t *testing.T) {
	t.Parallel()
	spec, _ := mixed(t, 26)
	spec.Faults = []fault.Fault{{Action: cloud.ActionInventory, Times: 5, Status: 400, Code: "Throttling.User",
		Headers: map[string]string{"x-acs-retry-after": "20"}}}
	read, err := snapshot(t, served(t, spec), nil)
	if err != nil || len(read.Spec.Connections) != 26 {
		t.Errorf("%d connections, %v", len(read.Spec.Connections), err)
	}
}

func TestOnlyWhatDecidesIsReadOfADeployedFunction(t *testing.T) {
	t.Parallel()
	spec, _ := mixed(t, 1)
	spec.Function.Environment = map[string]string{
		"MATCH_TAGS": "env,site", "FOLLOW_UP_KEY": strings.Repeat("canary", 8), "SWEEP_MAX": "7",
	}
	c := served(t, spec)
	got, err := access(t, c).Deployed(t.Context(), spec.Region, local.FunctionName)
	isNone := func(key, _ string) bool { return slices.Contains(deciding(), key) }
	others := maps.Clone(got)
	if maps.DeleteFunc(others, isNone); err != nil || len(others) > 0 || got["MATCH_TAGS"] != "env,site" {
		text, _ := json.Marshal(got)
		t.Errorf("read %s, %v", text, err)
	}
	if id, err := access(t, c).AccountID(t.Context(), spec.Region); err != nil || id != spec.Account {
		t.Errorf("the account is %q, %v", id, err)
	}
}

func TestTheJournalsOfTheCacheAreKeptForAnHour(t *testing.T) {
	cache := t.TempDir()
	var paths []string
	for _, endpoint := range []string{"", "http://127.0.0.1:8080"} {
		path, err := KeptIn(cache, "1234567890123456", "cn-hangzhou", endpoint)
		if err != nil || os.WriteFile(path, nil, 0o600) != nil {
			t.Fatal(path, err)
		}
		paths = append(paths, path)
	}
	if paths[0] == paths[1] || filepath.Base(paths[0]) != "plan-1234567890123456-cn-hangzhou.part" {
		t.Errorf("two clouds are kept in %q", paths)
	}
	if err := os.Chtimes(paths[1], time.Time{}, time.Now().Add(-2*maxAge)); err != nil {
		t.Fatal(err)
	}
	if _, err := KeptIn(cache, "6543210987654321", "cn-hangzhou"); err != nil {
		t.Fatal(err)
	}
	for i, path := range paths {
		if _, err := os.Stat(path); (err == nil) != (i == 0) {
			t.Errorf("%s: %v", path, err)
		}
	}
}
