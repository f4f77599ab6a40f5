package main

import (
	"strings"
	"testing"

	"vpn-attach/function/internal/local"
)

func TestServeHintsAtWhatItsCloudHas(t *testing.T) {
	for name, c := range map[string]struct {
		cloud   string
		hints   []string
		unheard string
	}{
		"a connection without an attachment comes first": {
			cloud: `
transitRouters: [{id: tr-mine, cen: cen-mine, cidrs: [10.0.0.0/24]}]
vpnConnections: [{id: vco-attached, transitRouter: tr-mine}, {id: vco-mine}]
`,
			hints:   []string{`invoke -e '{"dryRun":true,"vpnConnectionId":"vco-mine"}'`, `transit-router":"tr-mine"`},
			unheard: "vco-attached",
		},
		"where all are attached, one of them": {
			cloud: `
transitRouters: [{id: tr-mine, cen: cen-mine, cidrs: [10.0.0.0/24]}]
vpnConnections: [{id: vco-attached, transitRouter: tr-mine}]
`,
			hints:   []string{`"vpnConnectionId":"vco-attached"`},
			unheard: "tr-core",
		},
		"tags have the prefix of the cloud file": {
			cloud: `
transitRouters: [{id: tr-mine, cen: cen-mine, cidrs: [10.0.0.0/24]}]
function: {environment: {TAG_PREFIX: "net/"}}
`,
			hints:   []string{`"net/transit-router":"tr-mine"`},
			unheard: "s invoke",
		},
		"a cloud with nothing in it": {
			cloud:   "attachSeconds: 1\n",
			hints:   []string{`{"name":"branch","tags":{}}`},
			unheard: "s invoke",
		},
	} {
		t.Run(name, func(t *testing.T) {
			spec, err := local.ReadSpec([]byte(c.cloud))
			if err != nil {
				t.Fatal(err)
			}
			cloud, err := local.Start(spec, local.Options{Speed: 1, Binary: "none"})
			if err != nil {
				t.Fatal(err)
			}
			defer cloud.Close()
			said := announcement(cloud)
			operator := "vpn-attach status --local --at " + cloud.Address
			for _, hint := range append(c.hints, "export MNS_ENDPOINT=", operator) {
				if !strings.Contains(said, hint) {
					t.Errorf("no %s in\n%s", hint, said)
				}
			}
			for _, other := range []string{c.unheard, "vco-byid"} {
				if strings.Contains(said, other) {
					t.Errorf("it hints at %s:\n%s", other, said)
				}
			}
		})
	}
}

func TestServePrintsNothingOfItsCloudFileThatATerminalWouldActOn(t *testing.T) {
	const evil = `\x1b[2J\x9b\u202e\u200b\n'`
	spec, err := local.ReadSpec([]byte(strings.ReplaceAll(`
accessKeys: [{id: "EVIL", secret: "EVIL"}]
transitRouters: [{id: "tr-EVIL", cen: cen-mine, cidrs: [10.0.0.0/24]}]
function: {environment: {TAG_PREFIX: "EVIL"}}
`, "EVIL", evil)))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := local.Start(spec, local.Options{Speed: 1, Binary: "none"})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	said := announcement(cloud)
	if safe := local.SafeLines(said); safe != said || !strings.Contains(said, "SECRET=?[2J") {
		t.Errorf("it says %q", said)
	}
}

func TestServeWarnsInASentenceWhereOtherMachinesReachIt(t *testing.T) {
	spec, err := defaultSpec()
	if err != nil {
		t.Fatal(err)
	}
	for address, warned := range map[string]bool{"0.0.0.0:0": true, ":0": true, "127.0.0.1:0": false, "": false} {
		cloud, err := local.Start(spec, local.Options{Listen: address, Speed: 1, Binary: "none"})
		if err != nil {
			t.Fatal(err)
		}
		said := warning(cloud)
		cloud.Close()
		isSentence := strings.Count(said, "\n") == 1 && strings.HasSuffix(said, ".\n")
		isSentence = isSentence && strings.Contains(said, cloud.Open)
		if warned != isSentence || !warned && said != "" {
			t.Errorf("%q: it says %q", address, said)
		}
	}
}
