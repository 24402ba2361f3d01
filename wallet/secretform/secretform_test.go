package secretform

import (
	"strings"
	"testing"
)

// TestHide: secrets that messages repeat of files, variables and servers are taken out, and nothing
// else is.
func TestHide(t *testing.T) {
	const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	const wif = "KwDiBf89QgGbjEhKnhXJuH7LrciVrVi3qZFjWXp8eY8xWq1pnyB4"
	for message, want := range map[string]string{
		`words: line 1: "` + phrase + `" is no name`:                                `words: line 1: "(words of a seed phrase)" is no name`,
		`1. legal 2. winner 3. thank 4. year 5. wave 6. sausage`:                    `1. (words of a seed phrase)`,
		`network: unknown value "abandon-abandon-abandon-abandon-abandon-about"`:    `network: unknown value "(words of a seed phrase)"`,
		`Abaisser Abandon Abdiquer Abeille Abolir Aborder`:                          `(words of a seed phrase)`,
		`the web server said "` + wif + `"`:                                         `the web server said "(a private key (WIF))"`,
		`legal winner thank year wave`:                                              `legal winner thank year wave`,
		`run the same command again: blockstack wallet restore --words-file FILE`:   `run the same command again: blockstack wallet restore --words-file FILE`,
		`e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262 was sent`: `e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262 was sent`,
	} {
		if got := Hide(message); got != want {
			t.Errorf("%s: %s", message, got)
		}
	}
}

// TestPhrase finds seed phrases however they are joined, and no sentence.
func TestPhrase(t *testing.T) {
	const phrase = "legal winner thank year wave sausage worth useful legal winner thank yellow"
	words := strings.Fields(phrase)
	for _, text := range []string{phrase, strings.ToUpper(phrase), strings.Join(words, "-"), strings.Join(words, ""), "my words: " + phrase + " keep them",
		"academic acid acrobat romp change injury painting safari drug browser trash fridge busy finger standard angry similar overall prune ladle"} {
		if !Phrase(text) {
			t.Errorf("not found: %s", text)
		}
	}
	for _, text := range []string{"", "legal winner thank year wave sausage", "the index could not be read and what it says of the names is not known now",
		"https://example.org/legal-winner-thank-year-wave-sausage-worth-useful-legal-winner-thank-yellow"} {
		if Phrase(text) {
			t.Errorf("taken for a phrase: %s", text)
		}
	}
}

// TestKey finds private keys of every form, and no address or hash.
func TestKey(t *testing.T) {
	for text, want := range map[string]string{
		"bitcoin:KwDiBf89QgGbjEhKnhXJuH7LrciVrVi3qZFjWXp8eY8xWq1pnyB4":     "a private key (WIF)",
		"6PRVWUbkzzsbcVac2qwfssoUJAN1Xhrg6bNk8J7Nzm5H7kxEbn2Nh2ZoGg":       "an encrypted private key (BIP 38)",
		"S6c56bnXQiBjk9mqSYE7ykVQ7NzrRy":                                   "a private key (mini)",
		"-----BEGIN EC PRIVATE KEY-----MHQCAQEEIOmHPXnGx8":                 "a private key",
		"nsec1vl029mgpspedva04g90vltkh6fvh240zqtv9k0t9af8935ke9laqsnlfe5":  "a private key",
		"1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2":                               "",
		"e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262": "",
		"alice.id": "",
	} {
		if got := Key(text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	const hex = "e9873d79c6d87dc0fb6a5778633389f4453213303da61f20bd67fc233aa33262"
	if !KeyHex(hex, false) || !KeyHex("0x"+hex+"01", false) || KeyHex("123e4567-e89b-12d3-a456-426614174000", false) || KeyHex(hex[:40], true) {
		t.Error("keys in hex")
	}
	if !KeyBase64("6Yc9ecbYfcD7aldYYzOJ9EUyEzA9ph8gvWf8IzqjMmI=") || KeyBase64("/home/alice/profile") {
		t.Error("keys in base64")
	}
}
