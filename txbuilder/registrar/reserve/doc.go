// Package reserve computes from the jobs of a journal which coins are kept for them, what for, and
// until when.
package reserve
