package decide

import (
	"maps"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// read are the tags, of those that an event says were put on a connection, that decide anything here.
func (r Rules) read(tags map[string]string) map[string]string {
	var kept map[string]string
	for key, value := range tags {
		if strings.HasPrefix(key, r.TagPrefix) || slices.Contains(r.MatchTags, key) {
			if kept == nil {
				kept = map[string]string{}
			}
			kept[key] = value
		}
	}
	return kept
}

// Shown refuses, with an *End, a connection that does not show the tags yet that a young event says were put on it: a
// reading may lag behind. After a while what it shows is believed, since somebody may have changed them.
func (s Schedule) Shown(e event.Event, c cloud.Connection, now time.Time) error {
	var missing []string
	for _, key := range slices.Sorted(maps.Keys(e.Tags)) {
		shown, found := c.Tags[key]
		if !found || strings.TrimSpace(shown) != strings.TrimSpace(e.Tags[key]) {
			missing = append(missing, quoted(key)+"="+quoted(e.Tags[key]))
		}
	}
	end := Fail(CodeTagsNotShown, "VPN connection %s does not show yet what the event says was put on it: %s",
		c.ID, strings.Join(missing, " "))
	if len(missing) == 0 || now.Sub(e.FirstSeen) >= s.patience(s.Codes.Fault(end)) {
		return nil
	}
	return end
}
