// Package textfile reads and writes the small files of text in a home that people may edit: bounded
// when read, with or without a byte order mark, told apart from those of a newer program, and
// replaced in one step.
package textfile
