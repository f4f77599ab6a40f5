//go:build race

package local

// raceEnabled: this run is watched by the race detector.
const raceEnabled = true
