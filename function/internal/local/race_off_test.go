//go:build !race

package local

// raceEnabled: this run is without the race detector.
const raceEnabled = false
