// Package voice prints. The Printer is the only way to the two streams:
//
//   - Standard output carries the result and nothing else; it stays empty when the command fails.
//   - Everything else goes to standard error, each line with a prefix: error, hint, warning, note,
//     plan.
//   - Text of strangers is made visible and bounded on the way out (foreign.go); JSON keeps its
//     value.
//   - Tables have headers on a terminal and are separated by tabs in a pipe; progress moves on a
//     terminal alone.
package voice
