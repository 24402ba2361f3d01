package labels

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/chainhash/v2"
)

// TestPayees: what a name was paid last.
func TestPayees(t *testing.T) {
	ctx, b := t.Context(), emptyBook(t)
	open := func() *Payees { return NewPayees(In(filepath.Dir(b.Path), b.Net)) }
	if _, found, err := open().Last(ctx, "alice.id"); err != nil || found {
		t.Fatalf("nobody was paid yet: %v, %v", found, err)
	}
	if m, err := open().Names(ctx); err != nil || len(m) != 0 {
		t.Fatalf("nobody was paid yet: %v, %v", m, err)
	}
	first, second := chainhash.Hash{1}, chainhash.Hash{2}
	at := time.Unix(1_700_000_000, 0).UTC()
	for _, paid := range []struct {
		txid chainhash.Hash
		to   map[string]string
	}{{first, map[string]string{"alice.id": "addr1", "bob.id": "addr2"}}, {second, map[string]string{"alice.id": "addr3"}}} {
		if err := open().Paid(ctx, paid.txid, at, paid.to); err != nil {
			t.Fatal(err)
		}
	}
	p, found, err := open().Last(ctx, "alice.id")
	if err != nil || !found || p != (Payee{Address: "addr3", Txid: second, Time: at}) {
		t.Errorf("last payee: %+v, %v, %v", p, found, err)
	}
	names, err := open().Names(ctx)
	if err != nil || len(names) != 2 || names[first]["addr1"] != "alice.id" || names[first]["addr2"] != "bob.id" || names[second]["addr3"] != "alice.id" {
		t.Errorf("paid names: %v, %v", names, err)
	}
	if err := open().Paid(ctx, first, at, map[string]string{"": "x"}); err == nil {
		t.Error("nobody was paid by name")
	}
}
