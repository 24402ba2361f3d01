// Package replay feeds a scenario file through an index of its own and tells everything that the
// index made of it.
package replay
