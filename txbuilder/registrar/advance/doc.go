// Package advance carries jobs out: it asks for the facts, lets package step decide, does that, and
// so on until there is nothing to do before the chain moves. There is one loop for all kinds of
// jobs; what differs between them is a course each.
package advance
