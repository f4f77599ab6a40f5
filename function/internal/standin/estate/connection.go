package estate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// The values of AttachType and those of State that belong to one of them (VPC API DescribeVpnConnection).
const (
	attachCEN     = "CEN"
	attachNone    = "NO_ASSOCIATED"
	attachGateway = "VPNGW"

	stateInit      = "init"
	stateActive    = "active"
	stateAttaching = "attaching"
	stateAttached  = "attached"
	stateDetaching = "detaching"
)

func connectionStates() []string {
	return []string{
		stateActive, stateInit, stateAttaching, stateAttached, stateDetaching,
		"financialLocked", "provisioning", "updating", "Upgrading", "deleted",
	}
}

// AddConnection adds a VPN connection, as a seed entry would. An error names the connection.
func (e *Estate) AddConnection(c VPNConnection) (err error) {
	e.locked(func() { err = e.addConnection(c) })
	return err
}

func (e *Estate) addConnection(c VPNConnection) error {
	c.Region = cmp.Or(c.Region, e.options.Region)
	c.Owner = cmp.Or(c.Owner, e.options.Account)
	c.NetworkType, c.Zone = cmp.Or(c.NetworkType, "public"), cmp.Or(c.Zone, c.Region+"-h")
	c.CreateTime = cmp.Or(c.CreateTime, 1658201810000)
	c.Tags, c.Settings, c.Grants = maps.Clone(c.Tags), maps.Clone(c.Settings), slices.Clone(c.Grants)
	c.CrossAccountAuthorized = c.CrossAccountAuthorized || len(c.Grants) > 0
	if err := e.checkConnection(&c); err != nil {
		return fmt.Errorf("adding VPN connection %q: %w", c.ID, err)
	}
	if c.TransitRouter != "" {
		e.attachFromStart(&c)
	}
	e.connections[c.ID], e.ordered = &c, nil
	return nil
}

// checkConnection completes the state of a new connection and says what is wrong with it.
func (e *Estate) checkConnection(c *VPNConnection) error {
	switch {
	case !isConnectionID(c.ID):
		return fmt.Errorf("the id is not vco- and lower-case letters and digits")
	case e.connections[c.ID] != nil:
		return fmt.Errorf("the id is taken")
	case !isAccount(c.Owner):
		return fmt.Errorf("owner %q is not an account id", c.Owner)
	case c.HeldBy != "" && heldCodes()[c.HeldBy] == "":
		return fmt.Errorf("heldBy %q is none of routeEntry, prefixList, flowLog and noForce", c.HeldBy)
	}
	if err := cmp.Or(checkTags(c.Tags), checkGrants(c.Grants), c.checkHealth()); err != nil {
		return err
	}
	if err := c.completeState(); err != nil {
		return err
	}
	return e.checkTarget(c)
}

// checkTarget says what keeps a connection from starting on its transit router.
func (e *Estate) checkTarget(c *VPNConnection) error {
	router := e.router(c.TransitRouter)
	switch {
	case c.AttachmentID != "" && (c.TransitRouter == "" || e.liveByID(c.AttachmentID) != nil):
		return fmt.Errorf("attachmentId %q is taken, or there is no transit router", c.AttachmentID)
	case c.TransitRouter == "" && (c.Associated != "" || len(c.Propagated) > 0 || len(c.AttachmentTags) > 0):
		return fmt.Errorf("it has route tables or tags of an attachment, but no transit router")
	case c.TransitRouter == "":
		return nil
	case router == nil:
		return fmt.Errorf("transitRouter %q is not in the estate", c.TransitRouter)
	case router.Region != c.Region:
		return fmt.Errorf("transitRouter %s is in %s, the connection in %s", router.ID, router.Region, c.Region)
	}
	associated := []string{
		"", statusActive, statusAssociating, statusReplacing, statusDissociating, StatusDeleted,
	}
	propagated := []string{"", statusActive, statusEnabling, statusDisabling}
	switch {
	case !slices.Contains(associated, c.AssociationStatus):
		return fmt.Errorf("associationStatus %q is unknown", c.AssociationStatus)
	case !slices.Contains(propagated, c.PropagationStatus):
		return fmt.Errorf("propagationStatus %q is unknown", c.PropagationStatus)
	}
	for _, table := range slices.Concat(c.Propagated, []string{c.Associated}) {
		if table != "" && e.routeTable(router.ID, table) == nil {
			return fmt.Errorf("route table %q is not one of transit router %s", table, router.ID)
		}
	}
	return nil
}

// completeState makes State, AttachType and TransitRouter agree, or says where they do not.
func (c *VPNConnection) completeState() error {
	switch {
	case c.TransitRouter != "":
		c.State, c.AttachType = cmp.Or(c.State, stateAttached), cmp.Or(c.AttachType, attachCEN)
	case c.AttachType == attachGateway:
		c.State = cmp.Or(c.State, stateActive)
	case c.State == stateActive:
		c.AttachType = cmp.Or(c.AttachType, attachGateway)
	}
	c.State, c.AttachType = cmp.Or(c.State, stateInit), cmp.Or(c.AttachType, attachNone)

	toRouter := c.State == stateAttaching || c.State == stateAttached
	switch {
	case !slices.Contains(connectionStates(), c.State):
		return fmt.Errorf("state %q is unknown", c.State)
	case !slices.Contains([]string{attachCEN, attachNone, attachGateway}, c.AttachType):
		return fmt.Errorf("attachType %q is unknown", c.AttachType)
	case toRouter != (c.TransitRouter != ""), toRouter != (c.AttachType == attachCEN):
		return fmt.Errorf("state %s, attachType %s and transitRouter %q contradict each other",
			c.State, c.AttachType, c.TransitRouter)
	case c.State == stateActive && c.AttachType != attachGateway, c.State == stateInit && c.AttachType != attachNone:
		return fmt.Errorf("state %s contradicts attachType %s", c.State, c.AttachType)
	}
	return nil
}

// attachFromStart makes the attachment that a connection starts with. The connection itself is then kept as an unbound
// one: what DescribeVpnConnection says of an attachment is derived from the attachment alone.
func (e *Estate) attachFromStart(c *VPNConnection) {
	router := e.router(c.TransitRouter)
	made := Attachment{
		Connection: c.ID, Owner: c.Owner, Router: router.ID, CEN: router.CEN, Region: router.Region, AutoPublish: true,
		Tags: maps.Clone(c.AttachmentTags), ID: c.AttachmentID,
	}
	if c.AttachedSince != 0 {
		made.Created = time.UnixMilli(c.AttachedSince)
	}
	if c.State == stateAttached {
		made.Status = StatusAttached
	}
	a := e.attach(made)
	if c.Associated != "" {
		e.bindFromStart(a.ID, KindAssociate, c.Associated, c.AssociationStatus)
	}
	for _, table := range c.Propagated {
		e.bindFromStart(a.ID, KindPropagate, table, c.PropagationStatus)
	}
	c.State, c.AttachType = stateInit, attachNone
}

// bindFromStart makes a binding in a status of the seed. One that is being made or ended will be so after the time that
// a binding takes.
func (e *Estate) bindFromStart(attachmentID, kind, table, status string) {
	wait := e.scaled(e.options.RouteTableSeconds)
	made := Binding{Kind: kind, Attachment: attachmentID, Table: table}
	switch status {
	case statusAssociating, statusEnabling:
		e.bind(made, wait)
	case statusReplacing:
		e.bind(made, wait).Status = status
	case statusDissociating, statusDisabling, StatusDeleted:
		ending := e.bind(made, 0)
		ending.Status = status
		e.after(wait, attachmentID, func() { ending.Status = StatusDeleted })
	default:
		e.bind(made, 0)
	}
}

// DeleteConnection removes a VPN connection, and its attachment if it has one.
func (e *Estate) DeleteConnection(id string) (err error) {
	e.locked(func() {
		if e.connections[id] == nil {
			err = fmt.Errorf("deleting VPN connection %q: it does not exist", id)
			return
		}
		if a := e.live[id]; a != nil {
			e.remove(a)
		}
		e.forget(id)
	})
	return err
}

func (e *Estate) forget(id string) {
	delete(e.connections, id)
	e.ordered = nil
}

// inOrder are all connections, by id. Lists of thousands are read page by page, so the order is kept from call to call.
// The lock is held.
func (e *Estate) inOrder() []*VPNConnection {
	if e.ordered == nil {
		byID := func(a, b *VPNConnection) int { return strings.Compare(a.ID, b.ID) }
		e.ordered = slices.SortedFunc(maps.Values(e.connections), byID)
	}
	return e.ordered
}

// Tag adds tags to a VPN connection, transit router, route table or attachment, as a person does. It makes no event.
func (e *Estate) Tag(id string, tags map[string]string) error {
	return e.retagOne(id, func(have map[string]string) { maps.Copy(have, tags) })
}

// Untag removes tags from a resource. It makes no event.
func (e *Estate) Untag(id string, keys ...string) error {
	return e.retagOne(id, func(have map[string]string) {
		maps.DeleteFunc(have, func(key, _ string) bool { return slices.Contains(keys, key) })
	})
}

func (e *Estate) retagOne(id string, change func(map[string]string)) (err error) {
	e.locked(func() {
		tags := e.tagsOf(id)
		if tags == nil {
			err = fmt.Errorf("tagging %q: no VPN connection, transit router, route table or attachment has this id", id)
			return
		}
		changed := changedTags(*tags, change)
		if err = checkTags(changed); err != nil {
			err = fmt.Errorf("tagging %q: %w", id, err)
			return
		}
		e.setTags(id, changed)
	})
	return err
}

// changedTags are the tags of a resource after a change.
func changedTags(tags map[string]string, change func(map[string]string)) map[string]string {
	changed := make(map[string]string, len(tags))
	maps.Copy(changed, tags)
	change(changed)
	return changed
}

func isConnectionID(id string) bool {
	rest, ok := strings.CutPrefix(id, "vco-")
	return ok && rest != "" && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}
