// Package program has the transcripts of the program itself: its settings, help, words and errors,
// and the first hour of the README: see package scripttest.
package program
