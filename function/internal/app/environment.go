package app

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
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
	"vpn-attach/function/internal/mns"
)

// reader gathers the faults of all variables instead of stopping at the first.
type reader struct {
	getenv func(string) string
	faults []error
}

// read gives the value of a variable, or preset when it is not set. What parse refuses is a fault; its text says what
// the value must be, and does not repeat it.
func read[T any](r *reader, name string, preset T, parse func(string) (T, error)) T {
	text := strings.TrimSpace(r.getenv(name))
	if text == "" {
		return preset
	}
	value, err := parse(text)
	if err != nil {
		r.faults = append(r.faults, fmt.Errorf("%s: %w", name, err))
	}
	return value
}

// required reads a variable that has no default.
func required[T any](r *reader, name string, parse func(string) (T, error)) (value T) {
	if strings.TrimSpace(r.getenv(name)) == "" {
		r.faults = append(r.faults, fmt.Errorf("%s: it is required and not set", name))
		return value
	}
	return read(r, name, value, parse)
}

// apart refuses a dead-letter queue that is the event queue, where every dead letter would begin its event again. Which
// queues are subscribed to the topic, the environment does not say.
func apart(events, deadLetters string) error {
	if events == deadLetters && events != "" {
		return errors.New("MNS_DEAD_LETTER_QUEUE: it must be another queue than MNS_QUEUE")
	}
	return nil
}

// ParseEndpoint reads a service's address; without a scheme it is https. Plain http is for
// loopback alone: credentials travel in it.
func ParseEndpoint(text string) (*url.URL, error) {
	if !strings.Contains(text, "://") {
		text = "https://" + text
	}
	parsed, err := url.Parse(text)
	switch {
	case err != nil || parsed.Host == "":
		return nil, errors.New("it is not the address of a service, such as https://cbn.aliyuncs.com")
	case parsed.User != nil || parsed.RawQuery != "":
		return nil, errors.New("it must hold neither a user nor a query")
	case parsed.Scheme != "https" && !(parsed.Scheme == "http" && isLoopback(parsed.Hostname())):
		return nil, errors.New("it must begin with https:// (http:// is for loopback addresses)")
	}
	return parsed, nil
}

func isLoopback(host string) bool {
	return host == "localhost" || net.ParseIP(host).IsLoopback() // a name is no IP
}

// ParseMNSEndpoint reads the address of Message Service.
func ParseMNSEndpoint(text string) (*url.URL, error) {
	endpoint, err := ParseEndpoint(text)
	if err == nil {
		err = mns.CheckEndpoint(endpoint)
	}
	return endpoint, err
}

// stsEndpoint reads the address of STS, which has no path.
func stsEndpoint(text string) (*url.URL, error) {
	endpoint, err := ParseEndpoint(text)
	if err == nil && strings.Trim(endpoint.Path, "/") != "" {
		err = errors.New("it must be a host without a path, such as sts.cn-hangzhou.aliyuncs.com")
	}
	return endpoint, err
}

// taking takes text that is as why says. It is no pattern: compiling one costs a cold start.
func taking(is func(string) bool, why string) func(string) (string, error) {
	return func(text string) (string, error) {
		if !is(text) {
			return text, errors.New(why)
		}
		return text, nil
	}
}

// quiet refuses the words in DEBUG for which the vendor's SDKs print every request, with its token.
func quiet(text string) (string, error) {
	for word := range strings.SplitSeq(text, ",") {
		if slices.Contains([]string{"dara", "tea", "credential"}, word) {
			return text, errors.New("remove it: with this value the vendor's SDKs write security tokens to the log")
		}
	}
	return text, nil
}

func boolean(text string) (bool, error) {
	value, err := strconv.ParseBool(text)
	if err != nil {
		return false, errors.New("it must be true or false")
	}
	return value, nil
}

func within[T cmp.Ordered](parse func(string) (T, error), least, most T, why string) func(string) (T, error) {
	return func(text string) (T, error) {
		value, err := parse(text)
		if err != nil || !(value >= least && value <= most) { // not a number is neither
			return least, errors.New(why)
		}
		return value, nil
	}
}

func number(least, most int) func(string) (int, error) {
	return within(strconv.Atoi, least, most, fmt.Sprintf("it must be a whole number from %d to %d", least, most))
}

func duration(least, most time.Duration) func(string) (time.Duration, error) {
	why := fmt.Sprintf("it must be a time such as 5s or 1m30s, from %s to %s", least, most)
	return within(time.ParseDuration, least, most, why)
}

func share(text string) (float64, error) {
	parse := func(text string) (float64, error) { return strconv.ParseFloat(text, 64) }
	return within(parse, 0.01, 1, "it must be a number from 0.01 to 1")(text)
}

func logLevel(text string) (zerolog.Level, error) {
	const why = "it must be debug, info, warn or error"
	return within(zerolog.ParseLevel, zerolog.DebugLevel, zerolog.ErrorLevel, why)(text)
}

func oneOf[T ~string](words ...T) func(string) (T, error) {
	return func(text string) (T, error) {
		if !slices.Contains(words, T(text)) {
			return "", fmt.Errorf("it must be one of %v", words)
		}
		return T(text), nil
	}
}

// list reads words between commas, each as parse takes it.
func list(parse func(string) (string, error)) func(string) ([]string, error) {
	return func(text string) (words []string, err error) {
		for word := range strings.SplitSeq(text, ",") {
			if word = strings.TrimSpace(word); word == "" {
				continue
			}
			if word, err = parse(word); err != nil {
				return nil, err
			}
			words = append(words, word)
		}
		return words, nil
	}
}

// tagPrefix reads the tags' common prefix; CBN refuses tag keys that begin with aliyun or
// acs: or are longer than 64 characters.
func tagPrefix(text string) (string, error) {
	if strings.Contains(text, " ") || event.Printable(text, 40) != text || strings.Contains(text, "://") ||
		strings.HasPrefix(text, "aliyun") || strings.HasPrefix(text, "acs:") {
		return "", errors.New("it must have at most 40 printable characters without spaces, " +
			"and begin with neither acs: nor aliyun")
	}
	return text, nil
}

// ownerRole reads the ARN of a role in any account. The placeholder may also be written ${account}, as it was once;
// the tools that deploy would take that for a variable of theirs.
func ownerRole(text string) (string, error) {
	const prefix = "acs:ram::{account}:role/"
	role := strings.Replace(text, "${account}", "{account}", 1)
	name, found := strings.CutPrefix(role, prefix)
	legal := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._-", r)
	}
	isName := name != "" && len(name) <= 64 && strings.IndexFunc(name, func(r rune) bool { return !legal(r) }) < 0
	if !found || !isName {
		return "", errors.New("it must be the ARN of a role with {account} in the place of the account, " +
			"such as acs:ram::{account}:role/vpn-attach-reader")
	}
	return role, nil
}

// followUpKey reads a key that signs messages. It is random text; white space around it is no part of it.
func followUpKey(text string) (string, error) {
	if len(text) < event.MinKey || event.Printable(text, len(text)) != text {
		return "", fmt.Errorf("it must have at least %d printable characters, from a source of random numbers",
			event.MinKey)
	}
	return text, nil
}

// pairs reads KEY=VALUE entries between commas, which must be as why says.
func pairs[V any](text string, isKey func(string) bool, parse func(string) (V, error), why string) (
	values map[string]V, err error) {
	values = map[string]V{}
	_, err = list(func(pair string) (string, error) {
		key, word, _ := strings.Cut(pair, "=")
		key = strings.TrimSpace(key)
		value, err := parse(strings.TrimSpace(word))
		if err != nil || !isKey(key) {
			return "", errors.New("every entry must be " + why)
		}
		values[key] = value
		return key, nil
	})(text)
	return values, err
}

// errorClasses reads code=class pairs, which add to the error table or correct it.
func errorClasses(text string) (map[string]decide.Class, error) {
	class := oneOf(decide.ClassRetry, decide.ClassReconcile, decide.ClassOperator, decide.ClassPermanent)
	isCode := func(key string) bool { return key != "" }
	return pairs(text, isCode, class, "CODE=retry, CODE=reconcile, CODE=operator or CODE=permanent")
}

// quotas reads ACTION=CALLS pairs, calls a minute or, with /s, a second, which correct what is documented or assumed.
func quotas(text string) (map[string]cloud.Quota, error) {
	all := cloud.Quotas()
	isAction := func(key string) bool { return all[key].Calls > 0 }
	const why = "an API that the function calls and its calls a minute or a second, such as " +
		"DescribeVpnConnection=600 or CreateTransitRouterVpnAttachment=3/s"
	corrected, err := pairs(text, isAction, cloud.ParseQuota, why)
	maps.Copy(all, corrected)
	return all, err
}
