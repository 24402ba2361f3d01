package line

import (
	"strings"
	"testing"

	"github.com/urfave/cli/v2"
)

// FuzzHide: nothing panics, and of a password that is in a message nothing long is left.
func FuzzHide(f *testing.F) {
	base := NewTyped(&cli.App{Name: "blockstack", Flags: Flags()}, nil)
	f.Add("hunter2hunter2", "open ", ": no such file")
	f.Add("\xffpass\u202eword 7", "a", "b")
	f.Fuzz(func(t *testing.T, word, before, after string) {
		w := &Typed{vocabulary: base.vocabulary, names: base.names, words: []fragment{{text: word, place: placeOf(1)}}}
		got := w.Hide(before + word + after)
		if len(word) >= gramSize && len(word) <= longestTyped && !w.harmless(word) && strings.Contains(got, word) && !strings.Contains(before+placeOf(1)+after, word) {
			t.Errorf("%q is left in %q", word, got)
		}
	})
}
