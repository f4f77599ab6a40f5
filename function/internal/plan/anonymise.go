package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sts"
)

// Anonymise replaces names, ids, accounts and addresses, the same by the same everywhere, so that the file can be
// handed to others and is planned as before.
func Anonymise(spec local.Spec) local.Spec {
	a := &anonymiser{names: map[string]string{}, prefix: prefixOf(spec.Function.Environment)}
	spec.Account = a.account(spec.Account)
	spec.Routers, spec.Connections = slices.Clone(spec.Routers), slices.Clone(spec.Connections)
	spec.Members, spec.AccessKeys = slices.Clone(spec.Members), nil
	for i, member := range spec.Members { // with the role that the function assumes unless it is told another one
		spec.Members[i] = sts.Role{
			Account: a.account(member.Account), Name: "vpn-attach-reader", ExternalID: "vpn-attach",
		}
	}
	for i := range spec.Routers {
		a.router(&spec.Routers[i])
	}
	for i := range spec.Connections {
		a.connection(&spec.Connections[i])
	}
	spec.Function.Environment = a.settings(spec.Function.Environment)
	accounts := spec.Parameters["AllowedAccounts"]
	spec.Parameters = nil
	if accounts != "" {
		spec.Parameters = map[string]string{"AllowedAccounts": a.text(accounts)}
	}
	return spec
}

// anonymiser knows what became of every name.
type anonymiser struct {
	names  map[string]string
	prefix string // of the function's tags, which stay what they are
	count  int
}

// meaning are words that mean something to the function, and so stay.
func meaning() []string {
	return []string{"none", "any", "*", "system", "associate", "propagate", "true", "false", ""}
}

// word replaces one word: an id by an id of its kind, any other by a word.
func (a *anonymiser) word(text string) string {
	if slices.Contains(meaning(), text) || strings.Trim(text, "-_.*") == "" {
		return text
	}
	if made, found := a.names[text]; found {
		return made
	}
	a.count++
	made := fmt.Sprintf("word%d", a.count)
	for _, kind := range []string{"tr-attach-", "vco-", "tr-", "cen-", "vtb-"} {
		if strings.HasPrefix(text, kind) {
			made = fmt.Sprintf("%s%d", kind, 100_000+a.count)
			break
		}
	}
	if isAccount(text) {
		made = fmt.Sprintf("%016d", 1_000_000_000_000_000+a.count)
	}
	a.names[text] = made
	return made
}

func (a *anonymiser) account(id string) string {
	if id == "" || id == unread {
		return id
	}
	return a.word(id)
}

func isAccount(text string) bool {
	return len(text) >= 10 && len(text) <= 20 && strings.Trim(text, "0123456789") == ""
}

// text replaces the words of a list, and keeps what separates them.
func (a *anonymiser) text(text string) string {
	isBetween := func(r rune) bool { return strings.ContainsRune(",;/ ", r) }
	var made strings.Builder
	for text != "" {
		end := strings.IndexFunc(text, isBetween)
		if end < 0 {
			end = len(text)
		}
		made.WriteString(a.word(text[:end]))
		if end < len(text) {
			made.WriteByte(text[end])
			end++
		}
		text = text[end:]
	}
	return made.String()
}

// name replaces a name by one that can, or cannot, name an attachment like the first.
func (a *anonymiser) name(text string) string {
	first, _ := utf8.DecodeRuneInString(text)
	length := utf8.RuneCountInString(text)
	isURL := strings.HasPrefix(text, "http://") || strings.HasPrefix(text, "https://")
	switch {
	case text == "":
		return ""
	case length < 2 || length > 128 || !unicode.IsLetter(first) || isURL:
		return "-"
	}
	return a.word(text)
}

// tags replaces what tags say. Keys of the function stay, others are replaced.
func (a *anonymiser) tags(tags map[string]string) map[string]string {
	if tags == nil {
		return nil
	}
	all := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		value, short := tags[key], strings.TrimPrefix(key, a.prefix)
		switch {
		case short == key:
			all[a.word("key "+key)] = a.text(value)
		case short == "name":
			all[key] = a.name(value)
		case short == "description":
			all[key] = a.word(value)
		case short == "zone":
			all[key] = value
		default:
			all[key] = a.text(value)
		}
	}
	return all
}

func (a *anonymiser) router(r *estate.TransitRouter) {
	r.ID, r.CEN, r.Name, r.Tags = a.word(r.ID), a.word(r.CEN), a.text(r.Name), a.tags(r.Tags)
	r.CIDRs = slices.Clone(r.CIDRs)
	for i := range r.CIDRs {
		r.CIDRs[i] = fmt.Sprintf("10.%d.0.0/24", i)
	}
	r.RouteTables = slices.Clone(r.RouteTables)
	for i, t := range r.RouteTables {
		r.RouteTables[i].ID, r.RouteTables[i].Name, r.RouteTables[i].Tags = a.word(t.ID), a.text(t.Name), a.tags(t.Tags)
	}
}

func (a *anonymiser) connection(v *estate.VPNConnection) {
	v.ID, v.Name, v.Owner, v.Tags = a.word(v.ID), a.name(v.Name), a.account(v.Owner), a.tags(v.Tags)
	v.TransitRouter, v.Associated = a.word(v.TransitRouter), a.word(v.Associated)
	v.AttachmentID, v.AttachmentTags = a.word(v.AttachmentID), a.tags(v.AttachmentTags)
	v.PSK, v.Settings, v.Tunnels = "", enabled(v.Settings), slices.Clone(v.Tunnels)
	v.Propagated, v.Grants = slices.Clone(v.Propagated), slices.Clone(v.Grants)
	for i := range v.Tunnels {
		v.Tunnels[i].Here, v.Tunnels[i].There = "", "" // parameters of the two ends, which may be keys
	}
	for i, table := range v.Propagated {
		v.Propagated[i] = a.word(table)
	}
	for i, g := range v.Grants {
		v.Grants[i].CEN, v.Grants[i].CENOwner = a.word(g.CEN), a.account(g.CENOwner)
	}
}

// enabled keeps of a connection's settings what its health depends on.
func enabled(settings estate.Settings) estate.Settings {
	var kept estate.Settings
	for _, key := range []string{"EnableTunnelsBgp", "BgpConfig.EnableBgp", "HealthCheckConfig.enable"} {
		if value := settings[key]; value != "" {
			if kept == nil {
				kept = estate.Settings{}
			}
			kept[key] = value
		}
	}
	return kept
}

// settings replaces what the function's configuration names.
func (a *anonymiser) settings(variables map[string]string) map[string]string {
	all := Deciding(variables)
	delete(all, "OWNER_ROLE")
	delete(all, "OWNER_EXTERNAL_ID")
	for key, value := range all {
		switch key {
		case "MATCH_TAGS":
			keys := strings.Split(value, ",")
			for i, one := range keys {
				if one = strings.TrimSpace(one); one != "" && !strings.HasPrefix(one, a.prefix) {
					keys[i] = a.word("key " + one)
				}
			}
			all[key] = strings.Join(keys, ",")
		case "DEFAULT_TRANSIT_ROUTER", "ALLOWED_ACCOUNTS":
			all[key] = a.text(value)
		}
	}
	return all
}
