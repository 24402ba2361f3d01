package secret

import (
	"bytes"

	"golang.org/x/text/unicode/norm"
)

// mark is the byte order mark that some editors write before the first character of a file.
var mark = []byte("\ufeff")

// longest is how many bytes one byte of UTF-8 may become in a normal form (Unicode, UAX 15, section
// 12.1).
const longest = 11

// NFKD returns a password in the form in which files of ours are made: without a byte order mark
// before it, in Unicode form NFKD (as BIP 39 has it). Bytes that are not UTF-8 stay as they are.
// The caller wipes it.
func NFKD(password *Bytes) *Bytes { return spelled(password, norm.NFKD) }

// Spellings are the different bytes that a password may have been written with, the likeliest
// first: NFKD, as it was typed without a byte order mark, NFC, NFD, and with the mark. There are at
// most MaxSpellings; a password of ASCII has one. Keyboards and editors differ in what they make of
// the same letters. The caller wipes all (WipeAll).
func Spellings(password *Bytes) []*Bytes {
	return different(NFKD(password), unmarked(password), spelled(password, norm.NFC), spelled(password, norm.NFD), password.Clone())
}

// TypedSpellings are those of a password of an old client, which took it as it was typed (identity
// 2.1): as typed without a byte order mark, NFC, NFD, and with the mark.
func TypedSpellings(password *Bytes) []*Bytes {
	return different(unmarked(password), spelled(password, norm.NFC), spelled(password, norm.NFD), password.Clone())
}

// MaxSpellings is how many Spellings returns at most.
const MaxSpellings = 5

// WipeAll wipes a list.
func WipeAll(list []*Bytes) {
	for _, s := range list {
		s.Wipe()
	}
}

// unmarked is the password without a byte order mark before it.
func unmarked(password *Bytes) (s *Bytes) {
	password.Use(func(b []byte) { s = Copy(bytes.TrimPrefix(b, mark)) })
	return s
}

// spelled is the password in a normal form, without a byte order mark before it. The buffer is
// never grown, which would leave copies behind.
func spelled(password *Bytes, form norm.Form) (s *Bytes) {
	password.Use(func(b []byte) {
		b = bytes.TrimPrefix(b, mark)
		s = New(form.Append(make([]byte, 0, longest*len(b)+64), b...))
	})
	return s
}

// different keeps the first of equal secrets and wipes the others.
func different(list ...*Bytes) []*Bytes {
	var kept []*Bytes
next:
	for _, s := range list {
		for _, have := range kept {
			if have.Equal(s) {
				s.Wipe()
				continue next
			}
		}
		kept = append(kept, s)
	}
	return kept
}
