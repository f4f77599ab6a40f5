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

// stack is the flag that names the stack where it has another name than by default.
func stack(c *local.Cloud) string {
	if name := c.Stack.Output("FunctionName"); name != local.FunctionName {
		return " --stack " + local.Safe(name)
	}
	return ""
}

// announcement says how to use a cloud, by what is in it.
func announcement(c *local.Cloud) string {
	var text strings.Builder
	key, environment := c.Spec.AccessKeys[0], c.Environment()
	environment["ALIBABA_CLOUD_ACCESS_KEY_ID"], environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"] = key.ID, key.Secret
	environment["FC_ENDPOINT"] = "http://" + c.Address // for scripts/plan
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
	id, hasConnection := example(c.Spec.Connections)
	if hasConnection {
		fmt.Fprintf(&text, "  s invoke -e '%s'\n", dryRun(id))
	}
	fmt.Fprintf(&text, "The aliyun CLI, set for this cloud:\n  %s vpc DescribeVpnConnections\n",
		strings.Join(c.CLI(), " "))
	fmt.Fprintf(&text, "What an operator does, with this cloud:\n  scripts/vpn-attach status --local --at %s%s\n",
		c.Address, stack(c))
	for _, line := range lines(c, id) {
		fmt.Fprintf(&text, "%s:\n  %s\n", line[0], line[1])
	}
	fmt.Fprint(&text, "\nCtrl-C ends it.\n\n")
	return text.String()
}

// lines are commands that can be pasted, for what there is in a cloud, and what each does. id is a connection, if there
// is one.
func lines(c *local.Cloud, id string) (all [][2]string) {
	router, hasRouter := "", len(c.Spec.Routers) > 0
	if hasRouter {
		router = c.Spec.Routers[0].ID
	}
	prefix := c.Variables()["TAG_PREFIX"]
	tag := func(id, name, value string) string {
		return change(c, "tags", map[string]any{"id": id, "set": map[string]string{prefix + name: value}})
	}
	all = append(all, [2]string{"A connection, as a person in the console would make one", createByHand(c)})
	if hasRouter && id != "" {
		all = append(all, [2]string{"The same person tags another one", tag(id, "transit-router", router)})
	}
	if hasRouter {
		all = append(all, [2]string{"The owner of a transit router consents", tag(router, "accept", "any")})
	}
	if id != "" {
		invoke := fmt.Sprintf("curl -d '%s' http://%s%s%s/invocations",
			dryRun(id), c.Address, fc.InvokePath, c.Stack.Output("FunctionName"))
		all = append(all, [2]string{"The function by hand (--signed forbids it)", invoke})
	}
	return append(all,
		[2]string{"What became of it", fmt.Sprintf("curl http://%s/local/outcomes", c.Address)},
		[2]string{"Dead letters", fmt.Sprintf("curl http://%s/local/queues/%s", c.Address, c.DeadLetters)})
}

func dryRun(id string) string { return compact(map[string]any{"vpnConnectionId": id, "dryRun": true}) }

// change is a request for a change, as the page makes it.
func change(c *local.Cloud, path string, body any) string {
	return fmt.Sprintf("curl -H 'Origin: http://%[1]s' -H 'Content-Type: application/json' "+
		"-d '%[2]s' http://%[1]s/local/%[3]s", c.Address, compact(body), path)
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
	return change(c, "connections", map[string]any{"name": "branch", "tags": tags})
}

// compact writes JSON for a command line, between single quotes.
func compact(value any) string {
	text, _ := json.Marshal(value) // maps of texts always can be written
	return strings.ReplaceAll(string(local.SafeJSON(text)), "'", `'\''`)
}
