package decide

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Actor is who can do something about a connection that is not up.
type Actor string

// ActorBoth are both sides. The table alone names the other actors.
const ActorBoth Actor = "both"

// Reasons of our own why a connection is not up. They are a contract.
const (
	reasonBGP              = "BgpDown"
	reasonHealthCheck      = "HealthCheckFailed"
	reasonDiagnosisRefused = "DiagnosisRefused"
	reasonDiagnosisFailed  = "DiagnosisFailed"
	reasonNotFound         = "NoExceptionFound" // the vendor's: it finds none
	reasonNotKnown         = "NotKnown"
)

// reasonsFile holds the table of all reasons, with the meaning of its columns.
//
//go:embed reasons.md
var reasonsFile string

// reason is all that is known of why a tunnel is not up.
type reason struct {
	code          string
	actor         Actor
	parameter     string // what the two values of the diagnosis are; empty: they are not repeated
	cause, advice string
}

// readReasons reads the table: the lines of reasons.md that begin with a code.
func readReasons() map[string]reason {
	all := map[string]reason{}
	for line := range strings.Lines(reasonsFile) {
		cells := strings.Split(line, "|")
		if len(cells) != 7 || strings.HasPrefix(line, "|--") || strings.HasPrefix(line, "| reason ") {
			continue
		}
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}
		advice := strings.ReplaceAll(cells[5], permissionMark, cloud.Permission(cloud.ActionDiagnose))
		all[cells[1]] = reason{cells[1], Actor(cells[2]), cells[3], cells[4], advice}
	}
	return all
}

// reasonOf finds what is known of a code.
func reasonOf(all map[string]reason, code string) reason {
	found, known := all[code]
	if !known {
		found = all[reasonNotKnown]
		found.code = event.Printable(code, maxCode)
	}
	return found
}

// algorithms are all values of the parameters that name an algorithm, a group, a mode or a version.
func algorithms() []string {
	return strings.Fields("des 3des aes aes128 aes192 aes256 sm1 sm4 md5 sha sha1 sha2 sha256 sha384 sha512 sm3 " +
		"group1 group2 group5 group14 group15 group16 group19 group20 group21 disabled enabled true false " +
		"main aggressive ikev1 ikev2 esp ah tunnel transport")
}

// mayTell reports whether a value is one that a parameter of this kind can have: anything else could be a key.
func mayTell(parameter, value string) bool {
	switch parameter {
	case "algorithm":
		plain := strings.NewReplacer("-", "", "_", "").Replace(strings.ToLower(value))
		return slices.Contains(algorithms(), plain)
	case "number":
		return value != "" && len(value) <= 6 && strings.Trim(value, "0123456789") == ""
	case "address":
		isNone := func(part string) bool { return !isAddress(strings.TrimSpace(part)) }
		return len(value) <= 256 && !slices.ContainsFunc(strings.Split(value, ","), isNone)
	}
	return false
}

// isAddress reports whether a text is an IPv4 address, or a range of them.
func isAddress(text string) bool {
	address, bits, isRange := strings.Cut(text, "/")
	parts := strings.Split(address, ".")
	isNumber := func(text string, most int) bool {
		n, err := strconv.Atoi(text)
		return err == nil && n >= 0 && n <= most && len(text) <= 3
	}
	isNone := func(part string) bool { return !isNumber(part, 255) }
	return len(parts) == 4 && !slices.ContainsFunc(parts, isNone) && (!isRange || isNumber(bits, 32))
}

// tells says a cause in words, with the two parameters where those may be told.
func (r reason) tells(f cloud.Finding) string {
	if mayTell(r.parameter, f.Here) && mayTell(r.parameter, f.There) {
		return fmt.Sprintf("%s Here it is %s, at the peer %s.", r.cause, f.Here, f.There)
	}
	return r.cause
}
