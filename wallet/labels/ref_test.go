package labels

import (
	"errors"
	"slices"
	"strings"
	"testing"
)

// TestRefs: what names a transaction or a coin, and what is only like it.
func TestRefs(t *testing.T) {
	id := strings.Repeat("0123456789abcdef", 4)
	if h, err := ParseTxid(id); err != nil || h.String() != id {
		t.Errorf("%s, %v", h, err)
	}
	want := []string{id + ":0", id + ":4294967295"}
	list, err := ParseOutPoints(want)
	if err != nil || !slices.Equal(list.Texts(), want) || list[1].Index != 1<<32-1 {
		t.Errorf("%v, %v", list, err)
	}
	for _, bad := range []string{"", id[1:], id + "0", "z" + id[1:], id + ":0"} {
		var e *BadRef
		if _, err := ParseTxid(bad); !errors.As(err, &e) || e.Coin || e.Text != bad {
			t.Errorf("transaction %q: %v", bad, err)
		}
	}
	for _, bad := range []string{"", id, id + ":", id + ":01", id + ":-1", id + ":+1", id + ":4294967296", id[1:] + ":0", id + ":0 ", id + ":0:0"} {
		var e *BadRef
		if _, err := ParseOutPoints([]string{want[0], bad}); !errors.As(err, &e) || !e.Coin || e.Text != bad {
			t.Errorf("coin %q: %v", bad, err)
		}
	}
	long := &BadRef{Text: strings.Repeat("x", 5000)}
	if len(long.Error()) > 200 {
		t.Errorf("%d bytes are repeated", len(long.Error()))
	}
}
