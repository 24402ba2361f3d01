package labels

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/storage/dbfile"
)

// TestHostileRows: a row that another program has written is an error that says so, for every
// reader of the book, and nothing panics.
func TestHostileRows(t *testing.T) {
	key := string(make([]byte, chainhash.HashSize))
	ctx := t.Context()
	readers := map[string]func(b *Book) error{
		"labels":   func(b *Book) error { _, err := b.Labels(ctx); return err },
		"frozen":   func(b *Book) error { _, err := b.Frozen(ctx); return err },
		"held":     func(b *Book) error { _, err := NewHolds(b).List(ctx, time.Now()); return err },
		"payments": func(b *Book) error { _, err := NewPayments(b).List(ctx); return err },
		"requests": func(b *Book) error { _, _, err := NewPayments(b).ByRequest(ctx, "r"); return err },
		"payees":   func(b *Book) error { _, _, err := NewPayees(b).Last(ctx, "alice.id"); return err },
		"names":    func(b *Book) error { _, err := NewPayees(b).Names(ctx); return err },
		"sent":     func(b *Book) error { _, err := Sent(b); return err },
		"replaced": func(b *Book) error {
			return b.View(func(tx *dbfile.Tx) error { _, err := ReplacedTxs(tx); return err })
		},
		"void": func(b *Book) error {
			return b.View(func(tx *dbfile.Tx) error { _, err := VoidSince(tx); return err })
		},
		"inputs": func(b *Book) error {
			return b.View(func(tx *dbfile.Tx) error { _, err := OwnInputs(tx, chainhash.Hash{}); return err })
		},
	}
	for _, row := range []struct{ bucket, key, value string }{
		{"labels", "no colon", "x"},
		{"frozen", "short", "x"},
		{"frozen", key + "12345", "x"},
		{"held", "short", "{}"},
		{"held", key + "1234", "no JSON"},
		{"held", key + "1234", `{"until":"tomorrow"}`},
		{"payments", key, "no JSON"},
		{"payments", key, `{"tx":"AA=="}`},
		{"payments", key, `{"tx":"AgAAAAAAAAAAAA=="}`}, // it spends nothing
		{"requests", "r", key},                         // the payment is missing
		{"payees", "alice.id", "short"},
		{"names", key, "alice.id"},
		{"sent", key, "\x02"},
		{"replaced", key, "[]"},
		{"replaced", key, `{"by":"x","tx":"AgAAAAAAAAAAAA=="}`},
		{"replaced", key, `{"by":"` + strings.Repeat("0", 64) + `","tx":"AA=="}`},
		{"void", "short", "12345678"},
		{"void", key, "1"},
		{"inputs", key, "12345"},
	} {
		b := emptyBook(t)
		err := b.Update(func(tx *dbfile.Tx) error {
			bucket, err := tx.CreateBucketIfNotExists([]byte(row.bucket))
			if err == nil {
				err = bucket.Put([]byte(row.key), []byte(row.value))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if err := readers[row.bucket](b); !errors.Is(err, ErrMalformed) {
			t.Errorf("%s %q: %v", row.bucket, row.value, err)
		}
	}
	for name, read := range readers { // and a new book has no such rows
		if err := read(emptyBook(t)); err != nil {
			t.Errorf("%s of a new book: %v", name, err)
		}
	}
}

// FuzzRows: whatever a row of a payment or a hold says, it is read and written again as it was, or
// refused.
func FuzzRows(f *testing.F) {
	p := PaymentRecord{Request: "r", Time: time.Unix(1_700_000_000, 0).UTC(), Targets: []Target{{Name: "alice.id", Amount: 5}}, Tx: signedCopy(spend("a", 5, 1))}
	row, err := writePayment(p)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(row)
	f.Add([]byte(`{"holder":"payment x","until":5}`))
	f.Add([]byte(`{"tx":"AgAAAAAAAAAAAA==","until":-1}`))
	key := make([]byte, chainhash.HashSize+4)
	f.Fuzz(func(t *testing.T, v []byte) {
		if h, err := readHold(key, v); err == nil && h.Until.Location() != time.UTC {
			t.Error("a time of another place")
		}
		p, err := readPayment(v)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Error(err)
			}
			return
		}
		again, err := writePayment(p)
		if err != nil {
			t.Fatal(err)
		}
		q, err := readPayment(again)
		if err != nil || q.Request != p.Request || !q.Time.Equal(p.Time) || len(q.Targets) != len(p.Targets) || q.Tx.TxHash() != p.Tx.TxHash() {
			t.Errorf("%+v was written as %s and read as %+v, %v", p, again, q, err)
		}
	})
}

// TestMemoryOfPayments: what is prepared can be held for longer, old payments that nobody asks
// about are forgotten, those with a request are not, and a memory says whether it is whole.
func TestMemoryOfPayments(t *testing.T) {
	ctx, b := t.Context(), emptyBook(t)
	m := NewPayments(b)
	now := time.Now()
	prepared := PaymentRecord{Time: now.Add(-60 * 24 * time.Hour), Tx: spend("a", 1, 1), PSBT: []byte("p"), Until: now.Add(time.Hour)}
	if err := m.Renew(ctx, prepared, now); !errors.Is(err, ErrUnknownTx) {
		t.Errorf("a payment that is not remembered was renewed: %v", err)
	}
	if err := m.Prepare(ctx, prepared); err != nil {
		t.Fatal(err)
	}
	later := now.Add(48 * time.Hour)
	if err := m.Renew(ctx, prepared, later); err != nil {
		t.Fatal(err)
	}
	list, err := m.List(ctx)
	if err != nil || len(list) != 1 || list[0].Until.Unix() != later.Unix() {
		t.Fatalf("%v, %v", list, err)
	}
	if held, err := NewHolds(b).List(ctx, now.Add(47*time.Hour)); err != nil || len(held) != 1 {
		t.Errorf("held %v, %v", held, err)
	}
	put := func(p PaymentRecord) error {
		return b.Update(func(tx *dbfile.Tx) error { return PutPayment(tx, p, now) })
	}
	old := PaymentRecord{Time: now.Add(-31 * 24 * time.Hour), Tx: spend("old", 1, 2)}
	asked := PaymentRecord{Request: "r", Time: now.Add(-400 * 24 * time.Hour), Tx: spend("asked", 1, 3)}
	for _, p := range []PaymentRecord{old, asked, {Time: now, Tx: spend("new", 1, 4)}} {
		if err := put(p); err != nil {
			t.Fatal(err)
		}
	}
	if list, err = m.List(ctx); err != nil || len(list) != 3 || list[0].Request != "r" || list[1].PSBT == nil {
		t.Errorf("%v, %v", list, err) // the old one went, the held one stayed
	}
	if err := put(PaymentRecord{Request: strings.Repeat("r", MaxRequestID+1), Time: now, Tx: spend("x", 1, 5)}); err == nil {
		t.Error("an id that is too long")
	}
	if err := put(asked); err != nil {
		t.Errorf("the same payment for the same request again: %v", err)
	}
	if _, found, err := m.Sent(ctx, signedCopy(spend("stranger", 1, 6))); found || err != nil {
		t.Errorf("a stranger's transaction was prepared here: %v, %v", found, err)
	}
	if err := b.Update(func(tx *dbfile.Tx) error { return DropPayment(tx, PaymentRecord{Tx: spend("never", 1, 7)}) }); err != nil {
		t.Errorf("dropping what is not there: %v", err)
	}
	err = b.Update(func(tx *dbfile.Tx) error { return MetaOf(tx).SetBirthday(now.Add(-birthdayMargin - time.Hour)) })
	if err != nil {
		t.Fatal(err)
	}
	if at, whole, err := m.Begins(ctx); err != nil || whole || time.Since(at) > time.Minute {
		t.Errorf("a restored wallet remembers all: %v, %v, %v", at, whole, err)
	}
}
