package decide

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Granted refuses, with an *End, a connection of another account that its owner did not grant
// to the CEN (CBN API GrantInstanceToTransitRouter).
func Granted(listed []cloud.Grant, asked cloud.GrantFilter, f Function) error {
	if slices.Contains(listed, cloud.Grant{ConnectionID: asked.ConnectionID, OwnerID: asked.OwnerID}) {
		return nil
	}
	return Fail(CodeGrantMissing, "account %s has not granted VPN connection %s to CEN %s of account %s",
		asked.OwnerID, asked.ConnectionID, asked.CenID, f.AccountID).
		advise("Let account %s call: aliyun cbn GrantInstanceToTransitRouter --RegionId %s "+
			"--InstanceType VPN --InstanceId %s --CenId %s --CenOwnerId %s --OrderType PayByCenOwner; %s.",
			asked.OwnerID, asked.RegionID, asked.ConnectionID, asked.CenID, f.AccountID, askAgain)
}

// roleError is a refusal to read another account's connection, with what to set up there.
type roleError struct {
	error
	advice string
}

func (e roleError) Unwrap() error { return e.error }

// RoleError adds what to set up in another account when its role could not be assumed, or may
// not read the connection. Any other error stays as it is.
func (r Rules) RoleError(err error, owner string, f Function) error {
	var api *cloud.APIError
	if owner == "" || !errors.As(err, &api) || api.Action != cloud.ActionAssumeRole && api.Status != 403 {
		return err
	}
	return roleError{err, fmt.Sprintf(`In account %s create the role %s: trust the role of this function in account `+
		`%s on condition that sts:ExternalId is %q, and give it the policy {"Version":"1","Statement":[{"Effect":`+
		`"Allow","Action":["vpc:DescribeVpnConnection","vpc:DescribeVpnConnections",`+
		`"vpc:DiagnoseVpnConnections"],"Resource":"*"}]}. The function's own role needs `+
		`sts:AssumeRole on it. %s. OWNER_ROLE and OWNER_EXTERNAL_ID name another role.`,
		owner, strings.ReplaceAll(r.OwnerRole, "{account}", owner), f.AccountID, r.OwnerExternalID, askAgainSentence)}
}

// Missing says, as an *End, what it means that the connection's account does not have it: it is gone, unless that
// account is only assumed and the function serves others, too.
func (r Rules) Missing(e event.Event, f Function) error {
	if e.OwnerAssumed && len(r.ServedAccounts(f)) > 1 {
		return Fail(CodeNotAllowed, "the event does not say whose the connection is, and account %s does not have it",
			e.OwnerID).advise("Invoke the function with the connection and its ownerId.")
	}
	return Skip(CodeGone)
}
