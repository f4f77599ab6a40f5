//go:build !race

package main_test

// raceEnabled: this run is without the race detector.
const raceEnabled = false
