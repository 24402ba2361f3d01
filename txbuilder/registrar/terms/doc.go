// Package terms makes the checks before money moves, and finds what is to be paid and to whom.
package terms
