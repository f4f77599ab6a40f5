package cloud

// The API operations that the function calls, by the names that the services give them.
const (
	ActionDescribe     = "DescribeVpnConnection"
	ActionInventory    = "DescribeVpnConnections"
	ActionDiagnose     = "DiagnoseVpnConnections"
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
	ActionNetworks     = "DescribeCenAttachedChildInstances"
	ActionAssumeRole   = "AssumeRole"
	ActionPublish      = "PublishMessage"
	ActionSend         = "BatchSendMessage"
)

// Action is what is known of one API operation.
type Action struct {
	Name       string
	Permission string // what the function's RAM role needs, in words
	Quota      Quota  // of an account in one region; zero = not limited by the function
	Assumed    bool   // no page documents Quota
}

// Actions lists every API operation that the function calls. Quotas are from the API pages of VPC and CBN, where those
// give any. What is assumed is what those pages say of similar calls: of lists, and of a delete of an attachment.
func Actions() []Action {
	const onTable = " on the route table and the attachment"
	reads, writes := PerMinute(500), PerSecond(3)
	return []Action{
		{ActionDescribe, "vpc:DescribeVpnConnection", PerMinute(600), false},
		{ActionInventory, "vpc:DescribeVpnConnections", PerMinute(600), false},
		{ActionDiagnose, "vpc:DiagnoseVpnConnections", PerMinute(300), true},
		{ActionRouters, "cen:ListTransitRouters", PerMinute(500), false},
		{ActionAttachments, "cen:ListTransitRouterVpnAttachments", reads, true},
		{ActionCreate, "cen:CreateTransitRouterVpnAttachment on the transit router and its CEN", writes, true},
		{ActionDelete, "cen:DeleteTransitRouterVpnAttachment on the attachment", writes, true},
		{ActionTables, "cen:ListTransitRouterRouteTables", reads, true},
		{ActionAssociations, "cen:ListTransitRouterRouteTableAssociations", reads, true},
		{ActionPropagations, "cen:ListTransitRouterRouteTablePropagations", reads, true},
		{ActionAssociate, "cen:AssociateTransitRouterAttachmentWithRouteTable" + onTable, writes, true},
		{ActionPropagate, "cen:EnableTransitRouterRouteTablePropagation on the attachment", writes, true},
		{ActionGrants, "cen:DescribeGrantRulesToCen on the CEN", reads, true},
		{ActionNetworks, "cen:DescribeCenAttachedChildInstances on the CEN", reads, true},
		{ActionAssumeRole, "sts:AssumeRole on the other account's role", Quota{}, false},
		{ActionPublish, "mns:PublishMessage on the topic", Quota{}, false},
		{ActionSend, "mns:SendMessage and mns:BatchSendMessage on the queue", Quota{}, false},
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

// Quotas gives the quota of every action that has one.
func Quotas() map[string]Quota {
	quotas := map[string]Quota{}
	for _, a := range Actions() {
		if a.Quota.Calls > 0 {
			quotas[a.Name] = a.Quota
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
