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
	const onTable = " on the route table and the attachment"
	return []Action{
		{ActionDescribe, "vpc:DescribeVpnConnection", 600, false},
		{ActionInventory, "vpc:DescribeVpnConnections", 300, true},
		{ActionRouters, "cen:ListTransitRouters", 500, false},
		{ActionAttachments, "cen:ListTransitRouterVpnAttachments", 60, true},
		{ActionCreate, "cen:CreateTransitRouterVpnAttachment on the transit router and its CEN", 60, true},
		{ActionDelete, "cen:DeleteTransitRouterVpnAttachment on the attachment", 60, true},
		{ActionTables, "cen:ListTransitRouterRouteTables", 300, true},
		{ActionAssociations, "cen:ListTransitRouterRouteTableAssociations", 300, true},
		{ActionPropagations, "cen:ListTransitRouterRouteTablePropagations", 300, true},
		{ActionAssociate, "cen:AssociateTransitRouterAttachmentWithRouteTable" + onTable, 60, true},
		{ActionPropagate, "cen:EnableTransitRouterRouteTablePropagation" + onTable, 60, true},
		{ActionGrants, "cen:DescribeGrantRulesToCen on the CEN", 300, true},
		{ActionAssumeRole, "sts:AssumeRole on the other account's role", 0, false},
		{ActionPublish, "mns:PublishMessage on the topic", 0, false},
		{ActionSend, "mns:SendMessage on the queue", 0, false},
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

// Actions are the operations that list bindings of the kind, and that make one.
func (k BindingKind) Actions() (list, create string) {
	if k == Association {
		return ActionAssociations, ActionAssociate
	}
	return ActionPropagations, ActionPropagate
}
