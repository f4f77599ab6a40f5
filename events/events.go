// Package events holds the sample events: what really reaches the function, a cloud
// for each where the common one does not do, and what each must come to. They serve
// the tests, the replays and the fuzzers alike. README.md tells where they come from.
package events

import "embed"

// Samples are the files of this folder: NAME.json, NAME.cloud.yaml (else cloud.yaml)
// and NAME.expect.json.
//
//go:embed *.json *.yaml
var Samples embed.FS
