package app

import (
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
)

// reader gathers the faults of all variables instead of stopping at the first.
type reader struct {
	getenv func(string) string
	faults []error
}

func (r *reader) wrong(name, why string) {
	r.faults = append(r.faults, fmt.Errorf("%s: %s", name, why))
}

func (r *reader) value(name string) string { return strings.TrimSpace(r.getenv(name)) }

// name reads the name of a queue or topic: MNS takes 1 to 120 letters, digits and
// hyphens, beginning with a letter or digit.
func (r *reader) name(name string) string {
	value := r.value(name)
	switch {
	case value == "":
		r.wrong(name, "it is required and not set")
	case len(value) > 120 || value[0] == '-' || strings.Trim(strings.ToLower(value), "abcdefghijklmnopqrstuvwxyz0123456789-") != "":
		r.wrong(name, "it must be 1 to 120 letters, digits and hyphens")
	}
	return value
}

func (r *reader) optionalName(name string) string {
	if r.value(name) == "" {
		return ""
	}
	return r.name(name)
}

func (r *reader) optionalEndpoint(name string) *url.URL {
	if r.value(name) == "" {
		return nil
	}
	return r.endpoint(name, "")
}

// endpoint reads a service's address; without a scheme it is https. Plain http is for
// loopback alone: credentials travel in it.
func (r *reader) endpoint(name, preset string) *url.URL {
	value := r.value(name)
	if value == "" {
		value = preset
	}
	if value == "" {
		r.wrong(name, "it is required and not set")
		return nil
	}
	if !strings.Contains(value, "://") {
		value = "https://" + value
	}
	parsed, err := url.Parse(value)
	switch {
	case err != nil || parsed.Host == "":
		r.wrong(name, "it is not the address of a service, such as https://cbn.aliyuncs.com")
		return nil
	case parsed.User != nil || parsed.RawQuery != "":
		r.wrong(name, "it must hold neither a user nor a query")
		return nil
	case parsed.Scheme != "https" && !(parsed.Scheme == "http" && isLoopback(parsed.Hostname())):
		r.wrong(name, "it must begin with https:// (http:// is for loopback addresses)")
		return nil
	}
	return parsed
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func (r *reader) boolean(name string, preset bool) bool {
	value := r.value(name)
	if value == "" {
		return preset
	}
	parsed, err := strconv.ParseBool(value)
	if err != nil {
		r.wrong(name, "it must be true or false")
	}
	return parsed
}

func (r *reader) number(name string, preset, least, most int) int {
	value := r.value(name)
	if value == "" {
		return preset
	}
	parsed, err := strconv.Atoi(value)
	if err != nil || parsed < least || parsed > most {
		r.wrong(name, fmt.Sprintf("it must be a whole number from %d to %d", least, most))
	}
	return parsed
}

func (r *reader) duration(name string, preset, least, most time.Duration) time.Duration {
	value := r.value(name)
	if value == "" {
		return preset
	}
	parsed, err := time.ParseDuration(value)
	if err != nil || parsed < least || parsed > most {
		r.wrong(name, fmt.Sprintf("it must be a time such as 5s or 1m30s, from %s to %s", least, most))
	}
	return parsed
}

func (r *reader) level(name string, preset zerolog.Level) zerolog.Level {
	value := r.value(name)
	if value == "" {
		return preset
	}
	parsed, err := zerolog.ParseLevel(value)
	if err != nil || parsed < zerolog.DebugLevel || parsed > zerolog.ErrorLevel {
		r.wrong(name, "it must be debug, info, warn or error")
	}
	return parsed
}

func (r *reader) sweepMode(name string, preset decide.SweepMode) decide.SweepMode {
	mode := decide.SweepMode(r.value(name))
	if mode == "" {
		return preset
	}
	if mode != decide.SweepOff && mode != decide.SweepReport && mode != decide.SweepAttach {
		r.wrong(name, "it must be off, report or attach")
	}
	return mode
}

// list reads words between commas.
func (r *reader) list(name string) []string {
	var words []string
	for _, word := range strings.Split(r.value(name), ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}

func (r *reader) accounts(name string) []string {
	accounts := r.list(name)
	for _, account := range accounts {
		if !event.IsAccountID(account) {
			r.wrong(name, "every account id must be 10 to 20 digits")
			break
		}
	}
	return accounts
}

// regions reads ids that become part of a host name, so that their form matters.
func (r *reader) regions(name string) []string {
	regions := r.list(name)
	for _, region := range regions {
		if len(region) > 40 || strings.Trim(region, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
			r.wrong(name, "every region must be an id such as cn-hangzhou")
			break
		}
	}
	return regions
}

func (r *reader) router(name string) string {
	value := r.value(name)
	if value != "" && !strings.HasPrefix(value, "tr-") && !strings.HasPrefix(value, "cen-") {
		r.wrong(name, "it must be the id of a transit router (tr-…) or of a CEN instance (cen-…)")
	}
	return value
}

// prefix reads the tags' common prefix; CBN refuses tag keys that begin with aliyun or
// acs: or are longer than 64 characters.
func (r *reader) prefix(name, preset string) string {
	value := r.value(name)
	switch {
	case value == "":
		return preset
	case strings.ContainsAny(value, " \t") || event.Printable(value, 40) != value || strings.HasPrefix(value, "aliyun") || strings.HasPrefix(value, "acs:") || strings.Contains(value, "://"):
		r.wrong(name, "it must have at most 40 printable characters without spaces, and not begin with aliyun or acs:")
	}
	return value
}

// classes reads code=class pairs, which add to the error table or correct it.
func (r *reader) classes(name string) map[string]decide.Class {
	known := []decide.Class{decide.ClassRetry, decide.ClassReconcile, decide.ClassOperator, decide.ClassPermanent}
	classes := map[string]decide.Class{}
	for _, pair := range r.list(name) {
		code, word, _ := strings.Cut(pair, "=")
		code, class := strings.TrimSpace(code), decide.Class(strings.TrimSpace(word))
		if code == "" || !slices.Contains(known, class) {
			r.wrong(name, "every entry must be CODE=retry, CODE=reconcile, CODE=operator or CODE=permanent")
			break
		}
		classes[code] = class
	}
	return classes
}

// quotas reads ACTION=CALLS pairs, calls a minute, which correct what is documented or assumed.
func (r *reader) quotas(name string) map[string]int {
	quotas := cloud.Quotas()
	for _, pair := range r.list(name) {
		action, number, _ := strings.Cut(pair, "=")
		calls, err := strconv.Atoi(strings.TrimSpace(number))
		action = strings.TrimSpace(action)
		if _, known := quotas[action]; !known || err != nil || calls < 1 || calls > 10_000_000 {
			r.wrong(name, "every entry must be an API that the function calls and its calls a minute, such as CreateTransitRouterVpnAttachment=60")
			break
		}
		quotas[action] = calls
	}
	return quotas
}

func (r *reader) share(name string, preset float64) float64 {
	value := r.value(name)
	if value == "" {
		return preset
	}
	parsed, err := strconv.ParseFloat(value, 64)
	if err != nil || !(parsed >= 0.01 && parsed <= 1) {
		r.wrong(name, "it must be a number from 0.01 to 1")
	}
	return parsed
}

// host reads a service that is reached by https alone.
func (r *reader) host(name string) string {
	endpoint := r.optionalEndpoint(name)
	switch {
	case endpoint == nil:
		return ""
	case endpoint.Scheme != "https" || strings.Trim(endpoint.Path, "/") != "":
		r.wrong(name, "it must be a host that is reached by https, such as sts.cn-hangzhou.aliyuncs.com")
	}
	return endpoint.Host
}

func (r *reader) role(name, preset string) string {
	value := r.value(name)
	if value == "" {
		return preset
	}
	before, after, _ := strings.Cut(value, "${account}")
	if before != "acs:ram::" || !strings.HasPrefix(after, ":role/") || event.Printable(value, 256) != value || strings.ContainsAny(after, " ${}") {
		r.wrong(name, "it must be the ARN of a role with ${account} in the place of the account, such as acs:ram::${account}:role/vpn-attach-reader")
	}
	return value
}

// externalID reads what an owner's trust policy asks for: letters, digits and a few signs, as STS takes them.
func (r *reader) externalID(name, preset string) string {
	value := r.value(name)
	switch {
	case value == "":
		return preset
	case len(value) < 2 || len(value) > 128 || strings.Trim(strings.ToLower(value), "abcdefghijklmnopqrstuvwxyz0123456789=,.@:/_-") != "":
		r.wrong(name, "it must be 2 to 128 letters, digits and characters of =,.@:/_-")
	}
	return value
}
