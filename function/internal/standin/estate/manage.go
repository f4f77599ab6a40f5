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

	"vpn-attach/function/internal/standin/sign"
)

// createVPNAttachment is CreateVpnAttachment of the VPC API: the connection has two tunnels, as all new ones have. Its
// client tokens work as the VPC page on idempotence says; a repeated request is answered as the connection is now
// (assumed), and is no event.
func (e *Estate) createVPNAttachment(c call) (reply, string) {
	attempt, id := e.once(c, "connection of "+c.account, func(string) (string, string) {
		settings, tags, code := e.examineConnection(c)
		if code != "" {
			return "", code
		}
		made, err := e.makeConnection(c, VPNConnection{
			Name: c.get("Name"), Tags: tags, NetworkType: cmp.Or(c.get("NetworkType"), "public"), Settings: settings,
			Owner: c.account,
		})
		if err != nil {
			return "", codeInvalidParameter
		}
		return made, ""
	})
	if attempt.Code != "" {
		return nil, attempt.Code
	}
	return e.madeConnection(id), ""
}

// examineConnection makes the checks of the page of CreateVpnAttachment. Their order, and the codes of a region and of
// a network type, are assumed.
func (e *Estate) examineConnection(c call) (s Settings, tags map[string]string, code string) {
	tags, badTags := c.tagsNamed("Tags.", connectionTagCodes())
	more, badMore := c.tags(connectionTagCodes())
	switch {
	case c.get("RegionId") == "", c.get("LocalSubnet") == "", c.get("RemoteSubnet") == "":
		return nil, nil, codeMissingParameter
	case c.get("RegionId") != e.options.Region:
		return nil, nil, codeIllegalRegion
	case !isText(c.get("Name"), 100):
		return nil, nil, "InvalidParameter.VpnConnectionName"
	case badTags+badMore != "":
		return nil, nil, cmp.Or(badTags, badMore)
	}
	if maps.Copy(tags, more); len(tags) > maxTags {
		return nil, nil, connectionTagCodes().many
	}
	if s, code = c.settings(); code != "" {
		return nil, nil, code
	}
	switch dryRun, legal := c.boolean("DryRun", false); {
	case !legal:
		return nil, nil, codeInvalidParameter
	case dryRun:
		return nil, nil, codeDryRun
	}
	return s, tags, ""
}

// CreateConnection makes a VPN connection as CreateVpnAttachment does, and returns its id.
func (e *Estate) CreateConnection(v VPNConnection) (id string, err error) {
	requestID := e.requestID()
	e.locked(func() { id, err = e.makeConnection(call{requestID: requestID}, v) })
	return id, err
}

// makeConnection gives a new connection its id, a counter, and reports it. A pre-shared key that nobody chose is made
// up. The lock is held.
func (e *Estate) makeConnection(c call, v VPNConnection) (id string, err error) {
	for v.ID == "" || e.connections[v.ID] != nil {
		e.made++
		v.ID = fmt.Sprintf("vco-local%06d", e.made)
	}
	v.CreateTime, v.PSK = time.Now().UnixMilli(), cmp.Or(v.PSK, fmt.Sprintf("generated-%06d", e.made))
	if err := e.addConnection(v); err != nil {
		return "", err
	}
	e.trail(c, "CreateVpnAttachment", e.madeConnection(v.ID), []string{v.ID})
	return v.ID, nil
}

// madeConnection is the answer about a connection that was made, which may be deleted by now. The lock is held.
func (e *Estate) madeConnection(id string) reply {
	answer := reply{"VpnConnectionId": id, "Code": "200", "Message": "successful", "Success": true}
	if v := e.connections[id]; v != nil {
		answer["Name"], answer["CreateTime"] = v.Name, v.CreateTime
	}
	return answer
}

// deleteVPNAttachment is DeleteVpnAttachment of the VPC API, which refuses while the connection is attached, being
// changed, or granted to another account. Which code means which is assumed.
func (e *Estate) deleteVPNAttachment(c call) (reply, string) {
	id := c.get("VpnConnectionId")
	v := e.connections[id]
	switch {
	case v == nil || v.Region != c.get("RegionId"):
		return nil, codeConnectionNotFound
	case e.live[id] != nil:
		return nil, "Vco.StatusNotSupport"
	case v.isConfiguring():
		return nil, codeConfiguring
	case v.CrossAccountAuthorized:
		return nil, "CrossAccountAuthorizedVco.NotAllowDelete"
	}
	e.forget(id)
	answer := reply{"Code": "200", "Message": "successful", "Success": true}
	e.trail(c, "DeleteVpnAttachment", answer, []string{id})
	return answer, ""
}

// isConfiguring tells whether the service is at work on the connection.
func (v *VPNConnection) isConfiguring() bool {
	return slices.Contains([]string{"provisioning", "updating", "Upgrading"}, v.State)
}

// createCIDR is CreateTransitRouterCidr of the CBN API. The order of the checks is assumed.
func (e *Estate) createCIDR(c call) (reply, string) {
	r := e.router(c.get("TransitRouterId"))
	dryRun, legal := c.boolean("DryRun", false)
	switch {
	case !legal:
		return nil, codeInvalidParameter
	case r == nil:
		return nil, "InstanceNotExist"
	case c.get("RegionId") != "" && c.get("RegionId") != r.Region:
		return nil, codeIllegalRegion
	case r.Type != routerEnterprise:
		return nil, "InvalidTransitRouterMode.NeedUpgrade"
	case r.Status != routerActive:
		return nil, codeRouterStatus
	}
	blocks := append(slices.Clone(r.CIDRs), c.get("Cidr"))
	if checkCIDRs(blocks) != nil {
		return nil, "IllegalParam.Cidr"
	}
	block := netip.MustParsePrefix(c.get("Cidr")) // it is legal, as are all others
	switch {
	case slices.ContainsFunc(r.CIDRs, func(other string) bool { return netip.MustParsePrefix(other).Overlaps(block) }):
		return nil, "OverLappingExist.Cidr"
	case dryRun:
		return nil, codeDryRun
	}
	r.CIDRs = blocks
	return reply{"TransitRouterCidrId": r.cidrID(len(r.CIDRs))}, ""
}

// heldCodes are the refusals of a deletion by what holds the attachment. That forcing it does not help is assumed.
func heldCodes() map[string]string {
	return map[string]string{
		"routeEntry": "OperationFailed.RouteEntryExist", "prefixList": "OperationFailed.PrefixListExist",
		"flowLog": "OperationFailed.FlowLogExistOrNisOpened", "noForce": "OperationFailed.NotSupportForceDelete",
	}
}

// deleteAttachment is DeleteTransitRouterVpnAttachment of the CBN API, which refuses while a route table is bound
// unless it is forced. The attachment is Detaching for DetachSeconds.
func (e *Estate) deleteAttachment(c call) (reply, string) {
	a := e.liveByID(c.get("TransitRouterAttachmentId"))
	dryRun, legal := c.boolean("DryRun", false)
	force, legalForce := c.boolean("Force", false)
	switch {
	case !legal || !legalForce || !isClientToken(c.get("ClientToken")):
		return nil, codeInvalidParameter
	case a == nil:
		return nil, codeAttachmentNotFound
	case e.router(a.Router).Type != routerEnterprise:
		return nil, "OperationUnsupported.TransitRouterType"
	case a.Status != StatusAttached:
		return nil, "IncorrectStatus.ResourceStatus"
	}
	held := e.connections[a.Connection].HeldBy
	switch {
	case held != "" && (held != "noForce" || force):
		return nil, heldCodes()[held]
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
	response := maps.Clone(answer)
	response["RequestId"] = c.requestID
	e.report(c, action, ids, map[string]any{"responseElements": response})
}

// trailRefusal reports a write that was refused: the bus gets those, too.
func (e *Estate) trailRefusal(c call, action string, refusal *sign.Refusal) {
	ids := c.list("ResourceId")
	switch action {
	case "CreateVpnAttachment":
	case "DeleteVpnAttachment", "ModifyVpnAttachmentAttribute":
		ids = []string{c.get("VpnConnectionId")}
	case "TagResources", "UnTagResources":
	default:
		return
	}
	if c.version == versionVPC {
		e.report(c, action, ids, map[string]any{"errorCode": refusal.Code, "errorMessage": refusal.Message})
	}
}

// report makes the event of a write, with what came of it.
func (e *Estate) report(c call, action string, ids []string, came map[string]any) {
	if e.options.OnTrail == nil {
		return
	}
	now, account := time.Now().UTC().Format(time.RFC3339), cmp.Or(c.account, e.options.Account)
	parameters := map[string]string{}
	for name := range c.parameters {
		parameters[name] = c.get(name)
	}
	data := map[string]any{
		"eventId": strings.ToUpper(c.requestID), "eventVersion": 1, "eventName": action, "eventType": "ApiCall",
		"eventRW": "Write", "serviceName": "Vpc", "apiVersion": versionVPC, "acsRegion": e.options.Region,
		"eventTime": now, "requestId": c.requestID, "recipientAccountId": account, "requestParameters": parameters,
		"userIdentity": map[string]any{"type": "ram-user", "accountId": account, "userName": "local"},
	}
	if len(ids) > 0 {
		data["referencedResources"] = map[string]any{"ACS::VPC::VpnConnection": ids}
	}
	maps.Copy(data, came)
	text, _ := json.Marshal(map[string]any{ // texts and numbers always encode
		"id": c.requestID, "source": "acs.vpc", "specversion": "1.0", "type": "vpc:ActionTrail:ApiCall",
		"datacontenttype": "application/json;charset=utf-8", "time": now, "aliyunaccountid": account,
		"aliyuneventbusname": "default", "aliyunregionid": e.options.Region, "data": data,
	})
	e.trails = append(e.trails, string(text))
}
