// Package scenario reads small chains out of files, as sources of blocks for an index: recorded
// cases, and chains that somebody made to see what would become of them.
package scenario
