package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sts"
)

// Anonymiser replaces names, ids, accounts and addresses, the same by the same in every cloud file that it is given, so
// that the files can be handed to others and are planned as before.
type Anonymiser struct {
	names          map[string]string // what became of every name
	prefix, region string            // of the function's tags in the file, and the file's
	count          int
}

// NewAnonymiser has replaced nothing yet.
func NewAnonymiser() *Anonymiser { return &Anonymiser{names: map[string]string{}} }

// Hide is a cloud file of which nobody can say whose it is.
func (a *Anonymiser) Hide(spec local.Spec) local.Spec {
	a.prefix, a.region = prefixOf(spec.Function.Environment), spec.Region
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
	if len(spec.Missing) > 0 {
		spec.Missing = []string{"not everything was permitted"} // by whom and of what, it would say
	}
	accounts := spec.Parameters["AllowedAccounts"]
	spec.Parameters = nil
	if accounts != "" {
		spec.Parameters = map[string]string{"AllowedAccounts": a.text(accounts)}
	}
	return spec
}

// meaning are words that mean something to the function, and so stay.
func meaning() []string {
	return []string{"none", "any", "*", "system", "associate", "propagate", "true", "false", ""}
}

// word replaces one word: an id by an id of its kind, any other by a word.
func (a *Anonymiser) word(text string) string {
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

func (a *Anonymiser) account(id string) string {
	if id == "" || id == unread {
		return id
	}
	return a.word(id)
}

func isAccount(text string) bool {
	return len(text) >= 10 && len(text) <= 20 && strings.Trim(text, "0123456789") == ""
}

// text replaces the words of a list, and keeps what separates them.
func (a *Anonymiser) text(text string) string {
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
func (a *Anonymiser) name(text string) string {
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

// key replaces the key of a tag, unless it means something to the function: then only a prefix of one's own goes.
func (a *Anonymiser) key(key string) (short, made string) {
	short, isOurs := strings.CutPrefix(key, a.prefix)
	if isOurs && slices.Contains(decide.TagNames(), short) {
		return short, defaultPrefix + short
	}
	return "", a.word("key " + key)
}

// tags replaces what tags say.
func (a *Anonymiser) tags(tags map[string]string) map[string]string {
	if tags == nil {
		return nil
	}
	all := map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		value := tags[key]
		short, made := a.key(key)
		_, notBoolean := strconv.ParseBool(strings.TrimSpace(value))
		switch {
		case short == "name":
			all[made] = a.name(value)
		case short == "description":
			all[made] = a.word(value)
		case short == "zone" && a.isZone(value), short == "auto-publish" && notBoolean == nil:
			all[made] = value
		default:
			all[made] = a.text(value)
		}
	}
	return all
}

// isZone reports whether a text can be the id of a zone, which is the region's with a letter, and nobody's name.
func (a *Anonymiser) isZone(text string) bool {
	rest, isHere := strings.CutPrefix(strings.TrimSpace(text), a.region)
	return isHere && len(strings.TrimPrefix(rest, "-")) <= 1
}

func (a *Anonymiser) router(r *estate.TransitRouter) {
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

func (a *Anonymiser) connection(v *estate.VPNConnection) {
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
func (a *Anonymiser) settings(variables map[string]string) map[string]string {
	all := Deciding(variables)
	delete(all, "TAG_PREFIX") // the keys have the default one
	delete(all, "OWNER_ROLE")
	delete(all, "OWNER_EXTERNAL_ID")
	for key, value := range all {
		switch key {
		case "MATCH_TAGS":
			keys := strings.Split(value, ",")
			for i, one := range keys {
				if one = strings.TrimSpace(one); one != "" {
					_, keys[i] = a.key(one)
				}
			}
			all[key] = strings.Join(keys, ",")
		case "DEFAULT_TRANSIT_ROUTER", "ALLOWED_ACCOUNTS":
			all[key] = a.text(value)
		}
	}
	return all
}
