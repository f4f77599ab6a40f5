package plan

import (
	"encoding/json"
	"fmt"
	"strings"

	"vpn-attach/function/internal/cloud"
)

// readActions are the calls by which an estate is read.
func readActions() []string {
	return []string{
		cloud.ActionInventory, cloud.ActionRouters, cloud.ActionAttachments, cloud.ActionTables,
		cloud.ActionAssociations, cloud.ActionPropagations, cloud.ActionGrants, cloud.ActionAssumeRole,
	}
}

// Policy is the RAM policy that reading needs. It has no action that changes anything.
func Policy() (string, error) {
	actions := []string{"fc:GetFunction"}
	for _, action := range readActions() {
		permission, _, _ := strings.Cut(cloud.Permission(action), " ")
		actions = append(actions, permission)
	}
	text, err := json.MarshalIndent(map[string]any{
		"Version": "1",
		"Statement": []any{map[string]any{
			"Effect": "Allow", "Action": actions, "Resource": "*",
		}},
	}, "", "  ")
	if err != nil {
		return "", fmt.Errorf("writing the policy: %w", err)
	}
	return string(text), nil
}
