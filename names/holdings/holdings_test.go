package holdings

import (
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// book is an index that knows one name.
type book struct {
	rec     names.Record
	history []index.HistoryEntry
	ops     map[chainhash.Hash]index.OpStatus
	err     error
	pages   int
}

func (b *book) Record(context.Context, names.Name) (names.Record, error) { return b.rec, b.err }

func (b *book) HistoryFrom(_ context.Context, _ string, q index.HistoryQuery) ([]index.HistoryEntry, error) {
	b.pages++
	from := 0
	for from < len(b.history) && b.history[from].At.Height <= q.After.Height {
		from++
	}
	return b.history[from:min(len(b.history), from+index.MaxPage)], nil
}

func (b *book) OpStatus(_ context.Context, txid chainhash.Hash) (index.OpStatus, bool, error) {
	op, seen := b.ops[txid]
	return op, seen, b.err
}

const (
	mine, theirs = "mine", "theirs"
)

func ours(script []byte) bool { return string(script) == mine }

// happened is an operation at a height after which somebody has the name; empty: it is a preorder.
func happened(height int32, code nameop.Opcode, name, owner string) (e index.HistoryEntry) {
	e.At, e.Opcode, e.OpName = state.Place{Height: height, Txid: chainhash.Hash{byte(height)}}, code, name
	if owner != "" {
		e.Name = &state.NameRow{Owner: []byte(owner)}
	}
	return e
}

// TestLook tells what became of a name: it ran out, somebody registered it when it had, or an owner
// gave it away; and says nothing of a name that is where it belongs, or that was never ours.
func TestLook(t *testing.T) {
	reg, give := nameop.OpNameRegistration, nameop.OpNameTransfer
	registered := func(h int32, owner string) index.HistoryEntry { return happened(h, reg, "NAME_REGISTRATION", owner) }
	given := func(h int32, owner string) index.HistoryEntry { return happened(h, give, "NAME_TRANSFER", owner) }
	renewal := (nameop.NameRenewal{}).OpName()
	for what, c := range map[string]struct {
		status  names.Status
		owner   string
		history []index.HistoryEntry
		event   Event // empty: nothing is told
		height  int32
		until   int32
	}{
		"ours":                          {names.Registered, mine, nil, "", 0, 0},
		"ours, and revoked":             {names.Revoked, mine, nil, "", 0, 0},
		"in grace":                      {names.Grace, mine, nil, InGrace, 100, 150},
		"expired":                       {names.Expired, mine, nil, Lost, 150, 0},
		"never ours":                    {names.Registered, theirs, []index.HistoryEntry{registered(10, theirs)}, "", 0, 0},
		"given away":                    {names.Registered, theirs, []index.HistoryEntry{registered(10, mine), given(20, theirs)}, Moved, 20, 0},
		"registered by somebody else":   {names.Registered, theirs, []index.HistoryEntry{registered(10, mine), registered(200, theirs)}, Lost, 200, 0},
		"renewed for somebody else":     {names.Registered, theirs, []index.HistoryEntry{registered(10, mine), happened(20, reg, renewal, theirs)}, Moved, 20, 0},
		"imported for somebody else":    {names.Registered, theirs, []index.HistoryEntry{registered(10, mine), happened(20, nameop.OpNameImport, "NAME_IMPORT", theirs)}, Lost, 20, 0},
		"given away and passed on":      {names.Registered, theirs, []index.HistoryEntry{registered(10, mine), given(20, theirs), given(30, "third")}, Moved, 20, 0},
		"given back and away again":     {names.Registered, theirs, []index.HistoryEntry{registered(10, mine), given(20, theirs), given(30, mine), given(40, theirs)}, Moved, 40, 0},
		"got, and renewed, and given":   {names.Registered, theirs, []index.HistoryEntry{registered(10, theirs), given(20, mine), happened(30, reg, renewal, mine), given(40, theirs)}, Moved, 40, 0},
		"a preorder of somebody else's": {names.Registered, theirs, []index.HistoryEntry{registered(10, mine), happened(15, nameop.OpNamePreorder, "NAME_PREORDER", ""), given(20, theirs)}, Moved, 20, 0},
	} {
		b := &book{rec: names.Record{Status: c.status, Owner: []byte(c.owner), OwnerAddress: "addr", ExpiresAt: 100, GraceEnds: 150}, history: c.history}
		list, err := Look(t.Context(), b, []names.Name{name(t, "alice.id")}, ours)
		if err != nil || (len(list) == 1) != (c.event != "") {
			t.Errorf("%s: %v, %v", what, list, err)
			continue
		}
		if c.event == "" {
			continue
		}
		got, txid := list[0], chainhash.Hash{}
		if c.history != nil {
			txid = chainhash.Hash{byte(c.height)}
		}
		if got.Event != c.event || got.Height != c.height || got.Until != c.until || got.Txid != txid || got.Name.String() != "alice.id" || got.String() == "" {
			t.Errorf("%s: %+v", what, got)
		}
	}
}

// TestLookPages reads on where a page does not hold all of a history.
func TestLookPages(t *testing.T) {
	b := &book{rec: names.Record{Status: names.Registered, Owner: []byte(theirs)}}
	for h := range int32(index.MaxPage) {
		b.history = append(b.history, happened(h+1, nameop.OpNameUpdate, "NAME_UPDATE", mine))
	}
	b.history = append(b.history, happened(index.MaxPage+1, nameop.OpNameTransfer, "NAME_TRANSFER", theirs))
	list, err := Look(t.Context(), b, []names.Name{name(t, "alice.id")}, ours)
	if err != nil || len(list) != 1 || list[0].Event != Moved || list[0].Height != index.MaxPage+1 || b.pages != 2 {
		t.Errorf("%+v, %v, %d pages", list, err, b.pages)
	}
}

// TestTouched gives the names of accepted operations, sorted, once each; an index that cannot
// answer is an error and no empty list.
func TestTouched(t *testing.T) {
	away := errors.New("away")
	b := &book{ops: map[chainhash.Hash]index.OpStatus{{1}: {Accepted: true, Subject: "bob.id"}, {2}: {Accepted: true, Subject: "alice.id"}, {3}: {Subject: "refused.id"},
		{4}: {Accepted: true, Subject: "id"}, {5}: {Accepted: true, Subject: "bob.id"}}}
	list, err := Touched(t.Context(), b, []chainhash.Hash{{1}, {2}, {3}, {4}, {5}, {6}})
	if err != nil || len(list) != 2 || list[0].String() != "alice.id" || list[1].String() != "bob.id" {
		t.Errorf("%v, %v", list, err)
	}
	b.err = away
	if list, err := Touched(t.Context(), b, []chainhash.Hash{{1}}); !errors.Is(err, away) {
		t.Errorf("%v, %v", list, err)
	}
	if list, err := Look(t.Context(), b, []names.Name{name(t, "alice.id")}, ours); !errors.Is(err, away) {
		t.Errorf("%v, %v", list, err)
	}
}

func name(t *testing.T, text string) names.Name {
	t.Helper()
	n, err := names.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
