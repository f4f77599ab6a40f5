// Package events holds what the local cloud replays: events as they reach the function, clouds, and cases, which say
// what must come of them. They serve the tests, the replays and the fuzzers alike. README.md says how they are written.
package events

import "embed"

// Files are wire/NAME.json, clouds/NAME.yaml and cases/THEME/NAME.yaml.
//
//go:embed wire clouds cases
var Files embed.FS
