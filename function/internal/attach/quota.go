package attach

import "vpn-attach/function/internal/cloud"

// The API calls, by the names that the services give them.
const (
	ActionDescribe    = cloud.ActionDescribe
	ActionInventory   = cloud.ActionInventory
	ActionRouters     = cloud.ActionRouters
	ActionAttachments = cloud.ActionAttachments
	ActionCreate      = cloud.ActionCreate
	ActionDelete      = cloud.ActionDelete
	ActionTables      = cloud.ActionTables
	ActionGrants      = cloud.ActionGrants
)
