//go:build race

package main_test

// raceEnabled has the function built with the race detector too.
const raceEnabled = true
