package plan

import (
	"testing"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/local"
)

func TestTheSettingsAreThoseOfTheAliasThatIsNamed(t *testing.T) {
	t.Parallel()
	spec, _ := mixed(t, 1)
	spec.Function.Environment = map[string]string{"MATCH_TAGS": "env"}
	c := served(t, spec)
	got, err := access(t, c).Deployed(t.Context(), spec.Region, local.FunctionName+":live")
	if err != nil || got["MATCH_TAGS"] != "env" {
		t.Errorf("of the alias it read %v, %v", got, err)
	}
	_, err = access(t, c).Deployed(t.Context(), spec.Region, local.FunctionName+":none")
	if !cloud.HasCode(err, "VersionNotFound") {
		t.Errorf("of an alias of nothing: %v", err)
	}
}
