// Package rescue makes jobs go on with what was sent without them: by another machine with the same
// seed, by a home whose journal was lost, or by another program that signed a draft. It brings in
// jobs of other journals, too.
package rescue
