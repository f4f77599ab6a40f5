package main

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/aliyun/credentials-go/credentials"

	"vpn-attach/function/internal/app"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/plan"
	"vpn-attach/function/internal/standin/sts"
)

// read reads the regions of the account.
func (f flags) read(ctx context.Context, c console) (all []local.Spec, complete bool, err error) {
	access, err := f.access(c)
	if err != nil {
		return nil, false, err
	}
	regions := f.regions.values
	id, err := access.AccountID(ctx, regions[0])
	if err != nil {
		return nil, false, err
	}
	settings, complete, err := f.deployedSettings(ctx, access, c)
	if err != nil {
		return nil, false, err
	}
	for _, region := range regions {
		snapshot, err := f.readRegion(ctx, access, c, plan.Wanted{
			AccountID: id, Region: region, Settings: f.withAccounts(settings, id),
		})
		if err != nil {
			return nil, false, err
		}
		c.missed(region, snapshot.Missing)
		complete = complete && len(snapshot.Missing) == 0
		all = append(all, snapshot.Spec)
	}
	return all, complete, nil
}

// deployedSettings are the function's settings, by what is deployed. Without the permission to read them the plan is
// made with the defaults, and is not complete.
func (f flags) deployedSettings(
	ctx context.Context, access *plan.Access, c console,
) (settings map[string]string, complete bool, err error) {
	if f.deployed == "" {
		return map[string]string{}, true, nil
	}
	region := f.regions.values[0]
	settings, err = access.Deployed(ctx, region, f.deployed)
	if missing := plan.Lacking(err); missing != "" {
		c.missed(region, []string{"the settings of " + f.deployed + ", planning with the defaults: " + missing})
		return map[string]string{}, false, nil
	}
	return settings, true, err
}

// missed says what could not be read.
func (c console) missed(region string, all []string) {
	for _, missing := range all {
		fmt.Fprintln(c.err, "plan: not read:", local.Safe(region+": "+missing))
	}
}

// readRegion reads one region, going on where an interrupted reading was, and saves it.
func (f flags) readRegion(
	ctx context.Context, access *plan.Access, c console, wanted plan.Wanted,
) (s plan.Snapshot, err error) {
	wanted.Members = f.members(wanted.AccountID, wanted.Settings)
	access.Role, access.ExternalID = role(wanted.Settings)
	reader, err := access.Reader()
	if err != nil {
		return s, err
	}
	account := plan.Account{
		Reader: reader, Refresh: access.Refresh, Quotas: cloud.Quotas(), Share: f.share, Progress: c.progress.tell,
	}
	defer c.progress.clear()
	path := plan.PathOf(f.save, wanted.Region, len(f.regions.values) == 1)
	if account.Journal, err = c.journal(path, wanted); err != nil {
		return s, err
	}
	if s, err = account.Read(ctx, wanted); err != nil {
		return s, &unfinished{err, account.Journal.Keep()}
	}
	if path == "" {
		return s, account.Journal.Done()
	}
	saved := s.Spec
	if f.anonymise {
		saved = f.anonymiser.Hide(saved)
	}
	if err := plan.Write(path, saved); err != nil {
		return s, err
	}
	return s, account.Journal.Done()
}

// journal is beside the file that is saved, else in the user's cache. Where neither is, a reading begins anew.
func (c console) journal(path string, wanted plan.Wanted) (*plan.Journal, error) {
	switch {
	case path != "":
		return plan.OpenJournal(path + ".part")
	case c.cache == "":
		return nil, nil
	}
	var endpoints []string
	for _, name := range endpointNames() {
		endpoints = append(endpoints, c.getenv(name))
	}
	kept, err := plan.KeptIn(c.cache, wanted.AccountID, wanted.Region, endpoints...)
	if err != nil {
		return nil, err
	}
	return plan.OpenJournal(kept)
}

// unfinished is why a reading ended too early.
type unfinished struct {
	error
	kept string // where its pages are; "" when there are none
}

func (u *unfinished) Unwrap() error { return u.error }

// withAccounts are the function's settings, with --set and the accounts that are read.
func (f flags) withAccounts(settings map[string]string, own string) map[string]string {
	all := maps.Clone(settings)
	if !f.against { // then they are those of the other side
		maps.Copy(all, f.settings)
	}
	if len(f.accounts.values) > 0 && all["ALLOWED_ACCOUNTS"] == "" {
		all["ALLOWED_ACCOUNTS"] = strings.Join(slices.Concat([]string{own}, f.accounts.values), ",")
	}
	return all
}

// members are the roles by which connections of other accounts are read: of those that the function serves.
func (f flags) members(own string, settings map[string]string) (all []sts.Role) {
	arn, externalID := role(settings)
	_, name, _ := strings.Cut(arn, ":role/")
	served := strings.Split(settings["ALLOWED_ACCOUNTS"], ",")
	for _, account := range slices.Concat(served, f.accounts.values) {
		account = strings.TrimSpace(account)
		isKnown := slices.ContainsFunc(all, func(r sts.Role) bool { return r.Account == account })
		if account != "" && account != own && !isKnown {
			all = append(all, sts.Role{Account: account, Name: name, ExternalID: externalID})
		}
	}
	return all
}

// role is the one that the function assumes in other accounts.
func role(settings map[string]string) (arn, externalID string) {
	arn, externalID = "acs:ram::{account}:role/vpn-attach-reader", "vpn-attach"
	if settings["OWNER_ROLE"] != "" {
		arn = settings["OWNER_ROLE"]
	}
	if settings["OWNER_EXTERNAL_ID"] != "" {
		externalID = settings["OWNER_EXTERNAL_ID"]
	}
	return arn, externalID
}

// endpointNames are the variables that name other addresses of the services.
func endpointNames() []string {
	return []string{"VPC_ENDPOINT", "CBN_ENDPOINT", "STS_ENDPOINT", "FC_ENDPOINT"}
}

// access finds credentials and endpoints.
func (f flags) access(c console) (*plan.Access, error) {
	keys, err := credentials.NewCredential(nil)
	if err != nil {
		return nil, fmt.Errorf("finding credentials: %w", err)
	}
	a := &plan.Access{Keys: keys}
	for i, at := range []**url.URL{&a.VPC, &a.CBN, &a.STS, &a.FC} {
		name := endpointNames()[i]
		text := c.getenv(name)
		if text == "" {
			continue
		}
		if *at, err = app.ParseEndpoint(text); err != nil {
			return nil, fmt.Errorf("reading %s: %w", name, err)
		}
	}
	return a, nil
}
