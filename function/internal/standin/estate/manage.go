package estate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// createVPNAttachment is CreateVpnAttachment of the VPC API, as far as tags and attaching need it: the parameters of
// IPsec are accepted and kept only in the event. The id is a counter.
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
	const tunnel = "TunnelOptionsSpecification.1."
	answer, err := e.makeConnection(c, VPNConnection{
		Name: c.get("Name"), Tags: tags, NetworkType: cmp.Or(c.get("NetworkType"), "public"),
		DualTunnel: c.get(tunnel+"Role") != "" || c.get(tunnel+"CustomerGatewayId") != "",
	})
	if err != nil {
		return nil, codeInvalidParameter
	}
	return answer, ""
}

// CreateConnection makes a VPN connection as CreateVpnAttachment does, and returns its id.
func (e *Estate) CreateConnection(v VPNConnection) (id string, err error) {
	requestID := e.requestID()
	e.locked(func() {
		var answer reply
		answer, err = e.makeConnection(call{requestID: requestID}, v)
		id, _ = answer["VpnConnectionId"].(string)
	})
	return id, err
}

// makeConnection gives a new connection its id and reports it. The lock is held.
func (e *Estate) makeConnection(c call, v VPNConnection) (reply, error) {
	for v.ID == "" || e.connections[v.ID] != nil {
		e.made++
		v.ID = fmt.Sprintf("vco-local%06d", e.made)
	}
	if err := e.addConnection(v); err != nil {
		return nil, err
	}
	answer := reply{"VpnConnectionId": v.ID, "Name": v.Name, "CreateTime": time.Now().UnixMilli()}
	e.trail(c, "CreateVpnAttachment", answer, []string{v.ID})
	return answer, nil
}

// deleteVPNAttachment is DeleteVpnAttachment of the VPC API, which refuses while the connection is attached. The code
// is assumed.
func (e *Estate) deleteVPNAttachment(c call) (reply, string) {
	id := c.get("VpnConnectionId")
	v := e.connections[id]
	switch {
	case v == nil || v.Region != c.get("RegionId"):
		return nil, codeConnectionNotFound
	case e.live[id] != nil:
		return nil, "IncorrectStatus.VpnAttachment"
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
			return nil, "InvalidResourceId.NotFound"
		}
		if changed[i] = changedTags(*tags, change); len(changed[i]) > maxTags {
			return nil, codeInvalidParameter
		}
	}
	for i, id := range ids {
		*e.tagsOf(id) = changed[i]
	}
	if strings.HasPrefix(ids[0], "vco-") {
		e.trail(c, action, reply{}, ids)
	}
	return reply{}, ""
}

// tagsOf finds the tags of a resource; nil if no resource has that id. The lock is held.
func (e *Estate) tagsOf(id string) *map[string]string {
	if v := e.connections[id]; v != nil {
		return &v.Tags
	}
	if r := e.router(id); r != nil {
		return &r.Tags
	}
	if t := e.routeTable("", id); t != nil {
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
	blocks := append(slices.Clone(r.CIDRs), c.get("Cidr"))
	overlaps := func(other string) bool { return netip.MustParsePrefix(other).Overlaps(block) } // ours are legal
	if err != nil || checkCIDRs(blocks) != nil || slices.ContainsFunc(r.CIDRs, overlaps) {
		return nil, codeInvalidParameter
	}
	r.CIDRs = blocks
	return reply{"TransitRouterCidrId": fmt.Sprintf("cidr-%s-%d", r.ID, len(r.CIDRs))}, ""
}

// deleteAttachment is DeleteTransitRouterVpnAttachment of the CBN API, which refuses while a route table is bound
// unless it is forced. The attachment is Detaching for DetachSeconds.
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
	case !force && e.isBound(a.ID, KindAssociate, ""):
		return nil, "OperationFailed.RouteTableAssociationExist"
	case !force && e.isBound(a.ID, KindPropagate, ""):
		return nil, "OperationFailed.RouteTablePropagationExist"
	case dryRun:
		return nil, codeDryRun
	}
	e.move(a, StatusDetaching)
	e.after(e.scaled(e.options.DetachSeconds), a.ID, func() { e.remove(a) })
	return reply{}, ""
}

// trail reports a write to OnTrail, as ActionTrail's event of it reaches the default bus of EventBridge.
func (e *Estate) trail(c call, action string, answer reply, ids []string) {
	if e.options.OnTrail == nil {
		return
	}
	now := time.Now().UTC().Format(time.RFC3339)
	parameters := map[string]string{}
	for name := range c.parameters {
		parameters[name] = c.get(name)
	}
	response := maps.Clone(answer)
	response["RequestId"] = c.requestID
	text, _ := json.Marshal(map[string]any{ // texts and numbers always encode
		"id": c.requestID, "source": "acs.vpc", "specversion": "1.0", "type": "vpc:ActionTrail:ApiCall",
		"datacontenttype": "application/json;charset=utf-8", "time": now, "aliyunaccountid": e.options.Account,
		"aliyuneventbusname": "default", "aliyunregionid": e.options.Region,
		"data": map[string]any{
			"eventId": strings.ToUpper(c.requestID), "eventVersion": 1, "eventName": action, "eventType": "ApiCall",
			"eventRW": "Write", "serviceName": "Vpc", "apiVersion": versionVPC, "acsRegion": e.options.Region,
			"eventTime": now, "requestId": c.requestID, "recipientAccountId": e.options.Account,
			"requestParameters": parameters, "responseElements": response,
			"referencedResources": map[string]any{"ACS::VPC::VpnConnection": ids},
			"userIdentity": map[string]any{
				"type": "ram-user", "accountId": e.options.Account, "userName": "local",
			},
		},
	})
	e.trails = append(e.trails, string(text))
}
