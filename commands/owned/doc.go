// Package owned says what of the chain and the files is this home's own: names and what became of
// them, preorders that no job follows, and candidates for completion.
package owned
