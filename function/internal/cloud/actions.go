package cloud

// The API operations that the function calls, by the names that the services give them.
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
	ActionPropagate    = "EnableTransitRouterRouteTablePropagation"
	ActionGrants       = "DescribeGrantRulesToCen"
	ActionAssumeRole   = "AssumeRole"
	ActionPublish      = "PublishMessage"
	ActionSend         = "BatchSendMessage"
)

// Action is what is known of one API operation.
type Action struct {
	Name       string
	Permission string // what the function's RAM role needs, in words
	PerMinute  int    // calls that an account may make in one region; 0 = not limited by the function
	Assumed    bool   // no page documents PerMinute
}

// Actions lists every API operation that the function calls. Quotas are from the API pages
// of VPC and CBN, where those give any.
func Actions() []Action {
	return []Action{
		{Name: ActionDescribe, Permission: "vpc:DescribeVpnConnection", PerMinute: 600},
		{Name: ActionInventory, Permission: "vpc:DescribeVpnConnections", PerMinute: 300, Assumed: true},
		{Name: ActionRouters, Permission: "cen:ListTransitRouters", PerMinute: 500},
		{Name: ActionAttachments, Permission: "cen:ListTransitRouterVpnAttachments", PerMinute: 60, Assumed: true},
		{Name: ActionCreate, Permission: "cen:CreateTransitRouterVpnAttachment on the transit router and its CEN",
			PerMinute: 60, Assumed: true},
		{Name: ActionDelete, Permission: "cen:DeleteTransitRouterVpnAttachment on the attachment", PerMinute: 60, Assumed: true},
		{Name: ActionTables, Permission: "cen:ListTransitRouterRouteTables", PerMinute: 300, Assumed: true},
		{Name: ActionAssociations, Permission: "cen:ListTransitRouterRouteTableAssociations", PerMinute: 300, Assumed: true},
		{Name: ActionPropagations, Permission: "cen:ListTransitRouterRouteTablePropagations", PerMinute: 300, Assumed: true},
		{Name: ActionAssociate, PerMinute: 60, Assumed: true,
			Permission: "cen:AssociateTransitRouterAttachmentWithRouteTable on the route table and the attachment"},
		{Name: ActionPropagate, PerMinute: 60, Assumed: true,
			Permission: "cen:EnableTransitRouterRouteTablePropagation on the route table and the attachment"},
		{Name: ActionGrants, Permission: "cen:DescribeGrantRulesToCen on the CEN", PerMinute: 300, Assumed: true},
		{Name: ActionAssumeRole, Permission: "sts:AssumeRole on the other account's role"},
		{Name: ActionPublish, Permission: "mns:PublishMessage on the topic"},
		{Name: ActionSend, Permission: "mns:SendMessage on the queue"},
	}
}

// Permission is what the function's RAM role needs for an action, in words.
func Permission(action string) string {
	for _, a := range Actions() {
		if a.Name == action {
			return a.Permission
		}
	}
	return "the refused action"
}

// Quotas gives the calls a minute of every action that has a quota.
func Quotas() map[string]int {
	quotas := map[string]int{}
	for _, a := range Actions() {
		if a.PerMinute > 0 {
			quotas[a.Name] = a.PerMinute
		}
	}
	return quotas
}

// ListAction is the operation that lists bindings of the kind.
func (k BindingKind) ListAction() string {
	if k == Association {
		return ActionAssociations
	}
	return ActionPropagations
}

// CreateAction is the operation that makes a binding of the kind.
func (k BindingKind) CreateAction() string {
	if k == Association {
		return ActionAssociate
	}
	return ActionPropagate
}
