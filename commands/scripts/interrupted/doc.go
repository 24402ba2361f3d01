// Package interrupted has the transcripts in which a command is killed or interrupted at a write,
// or asks a person, and the tests of the terminal: see package scripttest.
package interrupted
