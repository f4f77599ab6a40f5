// Package resourcemanager stands in for the part of Resource Management (2020-03-31) that makes service-linked roles,
// which are remembered and nothing else: CreateServiceLinkedRole. It does not imitate any other operation.
package resourcemanager

import (
	"strings"

	"vpn-attach/function/internal/standin/rpc"
	"vpn-attach/function/internal/standin/sign"
)

// Version is the API's.
const Version = "2020-03-31"

// New makes a service of an account without service-linked roles.
func New(account string, keys sign.Keys) *rpc.Service {
	roles := &rpc.LinkedRoles{}
	return rpc.New(Version, keys, map[string]rpc.Operation{
		"CreateServiceLinkedRole": func(c rpc.Call) (map[string]any, *sign.Refusal) {
			if refusal := roles.Make(c, "ServiceName"); refusal != nil {
				return nil, refusal
			}
			product, _, _ := strings.Cut(c.Get("ServiceName"), ".")
			name := "AliyunServiceRoleFor" + strings.ToUpper(product) // of some products the case differs: assumed
			return map[string]any{"Role": map[string]string{
				"RoleName": name, "RoleId": "3" + account,
				"Arn":               "acs:ram::" + account + ":role/" + strings.ToLower(name),
				"RolePrincipalName": name + "@role." + account + ".onaliyunservice.com",
			}}, nil
		},
	})
}
