package plan

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"vpn-attach/function/internal/local"
)

// deciding are the variables of the function that decide what becomes of a connection. The others say how fast, how
// often and where, and a plan has its own: nothing of them reaches it, no address and no key.
func deciding() []string {
	return []string{
		"TAG_PREFIX", "MATCH_TAGS", "DEFAULT_TRANSIT_ROUTER", "REQUIRE_CONSENT", "AUTO_PUBLISH", "REGIONS",
		"ALLOWED_ACCOUNTS", "OWNER_ROLE", "OWNER_EXTERNAL_ID", "ERROR_CLASSES",
	}
}

// ReadSettings reads KEY=VALUE pairs. A variable that decides nothing is refused: it would be set in vain.
func ReadSettings(pairs []string) (map[string]string, error) {
	settings := map[string]string{}
	for _, pair := range pairs {
		key, value, found := strings.Cut(pair, "=")
		switch {
		case !found || key == "":
			return nil, fmt.Errorf("reading the settings: --set takes KEY=VALUE")
		case !slices.Contains(deciding(), key):
			return nil, fmt.Errorf("reading the settings: %s decides nothing in a plan; what does: %s",
				local.Safe(key), strings.Join(deciding(), ", "))
		}
		settings[key] = value
	}
	return settings, nil
}

// Deciding keeps of a function's variables those that decide.
func Deciding(variables map[string]string) map[string]string {
	kept := map[string]string{}
	for _, key := range deciding() {
		if value := variables[key]; value != "" {
			kept[key] = value
		}
	}
	return kept
}

// parametersOf are the parameters of the template by which the function's role may do what the variables need.
func parametersOf(variables map[string]string) map[string]string {
	parameters := map[string]string{}
	if accounts := variables["ALLOWED_ACCOUNTS"]; accounts != "" {
		parameters["AllowedAccounts"] = accounts
	}
	if _, role, found := strings.Cut(variables["OWNER_ROLE"], ":role/"); found {
		parameters["OwnerRole"] = role
	}
	return parameters
}

// inEarnest is the configuration of the run: what decides, and a sweep that attaches all that it finds. No time runs
// out in it, since nothing in the cloud of a plan is slow.
func inEarnest(variables map[string]string) map[string]string {
	all := Deciding(variables)
	maps.Copy(all, map[string]string{
		"SWEEP": "attach", "SWEEP_MAX": fmt.Sprint(sweepMax), "DRY_RUN": "false", "PAUSE": "false",
		"QUOTA_SHARE": "1", "LOG_LEVEL": "error",
		"RETRY_HORIZON": sweepFor, "CONFIRM_TIMEOUT": watchFor, "CALL_TIMEOUT": "1m",
		"CONCURRENCY": "256", "ROUTER_CONCURRENCY": "256", "HEALTH": "off",
	})
	return all
}

// sweepMax is how many connections one sweep asks for, the most that the function takes.
const sweepMax = 1000
