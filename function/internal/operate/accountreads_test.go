package operate_test

import (
	"context"

	"vpn-attach/function/internal/operate"
)

// log gives what the local cloud has of its function's log. It looks for nothing: the caller chooses.
func (a *account) log(ctx context.Context) ([]byte, error) {
	if a.local == nil {
		return a.says([]any{})
	}
	return a.local.Call(ctx, operate.Call{Service: "fc", Action: "GET", Path: "/2023-03-30/functions/vpn-attach/logs"})
}

func (a *account) contacts(c operate.Call) ([]byte, error) {
	mail, known := a.groups[flag(c, "--ContactGroupName")]
	if !known {
		return refuse(c, "404")
	}
	return a.says(map[string]any{"Success": true, "Contacts": map[string]any{"Contact": []any{
		map[string]any{"Name": "ops", "Channels": map[string]string{"Mail": mail}}}}})
}

func (a *account) connections(c operate.Call) ([]byte, error) {
	found := []any{}
	for id, name := range a.named {
		if asked := flag(c, "--VpnConnectionId"); asked == "" || asked == id {
			found = append(found, map[string]string{"VpnConnectionId": id, "Name": name, "Spec": "canary"})
		}
	}
	return a.says(map[string]any{"VpnConnections": map[string]any{"VpnConnection": found}})
}
