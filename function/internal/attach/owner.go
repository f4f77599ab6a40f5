package attach

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"vpn-attach/function/internal/cloud"
)

// Grants tells whether another account's connection may be attached to a CEN instance: its
// owner called GrantInstanceToTransitRouter.
type Grants interface {
	ListGrants(ctx context.Context, filter cloud.GrantFilter, cursor string) (page []cloud.Grant, next string, err error)
}

// ActionAssumeRole is how another account's connections are reached.
const ActionAssumeRole = cloud.ActionAssumeRole

// foreign is the account of the event's connection when that is not the function's own.
func (l *line) foreign() string {
	if l.event.OwnerID == l.inv.AccountID {
		return ""
	}
	return l.event.OwnerID
}

// granted refuses a connection of another account whose owner did not grant it.
func (l *line) granted(ctx context.Context, c Connection, router Router) *Verdict {
	owner := l.foreign()
	if owner == "" {
		return nil
	}
	filter := cloud.GrantFilter{RegionID: c.RegionID, CenID: router.CenID, OwnerID: owner, ConnectionID: c.ID}
	grants, err := listAll(func(cursor string) (page []cloud.Grant, next string, err error) {
		err = l.call(ctx, ActionGrants, func(ctx context.Context) (err error) {
			page, next, err = l.Grants.ListGrants(ctx, filter, cursor)
			return err
		})
		return page, next, err
	})
	switch {
	case err != nil:
		return l.ended(err)
	case slices.Contains(grants, cloud.Grant{ConnectionID: c.ID, OwnerID: owner}):
		return nil
	}
	return failed("", Fault{
		Code:    CodeGrantMissing,
		Message: fmt.Sprintf("account %s has not granted VPN connection %s to CEN %s of account %s", owner, c.ID, router.CenID, l.inv.AccountID),
		Advice: fmt.Sprintf("Let account %s call: aliyun cbn GrantInstanceToTransitRouter --RegionId %s --InstanceType VPN --InstanceId %s --CenId %s --CenOwnerId %s --OrderType PayByCenOwner; then replay the event, or leave it to the next sweep where SWEEP=attach.",
			owner, c.RegionID, c.ID, router.CenID, l.inv.AccountID),
	})
}

// withRoleAdvice says what to set up when another account's role could not be assumed.
func (l *line) withRoleAdvice(err error, v Verdict) Verdict {
	if api := answerOf(err); l.foreign() == "" || v.Fault == nil || v.Fault.Class == ClassRetry || api.Action != ActionAssumeRole && v.Fault.HTTPStatus != 403 {
		return v
	}
	fault := *v.Fault
	role := strings.ReplaceAll(l.Rules.OwnerRole, "${account}", l.foreign())
	fault.Class = ClassOperator
	fault.Advice = fmt.Sprintf(`In account %s create the role %s: trust account %s on condition that sts:ExternalId is %q, and give it the policy {"Version":"1","Statement":[{"Effect":"Allow","Action":["vpc:DescribeVpnConnection","vpc:DescribeVpnConnections"],"Resource":"*"}]}. The function's own role needs sts:AssumeRole on it. Then replay the event. OWNER_ROLE and OWNER_EXTERNAL_ID name another role.`,
		l.foreign(), role, l.inv.AccountID, l.Rules.OwnerExternalID)
	v.Fault = &fault
	return v
}
