package estate

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// createVPNAttachment is CreateVpnAttachment of the VPC API, as far as tags and attaching go: the parameters of IPsec are
// accepted and kept nowhere but in the event. The id is a counter.
func (e *Estate) createVPNAttachment(c call) (reply, string) {
	tags, legal := c.tagsNamed("Tags.")
	more, legalMore := c.tags()
	maps.Copy(tags, more)
	switch {
	case c.get("RegionId") == "", c.get("LocalSubnet") == "", c.get("RemoteSubnet") == "":
		return nil, codeMissingParameter
	case c.get("RegionId") != e.options.Region:
		return nil, codeIllegalRegion
	case !legal || !legalMore || len(tags) > maxTags || !isText(c.get("Name"), 128):
		return nil, codeInvalidParameter
	}
	v := VPNConnection{Name: c.get("Name"), Tags: tags, NetworkType: orDefault(c.get("NetworkType"), "public"), DualTunnel: c.get("TunnelOptionsSpecification.1.Role") != "" || c.get("TunnelOptionsSpecification.1.CustomerGatewayId") != ""}
	answer, err := e.makeConnection(c, v)
	if err != nil {
		return nil, codeInvalidParameter
	}
	return answer, ""
}

// CreateConnection makes a VPN connection as CreateVpnAttachment does, and gives its id.
func (e *Estate) CreateConnection(v VPNConnection) (id string, err error) {
	requestID := e.requestID()
	e.locked(func() {
		var answer reply
		answer, err = e.makeConnection(call{requestID: requestID}, v)
		id, _ = answer["VpnConnectionId"].(string)
	})
	return id, err
}

// makeConnection gives a new connection its id and tells of it. The lock is held.
func (e *Estate) makeConnection(c call, v VPNConnection) (reply, error) {
	for v.ID == "" || e.connections[v.ID] != nil {
		e.made++
		v.ID = fmt.Sprintf("vco-local%06d", e.made)
	}
	if err := e.addConnection(v); err != nil {
		return nil, err
	}
	answer := reply{"VpnConnectionId": v.ID, "Name": v.Name, "CreateTime": e.options.Now().UnixMilli()}
	e.trail(c, "CreateVpnAttachment", answer, []string{v.ID})
	return answer, nil
}

// deleteVPNAttachment is DeleteVpnAttachment of the VPC API, which refuses while the connection is attached. The code is
// assumed.
func (e *Estate) deleteVPNAttachment(c call) (reply, string) {
	id := c.get("VpnConnectionId")
	v := e.connections[id]
	switch {
	case v == nil || v.Region != c.get("RegionId"):
		return nil, codeConnectionNotFound
	case e.live[id] != nil:
		return nil, codeStillAttached
	}
	delete(e.connections, id)
	answer := reply{"Code": "200", "Message": "successful", "Success": true}
	e.trail(c, "DeleteVpnAttachment", answer, []string{id})
	return answer, ""
}

// tagResources is TagResources of either API: up to 20 resources, all or none.
func (e *Estate) tagResources(c call) (reply, string) {
	tags, legal := c.tags()
	if !legal || len(tags) == 0 {
		return nil, codeInvalidParameter
	}
	return e.retag(c, "TagResources", func(have map[string]string) { maps.Copy(have, tags) })
}

// untagResources is UntagResources of CBN and UnTagResources of VPC: TagKey.N, or All.
func (e *Estate) untagResources(c call) (reply, string) {
	keys, all := c.list("TagKey"), c.get("All") == "true"
	if len(keys) == 0 && !all {
		return nil, codeMissingParameter
	}
	return e.retag(c, "UnTagResources", func(have map[string]string) {
		maps.DeleteFunc(have, func(key, _ string) bool { return all || slices.Contains(keys, key) })
	})
}

func (e *Estate) retag(c call, action string, change func(map[string]string)) (reply, string) {
	ids := c.list("ResourceId")
	if len(ids) == 0 || len(ids) > 20 {
		return nil, codeMissingParameter
	}
	changed := make([]map[string]string, len(ids))
	for i, id := range ids {
		tags := e.tagsOf(id)
		if tags == nil {
			return nil, codeResourceNotFound
		}
		changed[i] = maps.Clone(*tags)
		if changed[i] == nil {
			changed[i] = map[string]string{}
		}
		if change(changed[i]); len(changed[i]) > maxTags {
			return nil, codeInvalidParameter
		}
	}
	for i, id := range ids {
		*e.tagsOf(id) = changed[i]
	}
	if c.parameters.Has("ResourceId.1") && strings.HasPrefix(ids[0], "vco-") {
		e.trail(c, action, reply{}, ids)
	}
	return reply{}, ""
}

// tagsOf finds the tags of a resource; nil is none of that id. The lock is held.
func (e *Estate) tagsOf(id string) *map[string]string {
	if v := e.connections[id]; v != nil {
		return &v.Tags
	}
	if r := e.router(id); r != nil {
		return &r.Tags
	}
	if t := e.anyRouteTable(id); t != nil {
		return &t.Tags
	}
	if a := e.liveByID(id); a != nil {
		return &a.Tags
	}
	return nil
}

// createCIDR is CreateTransitRouterCidr of the CBN API.
func (e *Estate) createCIDR(c call) (reply, string) {
	r := e.router(c.get("TransitRouterId"))
	if r == nil {
		return nil, codeRouterNotFound
	}
	block, err := netip.ParsePrefix(c.get("Cidr"))
	if err != nil || checkCIDRs(append(slices.Clone(r.CIDRs), c.get("Cidr"))) != nil {
		return nil, codeInvalidParameter
	}
	for _, other := range r.CIDRs {
		if netip.MustParsePrefix(other).Overlaps(block) { // the estate's own are legal
			return nil, codeInvalidParameter
		}
	}
	r.CIDRs = append(r.CIDRs, c.get("Cidr"))
	return reply{"TransitRouterCidrId": fmt.Sprintf("cidr-%s-%d", r.ID, len(r.CIDRs))}, ""
}

// deleteAttachment is DeleteTransitRouterVpnAttachment of the CBN API, which refuses while a route table is bound unless
// it is forced. It is Detaching for DetachSeconds.
func (e *Estate) deleteAttachment(c call) (reply, string) {
	a := e.liveByID(c.get("TransitRouterAttachmentId"))
	dryRun, legal := c.boolean("DryRun", false)
	force, legalForce := c.boolean("Force", false)
	switch {
	case a == nil:
		return nil, codeAttachmentNotFound
	case a.Status != StatusAttached:
		return nil, codeAttachmentStatus
	case !legal || !legalForce:
		return nil, codeInvalidParameter
	case !force && e.isBound(a.ID, KindAssociate):
		return nil, codeAssociationExists
	case !force && e.isBound(a.ID, KindPropagate):
		return nil, codePropagationExists
	case dryRun:
		return nil, codeDryRun
	}
	wait := e.scaled(time.Duration(e.options.DetachSeconds * float64(time.Second)))
	a.Status, a.detached = StatusDetaching, e.options.Now().Add(wait)
	e.changed(a)
	e.wake(wait)
	e.settleDetaching()
	return reply{}, ""
}

// settleDetaching lets go of what is due by the clock. The lock is held.
func (e *Estate) settleDetaching() {
	now := e.options.Now()
	for _, a := range slices.Collect(maps.Values(e.live)) {
		if a.Status == StatusDetaching && !now.Before(a.detached) {
			e.detach(a)
		}
	}
}

// trail tells OnTrail of a write, as ActionTrail's event of it reaches the default bus of EventBridge.
func (e *Estate) trail(c call, action string, answer reply, ids []string) {
	if e.options.OnTrail == nil {
		return
	}
	now := e.options.Now().UTC()
	parameters := map[string]string{}
	for name := range c.parameters {
		parameters[name] = c.get(name)
	}
	response := maps.Clone(answer)
	response["RequestId"] = c.requestID
	text, _ := json.Marshal(map[string]any{ // texts and numbers always encode
		"id": c.requestID, "source": "acs.vpc", "specversion": "1.0", "type": "vpc:ActionTrail:ApiCall", "datacontenttype": "application/json;charset=utf-8",
		"time": now.Format(time.RFC3339), "aliyunaccountid": e.options.Account, "aliyuneventbusname": "default", "aliyunregionid": e.options.Region,
		"data": map[string]any{
			"eventId": strings.ToUpper(c.requestID), "eventVersion": 1, "eventName": action, "eventType": "ApiCall", "eventRW": "Write", "serviceName": "Vpc",
			"apiVersion": versionVPC, "acsRegion": e.options.Region, "eventTime": now.Format(time.RFC3339), "requestId": c.requestID,
			"recipientAccountId": e.options.Account, "requestParameters": parameters, "responseElements": response,
			"referencedResources": map[string]any{"ACS::VPC::VpnConnection": ids},
			"userIdentity":        map[string]any{"type": "ram-user", "accountId": e.options.Account, "userName": "local"},
		},
	})
	e.trails = append(e.trails, string(text))
}
