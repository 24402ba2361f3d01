// Package step says what a job does next. It is pure: a job and the facts that the chain and the
// index show go in, an action comes out. The states and their arrows are drawn in drawing.go.
package step
