package app

import (
	"runtime/debug"
	"testing"
)

func TestTheVersionIsTheModulesElseTheCommit(t *testing.T) {
	of := func(module, revision string) *debug.BuildInfo {
		return &debug.BuildInfo{
			Main:     debug.Module{Path: "vpn-attach", Version: module},
			Settings: []debug.BuildSetting{{Key: "vcs", Value: "git"}, {Key: "vcs.revision", Value: revision}},
		}
	}
	for name, c := range map[string]struct {
		info *debug.BuildInfo
		want string
	}{
		"a release":                     {of("v1.2.3", "abc"), "v1.2.3"},
		"a commit of a module without":  {of("(devel)", "abc"), "abc"},
		"a commit of an older Go":       {of("", "abc"), "abc"},
		"neither":                       {of("(devel)", ""), "(devel)"},
		"a binary that does not say it": {nil, "(devel)"},
	} {
		if got := version(c.info, c.info != nil); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
	if Version() == "" {
		t.Error("these tests have no version")
	}
}
