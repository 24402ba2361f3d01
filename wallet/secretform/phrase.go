package secretform

import (
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"unicode"

	"github.com/tyler-smith/go-bip39/wordlists"
	"golang.org/x/text/unicode/norm"
)

// Seed phrases are found however their words are joined: by blanks, dashes, dots, commas, numbers
// or nothing, in one argument or over several, in capitals, without accents, cut to four letters,
// in every language of BIP 39.
const (
	fewestSeedWords = 12
	mostSeedWords   = 36
)

// seedLists are the word lists, folded.
var seedLists = sync.OnceValue(func() []map[string]int {
	var lists []map[string]int
	for _, words := range [][]string{wordlists.English, wordlists.ChineseSimplified, wordlists.ChineseTraditional, wordlists.Czech,
		wordlists.French, wordlists.Italian, wordlists.Japanese, wordlists.Korean, wordlists.Spanish} {
		list := make(map[string]int, len(words))
		for i, w := range words {
			list[Fold(w)] = i
		}
		lists = append(lists, list)
	}
	return lists
})

// seedBeginnings are the first four letters of the English words, which tell them apart.
var seedBeginnings = sync.OnceValue(func() map[string]bool {
	set := make(map[string]bool, len(wordlists.English))
	for _, w := range wordlists.English {
		set[w[:min(4, len(w))]] = true
	}
	return set
})

// Fold writes a word without capitals and accents.
func Fold(w string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(w))
}

// isSeedWord reports whether a word is in the English list of BIP 39, which is sorted.
func isSeedWord(w string) bool {
	_, found := slices.BinarySearch(wordlists.English, strings.ToLower(w))
	return found
}

// Words are the words of a text, folded: runs of letters. With humps a capital behind a small
// letter begins a word too.
func Words(text string, humps bool) []string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, Fold(string(word)))
		}
		word = nil
	}
	for _, r := range text {
		letter := unicode.IsLetter(r) || unicode.IsMark(r)
		if !letter || humps && unicode.IsUpper(r) && len(word) > 0 && unicode.IsLower(word[len(word)-1]) {
			end()
		}
		if letter {
			word = append(word, r)
		}
	}
	end()
	return words
}

// Phrase reports whether one text has a seed phrase in it, also one with a few typing errors.
func Phrase(text string) bool {
	if len(text) < fewestSeedWords || strings.Contains(text, "://") {
		return false
	}
	for _, humps := range []bool{false, true} {
		words := Words(text, humps)
		if PhraseAt(words) >= 0 {
			return true
		}
		if n := len(words); n >= fewestSeedWords && n <= mostSeedWords {
			for _, list := range seedLists() {
				if known(words, list)*4 >= n*3 {
					return true
				}
			}
		}
		if !humps && slices.ContainsFunc(words, isJoinedPhrase) {
			return true
		}
	}
	return looksLikeWordList(text)
}

// known counts the words that a list has.
func known(words []string, list map[string]int) int {
	n := 0
	for _, w := range words {
		if _, ok := list[w]; ok {
			n++
		}
	}
	return n
}

// PhraseAt finds twelve words in a row of which ten are of one list, or all begin as words of the
// English one do. It returns where they begin, or -1.
func PhraseAt(words []string) int {
	if len(words) < fewestSeedWords {
		return -1
	}
	for i := 0; i+fewestSeedWords <= len(words); i++ {
		window := words[i : i+fewestSeedWords]
		for _, list := range seedLists() {
			if known(window, list) >= fewestSeedWords-2 {
				return i
			}
		}
		if !slices.ContainsFunc(window, func(w string) bool { return !isSeedWord(w) && (len(w) != 4 || !seedBeginnings()[w]) }) {
			return i
		}
	}
	return -1
}

// isJoinedPhrase reports whether letters with nothing between them are twelve or more words of a
// list. Chinese words are characters that every text has, so there the checksum must be right.
func isJoinedPhrase(letters string) bool {
	runes := []rune(letters)
	if len(runes) >= fewestSeedWords && len(runes) <= 24 && unicode.Is(unicode.Han, runes[0]) {
		for _, list := range seedLists()[1:3] {
			if indices := indicesOf(runes, list); indices != nil && seedChecksum(indices) {
				return true
			}
		}
		return false
	}
	if len(letters) < 3*fewestSeedWords || len(letters) > 8*mostSeedWords {
		return false
	}
	list := seedLists()[0]
	most := make([]int, len(letters)+1) // words that the first i letters are, at most; -1: none
	for i := 1; i <= len(letters); i++ {
		most[i] = -1
		for n := 3; n <= 8 && n <= i; n++ {
			if _, ok := list[letters[i-n:i]]; ok && most[i-n] >= 0 {
				most[i] = max(most[i], most[i-n]+1)
			}
		}
	}
	return most[len(letters)] >= fewestSeedWords
}

// indicesOf are the places of characters in a list; nil: one is not in it.
func indicesOf(runes []rune, list map[string]int) []int {
	var out []int
	for _, r := range runes {
		i, ok := list[string(r)]
		if !ok {
			return nil
		}
		out = append(out, i)
	}
	return out
}

// seedChecksum reports whether the words at these places have the checksum of BIP 39.
func seedChecksum(indices []int) bool {
	if len(indices)%3 != 0 {
		return false
	}
	bits := make([]byte, 0, 11*len(indices))
	for _, i := range indices {
		for b := 10; b >= 0; b-- {
			bits = append(bits, byte(i>>b&1))
		}
	}
	entropy := make([]byte, len(bits)/33*4)
	for i := range len(entropy) * 8 {
		entropy[i/8] = entropy[i/8]<<1 | bits[i]
	}
	sum := sha256.Sum256(entropy)
	for i, b := range bits[len(entropy)*8:] {
		if sum[i/8]>>(7-i%8)&1 != b {
			return false
		}
	}
	return true
}

// looksLikeWordList reports whether a text is a list of as many words as other wallets write down
// (SLIP 39, Electrum, Monero): small letters, none of the words that every sentence has.
func looksLikeWordList(text string) bool {
	words := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(" \t\n,;-_.|", r) })
	if !slices.Contains([]int{12, 13, 15, 18, 20, 21, 24, 25, 33}, len(words)) {
		return false
	}
	for _, w := range words {
		if len(w) < 3 || len(w) > 12 || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" ||
			slices.Contains(strings.Fields("the and for with you that this are was his her its not but from have has all they who one our out can your about which"), w) {
			return false
		}
	}
	return true
}
