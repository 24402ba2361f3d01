package keyfile

import (
	"bytes"
	"math"
	"slices"
	"time"
	"unicode"
	"unicode/utf8"

	"blockstack/wallet/keychain/seedphrase"
	"blockstack/wallet/secret"
)

// How fast a password falls is an estimate of our own, because the libraries for it take strings,
// which cannot be wiped. A password is cut into the parts that are cheapest to guess: words, common
// passwords, runs, rows of keys, dates, repetitions, and single characters. What it costs to guess
// is the product of its parts. It is meant to be too low rather than too high.
const (
	longestJudged = 64    // characters that are looked at; more can only be stronger
	triesASecond  = 10000 // of somebody with a few good machines, at DefaultCost
)

// FallsWithin estimates how long somebody who has the file needs on average to find the password by
// trying, where a try costs c. It is at most two hundred years.
func (c Cost) FallsWithin(password *secret.Bytes) time.Duration {
	const longest = 200 * 365 * 24 * time.Hour
	perSecond := triesASecond * float64(DefaultCost().work()) / float64(max(c.work(), 1))
	seconds := math.Exp2(guesses(password)-1) / perSecond
	if seconds > longest.Seconds() {
		return longest
	}
	return time.Duration(seconds * float64(time.Second))
}

// guesses is the logarithm, to base 2, of how many guesses a password takes.
func guesses(password *secret.Bytes) (bits float64) {
	password.Use(func(b []byte) {
		text := bytes.Runes(b[:min(len(b), longestJudged*utf8.UTFMax)])
		defer clear(text)
		text = text[:min(len(text), longestJudged)]
		low := make([]rune, len(text))
		defer clear(low)
		for i, r := range text {
			low[i] = plain(r)
		}
		bits = cheapest(text, low)
	})
	return bits
}

// plain is a character as a list of words has it: lower case, and a letter for the digit or sign
// that stands for it.
func plain(r rune) rune {
	const signs, letters = "0134578@$!|", "oieastbasil"
	r = unicode.ToLower(r)
	for i, s := range signs {
		if r == s {
			return rune(letters[i])
		}
	}
	return r
}

// cheapest is the cheapest way to put a text together from parts.
func cheapest(text, low []rune) float64 {
	at := make([]float64, len(text)+1)
	for end := 1; end <= len(text); end++ {
		at[end] = math.Inf(1)
		for from := range end {
			at[end] = min(at[end], at[from]+part(text[from:end], low[from:end]))
		}
		for size := 1; 2*size <= end; size++ { // the same again
			n := 1
			for (n+1)*size <= end && slices.Equal(low[end-size:end], low[end-(n+1)*size:end-n*size]) {
				n++
				at[end] = min(at[end], at[end-(n-1)*size]+math.Log2(float64(n))+1)
			}
		}
	}
	return at[len(text)]
}

// part is what it takes to guess a part of a password as one thing; +Inf: it is no thing.
func part(text, low []rune) float64 {
	n := len(text)
	if n == 1 {
		return character(text[0])
	}
	bits := math.Inf(1)
	if rank, ok := commonRank(low); ok {
		bits = math.Log2(float64(rank + 2))
	} else if inList(low) {
		bits = 11
	}
	if !math.IsInf(bits, 1) { // how it is written
		for i, r := range text {
			if r != low[i] {
				bits++
				break
			}
		}
	}
	if n >= 3 && (run(text) || onKeys(low) || onKeys(text)) {
		bits = min(bits, 5+math.Log2(float64(n)))
	}
	if date(text) {
		bits = min(bits, 8+2*float64(n-4))
	}
	if n >= 4 && spoken(text) {
		bits = min(bits, 3*float64(n))
	}
	return bits
}

// character is what a single character takes.
func character(r rune) float64 {
	switch {
	case '0' <= r && r <= '9':
		return math.Log2(10)
	case 'a' <= r && r <= 'z':
		return math.Log2(26)
	case 'A' <= r && r <= 'Z':
		return math.Log2(52)
	case r < utf8.RuneSelf:
		return math.Log2(33)
	}
	return 7
}

// run reports whether each character follows the one before it, up or down: abcd, 4321.
func run(text []rune) bool {
	step := text[1] - text[0]
	if step != 1 && step != -1 {
		return false
	}
	for i := range text[1:] {
		if text[i+1]-text[i] != step {
			return false
		}
	}
	return true
}

// onKeys reports whether characters stand beside one another on a keyboard, in either direction.
func onKeys(text []rune) bool {
	part := []byte(string(text))
	defer clear(part)
	for range 2 {
		for _, row := range [][]byte{[]byte("1234567890"), []byte("qwertyuiop"), []byte("qwertzuiop"), []byte("azertyuiop"), []byte("asdfghjkl"), []byte("zxcvbnm"), []byte("yxcvbnm"), []byte("1qaz2wsx3edc4rfv5tgb")} {
			if bytes.Contains(row, part) {
				return true
			}
		}
		slices.Reverse(part)
	}
	return false
}

// date reports whether a text is a year of our time, or eight or six digits that may be a day.
func date(text []rune) bool {
	for _, r := range text {
		if r < '0' || r > '9' {
			return false
		}
	}
	switch n := len(text); n {
	case 4:
		return text[0] == '1' && text[1] == '9' || text[0] == '2' && text[1] == '0'
	case 6, 8:
		two := func(i int) rune { return 10*(text[i]-'0') + text[i+1] - '0' }
		return two(0) <= 31 && two(2) <= 31 || two(n-2) <= 31 && two(n-4) <= 12
	}
	return false
}

// spoken reports whether letters alternate as those of a word do: never more than two consonants or
// two vowels in a row.
func spoken(text []rune) bool {
	row, last := 0, false
	for i, r := range text {
		if r < 'a' || r > 'z' {
			return false
		}
		vowel := bytes.IndexByte([]byte("aeiouy"), byte(r)) >= 0
		if row++; i > 0 && vowel != last {
			row = 1
		}
		if last = vowel; row > 2 {
			return false
		}
	}
	return true
}

// inList reports whether a text is a word of the BIP 39 list, which are common words.
func inList(low []rune) bool {
	if len(low) > 8 {
		return false
	}
	word := []byte(string(low))
	defer clear(word)
	_, ok := seedphrase.WordIndex(word)
	return ok
}

// commonRank is the place of a text among the most common passwords.
func commonRank(low []rune) (int, bool) {
	for i, c := range common {
		if slices.Equal(low, []rune(c)) {
			return i, true
		}
	}
	return 0, false
}

// common are passwords that everybody tries first, as plain writes them.
var common = []string{
	"password", "pass", "test", "admin", "welcome", "hello", "monkey", "dragon", "letmein", "master", "shadow", "iloveyou",
	"bitcoin", "blockstack", "wallet", "satoshi", "secret", "changeme", "default", "login", "user", "root", "guest", "qwerty",
	"football", "baseball", "superman", "batman", "princess", "sunshine", "trustno", "starwars", "summer", "winter", "spring",
	"autumn", "michael", "jennifer", "jordan", "thomas", "daniel", "andrew", "robert", "charlie", "george", "maria", "anna",
	"alice", "bob", "carol", "peter", "hunter", "soccer", "killer", "pepper", "ginger", "cheese", "computer", "internet",
	"passwort", "hallo", "schatz", "motdepasse", "bonjour", "contrasena", "hola", "parola", "battery", "correct", "staple",
	"money", "love", "god", "sex", "the", "and", "you", "for", "my", "is", "pw", "abc", "foo", "bar", "baz",
}
