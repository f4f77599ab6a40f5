package plan

import (
	"encoding/json"
	"errors"
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

// actionFunction is the call that reads a deployed function, which the function itself never makes.
const actionFunction = "GetFunction"

// permissionOf is the permission for a call of a reading.
func permissionOf(action string) string {
	if action == actionFunction {
		return "fc:" + actionFunction
	}
	return cloud.Permission(action)
}

// Lacking says which permission is missing by an error; "" when it says something else.
func Lacking(err error) string {
	var refused *cloud.APIError
	if !denied(err) || !errors.As(err, &refused) {
		return ""
	}
	return "not permitted: " + permissionOf(refused.Action)
}

// Policy is the RAM policy that reading needs. It has no action that changes anything.
func Policy() (string, error) {
	actions := []string{permissionOf(actionFunction)}
	for _, action := range readActions() {
		permission, _, _ := strings.Cut(permissionOf(action), " ")
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
