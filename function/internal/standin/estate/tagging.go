package estate

import (
	"maps"
	"slices"
	"strings"
)

// tagResources is TagResources of either API: up to 20 resources, all or none. The type that it requires is not looked
// at: ids tell the resources apart.
func (e *Estate) tagResources(c call) (reply, string) {
	codes := taggingCodesOf(c.version)
	tags, code := c.tags(codes.tagCodes)
	switch {
	case code != "":
		return nil, code
	case c.version == versionCBN && c.get("RegionId") != "" && !isRegion(c.get("RegionId")):
		return nil, "IllegalParam.Region"
	case len(tags) == 0:
		return nil, codes.none
	}
	return e.retag(c, "TagResources", func(have map[string]string) { maps.Copy(have, tags) })
}

// untagResources is UntagResources of CBN and UnTagResources of VPC: TagKey.N, or All.
func (e *Estate) untagResources(c call) (reply, string) {
	keys, all := c.list("TagKey"), c.get("All") == "true"
	codes := taggingCodesOf(c.version)
	switch {
	case len(keys) == 0 && !all:
		return nil, codeMissingParam
	case len(keys) > maxTags:
		return nil, codes.many
	case slices.ContainsFunc(keys, func(key string) bool { return !legalTagText(key, 64) }):
		return nil, codes.key
	}
	return e.retag(c, "UnTagResources", func(have map[string]string) {
		maps.DeleteFunc(have, func(key, _ string) bool { return all || slices.Contains(keys, key) })
	})
}

func (e *Estate) retag(c call, action string, change func(map[string]string)) (reply, string) {
	ids, codes := c.list("ResourceId"), taggingCodesOf(c.version)
	switch {
	case len(ids) == 0:
		return nil, codeMissingParam
	case len(ids) > maxTags:
		return nil, codes.resources
	case codes.repeated != "" && len(slices.Compact(slices.Sorted(slices.Values(ids)))) < len(ids):
		return nil, codes.repeated
	}
	changed := make([]map[string]string, len(ids))
	for i, id := range ids {
		tags, v := e.tagsOf(id), e.connections[id]
		if tags == nil || v != nil && v.Owner != c.account {
			return nil, codeInstancesNotFound
		}
		if changed[i] = changedTags(*tags, change); len(changed[i]) > maxTags {
			return nil, codeTagQuota
		}
	}
	for i, id := range ids {
		e.setTags(id, changed[i])
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
