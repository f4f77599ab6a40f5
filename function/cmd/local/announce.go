package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fc"
)

// announcement says how to use a cloud, by what is in it.
func announcement(c *local.Cloud) string {
	var text strings.Builder
	key, environment := c.Spec.AccessKeys[0], c.Environment()
	environment["ALIBABA_CLOUD_ACCESS_KEY_ID"], environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = key.ID, key.Secret
	fmt.Fprintf(&text, "A local cloud listens at http://%s (a status page for browsers).\n\n", c.Address)
	for _, name := range slices.Sorted(maps.Keys(environment)) {
		fmt.Fprintf(&text, "export %s=%s\n", name, local.Safe(environment[name]))
	}
	fmt.Fprintln(&text, "\nThe stack's outputs:")
	for _, output := range c.Stack.Outputs {
		fmt.Fprintf(&text, "  %s: %s\n", output.Name, local.Safe(output.Value))
	}
	fmt.Fprintf(&text, "\nServerless Devs: in s.yaml set props.endpoint to http://%s, region to %s.\n",
		c.Address, local.Safe(c.Spec.Region))
	if id, found := example(c.Spec.Connections); found {
		event := compact(map[string]any{"vpnConnectionId": id, "dryRun": true})
		fmt.Fprintf(&text, "  s invoke -e '%s'\n", event)
		fmt.Fprintf(&text, "The same by hand (--signed forbids it):\n  curl -d '%s' http://%s%s%s/invocations\n",
			event, c.Address, fc.InvokePath, c.Stack.Output("FunctionName"))
	}
	fmt.Fprintf(&text, "A connection, as a person in the console would make one:\n  %s\n\nCtrl-C ends it.\n\n",
		createByHand(c))
	return text.String()
}

// warning says who else reaches a cloud; "" where nobody does.
func warning(c *local.Cloud) string {
	if c.Open == "" {
		return ""
	}
	return fmt.Sprintf("local: warning: other machines reach this cloud at http://%s, and its keys are public "+
		"knowledge: whoever reaches it may use all of it, the function too.\n", c.Open)
}

// example is a connection on which something can be tried: one without an attachment, if there is one.
func example(connections []estate.VPNConnection) (id string, found bool) {
	for _, c := range connections {
		if c.TransitRouter == "" {
			return c.ID, true
		}
	}
	if len(connections) == 0 {
		return "", false
	}
	return connections[0].ID, true
}

// createByHand is a command that makes a connection, tagged for the first transit router that there is.
func createByHand(c *local.Cloud) string {
	tags := map[string]string{}
	if len(c.Spec.Routers) > 0 {
		prefix := c.Variables()["TAG_PREFIX"]
		tags[prefix+"transit-router"] = c.Spec.Routers[0].ID
	}
	body := compact(map[string]any{"name": "branch", "tags": tags})
	return fmt.Sprintf("curl -H 'Origin: http://%[1]s' -H 'Content-Type: application/json' "+
		"-d '%[2]s' http://%[1]s/local/connections", c.Address, body)
}

// compact writes JSON for a command line, between single quotes.
func compact(value any) string {
	text, _ := json.Marshal(value) // maps of texts always can be written
	return strings.ReplaceAll(string(local.SafeJSON(text)), "'", `'\''`)
}
