// Package gaiatest is a Gaia hub for tests: an HTTP server with the rules of the reference hub
// 2.8.2 (identity 8), its faults included, so that what holds here holds there. The recorded
// behaviour of the reference is run against it. It keeps files in memory.
package gaiatest
