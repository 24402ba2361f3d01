package secretform

import (
	"slices"
	"strings"
	"unicode"
)

// fewestSpilled is how many words of a list of BIP 39 stand in a row in no message of ours.
const fewestSpilled = 6

// Hide takes secrets out of a message that did not come from the command line but from a file, a
// variable or a server: a file of words that was given for a list of names, say. They are known by
// their shape: words of a seed phrase in a row, private keys in base 58.
func Hide(message string) string {
	for {
		from, to := SeedWords(message)
		if to == 0 {
			break
		}
		message = message[:from] + "(words of a seed phrase)" + message[to:]
	}
	for _, t := range strings.FieldsFunc(message, func(r rune) bool { return !Alphanumeric(r) }) {
		if what := keyToken(t); what != "" {
			message = strings.ReplaceAll(message, t, "("+what+")")
		}
	}
	return message
}

// SeedWords finds the first fewestSpilled or more words of one list in a row. to is 0: there are
// none.
func SeedWords(message string) (from, to int) {
	type run struct{ from, to, words int }
	lists := seedLists()
	lists = append([]map[string]int{lists[0]}, lists[3:]...) // not the Chinese ones, whose words every text has
	runs := make([]run, len(lists))
	end := func() bool {
		i := slices.IndexFunc(runs, func(r run) bool { return r.words >= fewestSpilled })
		if i >= 0 {
			from, to = runs[i].from, runs[i].to
		}
		return i >= 0
	}
	word := func(from, to int) (found bool) {
		folded := Fold(message[from:to])
		for i, list := range lists {
			if _, ok := list[folded]; ok {
				if runs[i].words++; runs[i].words == 1 {
					runs[i].from = from
				}
				runs[i].to = to
				continue
			}
			found = found || runs[i].words >= fewestSpilled && end()
			runs[i] = run{}
		}
		return found
	}
	start := -1
	for i, r := range message {
		letter := unicode.IsLetter(r) || unicode.IsMark(r)
		switch {
		case letter && start < 0:
			start = i
		case !letter && start >= 0:
			if word(start, i) {
				return from, to
			}
			start = -1
		}
	}
	if start >= 0 && word(start, len(message)) || end() {
		return from, to
	}
	return 0, 0
}
