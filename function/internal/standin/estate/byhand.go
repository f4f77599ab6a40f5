package estate

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// Retag sets and removes tags of a resource as a person in the console does: of a VPN connection it makes the events
// of TagResources and UnTagResources. All of it is done, or nothing.
func (e *Estate) Retag(id string, set map[string]string, remove []string) error {
	untagged, tagged := e.requestID(), e.requestID()
	err := e.retagOne(id, func(have map[string]string) {
		maps.DeleteFunc(have, func(key, _ string) bool { return slices.Contains(remove, key) })
		maps.Copy(have, set)
	})
	if err != nil || !strings.HasPrefix(id, "vco-") {
		return err
	}
	tags, keys := url.Values{"ResourceId.1": {id}}, url.Values{"ResourceId.1": {id}}
	for i, key := range slices.Sorted(maps.Keys(set)) {
		tags.Set(fmt.Sprintf("Tag.%d.Key", i+1), key)
		tags.Set(fmt.Sprintf("Tag.%d.Value", i+1), set[key])
	}
	for i, key := range remove {
		keys.Set(fmt.Sprintf("TagKey.%d", i+1), key)
	}
	e.locked(func() {
		if len(remove) > 0 {
			e.trail(call{requestID: untagged, parameters: keys}, "UnTagResources", reply{}, []string{id})
		}
		if len(set) > 0 {
			e.trail(call{requestID: tagged, parameters: tags}, "TagResources", reply{}, []string{id})
		}
	})
	return nil
}
