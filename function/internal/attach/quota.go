package attach

// The API calls, by the names that the services give them.
const (
	ActionDescribe     = "DescribeVpnConnection"
	ActionInventory    = "DescribeVpnConnections"
	ActionRouters      = "ListTransitRouters"
	ActionAttachments  = "ListTransitRouterVpnAttachments"
	ActionCreate       = "CreateTransitRouterVpnAttachment"
	ActionDelete       = "DeleteTransitRouterVpnAttachment"
	ActionTables       = "ListTransitRouterRouteTables"
	ActionAssociations = "ListTransitRouterRouteTableAssociations"
	ActionPropagations = "ListTransitRouterRouteTablePropagations"
	ActionAssociate    = "AssociateTransitRouterAttachmentWithRouteTable"
	ActionGrants       = "DescribeGrantRulesToCen"
	ActionPropagate    = "EnableTransitRouterRouteTablePropagation"
)

// Quota is how often an account may call an API in one region.
type Quota struct {
	PerMinute int
	Assumed   bool // no page documents it
}

// Quotas are the quotas of all calls, from the API pages of VPC and CBN where those say.
func Quotas() map[string]Quota {
	return map[string]Quota{
		ActionDescribe:     {PerMinute: 600},
		ActionRouters:      {PerMinute: 500},
		ActionInventory:    {PerMinute: 300, Assumed: true},
		ActionAttachments:  {PerMinute: 60, Assumed: true},
		ActionCreate:       {PerMinute: 60, Assumed: true},
		ActionDelete:       {PerMinute: 60, Assumed: true},
		ActionGrants:       {PerMinute: 300, Assumed: true},
		ActionTables:       {PerMinute: 300, Assumed: true},
		ActionAssociations: {PerMinute: 300, Assumed: true},
		ActionPropagations: {PerMinute: 300, Assumed: true},
		ActionAssociate:    {PerMinute: 60, Assumed: true},
		ActionPropagate:    {PerMinute: 60, Assumed: true},
	}
}

// The calls that read and make a binding.
func (k BindingKind) listAction() string {
	if k == Association {
		return ActionAssociations
	}
	return ActionPropagations
}

func (k BindingKind) action() string {
	if k == Association {
		return ActionAssociate
	}
	return ActionPropagate
}
