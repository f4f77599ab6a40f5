package operate

import (
	"context"
	"maps"
	"slices"
	"strconv"
)

// Bounds of looking up names: up to so many connections of a region are asked for one by one, else one page is read.
const (
	mostAskedFor = 8
	pageOfNames  = 50 // the most that the service gives at once
)

// names looks up the names of connections, given with their regions. What is refused, gone, or of another account has
// none: a list of tasks does not fail for want of a name.
func (o Operator) names(ctx context.Context, regions map[string]string) map[string]string {
	if _, isLocal := o.Console.(Local); isLocal {
		return o.localNames(ctx)
	}
	ids := map[string][]string{} // by region
	for _, id := range slices.Sorted(maps.Keys(regions)) {
		ids[regions[id]] = append(ids[regions[id]], id)
	}
	all := map[string]string{}
	for region, these := range ids {
		if len(these) > mostAskedFor {
			o.readNames(ctx, all, region, "--PageSize", strconv.Itoa(pageOfNames))
			continue
		}
		for _, id := range these {
			o.readNames(ctx, all, region, "--VpnConnectionId", id)
		}
	}
	return all
}

// readNames reads names and nothing else of connections: the answer holds keys.
func (o Operator) readNames(ctx context.Context, into map[string]string, region string, which ...string) {
	answer, err := ask[struct {
		VpnConnections struct {
			VpnConnection []struct{ VpnConnectionId, Name string }
		}
	}](ctx, o, Call{Service: "vpc", Action: "DescribeVpnConnections",
		Flags: append([]string{"--RegionId", region}, which...)})
	if err != nil {
		return
	}
	for _, c := range answer.VpnConnections.VpnConnection {
		into[c.VpnConnectionId] = plain(c.Name)
	}
}

func (o Operator) localNames(ctx context.Context) map[string]string {
	state, err := ask[struct {
		Connections []struct{ ID, Name string } `json:"connections"`
	}](ctx, o, Call{Service: localService, Action: "GET", Path: "/local/state"})
	all := map[string]string{}
	if err != nil {
		return all
	}
	for _, c := range state.Connections {
		all[c.ID] = plain(c.Name)
	}
	return all
}
