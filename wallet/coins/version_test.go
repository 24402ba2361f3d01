package coins

import (
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"testing"

	"blockstack/wallet/labels"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

// unpacked puts labels.db and wallet.db into a folder, as the program wrote them before Coins was
// divided: with a row in every bucket but those of a reorg.
func unpacked(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "wallet"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"labels.db", "wallet/wallet.db", "wallet/wallet.db.sum"} {
		f, err := os.Open(filepath.Join("testdata", "v2", filepath.Base(name)+".gz"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		z, err := gzip.NewReader(f)
		if err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(z)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// said is all that a wallet says of itself, in the words of the file of what is expected.
func said(t *testing.T, c *Coins) map[string]any {
	t.Helper()
	ctx := t.Context()
	var errs []error
	take := func(err error) { errs = append(errs, err) }
	list, err := c.List(ctx)
	take(err)
	history, err := c.History(ctx)
	take(err)
	memory := NewPayments(c)
	replaced, err := memory.Replaced(ctx, history)
	take(err)
	payments, err := memory.List(ctx)
	take(err)
	names, err := labels.NewPayees(c.Book).Names(ctx)
	take(err)
	b, err := c.Balance(ctx)
	take(err)
	identities, err := watched.NewAddresses(c.Keys).Identities(ctx)
	take(err)
	scripts, err := c.Keys.Scripts(ctx)
	take(err)
	origins, err := watched.Origins(ctx, c.Book)
	take(err)
	sealed, err := c.Keys.SealedKey(ctx)
	take(err)
	info, err := c.Keys.Info(ctx)
	take(err)
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
	var coins, moved, paid []string
	for _, x := range list {
		coins = append(coins, fmt.Sprintf("%s %d %d %s %s %d/%d %s %v %q %q", x.OutPoint, x.Amount, x.Confirmations, x.Key.Role, x.Key.Kind, x.Key.Branch, x.Key.Index,
			x.Key.Address, x.Reserved, x.Frozen, x.Label))
	}
	for _, e := range append(history, replaced...) {
		moved = append(moved, fmt.Sprintf("%s %d %d %d %d %v %q %v %v", e.Txid, e.Height, e.Received, e.Spent, e.Fee, e.FeeKnown, e.Label, e.Void, e.ReplacedBy))
	}
	for _, p := range payments {
		paid = append(paid, fmt.Sprintf("%s %q %d %v %s %d", p.Tx.TxHash(), p.Request, p.Time.Unix(), p.Targets, p.PSBT, p.Until.Unix()))
	}
	return map[string]any{
		"coins": coins, "history": moved, "payments": paid, "names": fmt.Sprint(names), "identities": identities, "scripts": len(scripts),
		"balance": fmt.Sprintf("{C:%d U:%d I:%d R:%d F:%d O:%d}", b.Confirmed, b.Unconfirmed, b.Immature, b.Reserved, b.Frozen, b.Owner),
		"origins": fmt.Sprint(origins), "sealed": hex.EncodeToString(sealed[:]), "gap": info.Gap, "fingerprint": info.Fingerprint, "keychain": info.Keychain,
		"needs": fmt.Sprint(info.NeedsKeys, info.NeedsRescan),
	}
}

// TestVersionBefore opens the files of the version before: they say what they said, and looking at
// them writes nothing.
func TestVersionBefore(t *testing.T) {
	dir := unpacked(t)
	c, err := Open(dir, watchedtest.Net)
	if err != nil {
		t.Fatal(err)
	}
	files := func() (all string) {
		for _, name := range []string{"labels.db", "wallet/wallet.db", "wallet/wallet.db.sum"} {
			raw, err := os.ReadFile(filepath.Join(dir, name))
			if err != nil {
				t.Fatal(err)
			}
			all += string(raw)
		}
		return all
	}
	before := files()
	got, err := json.MarshalIndent(said(t, c), "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile(filepath.Join("testdata", "v2", "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if string(got)+"\n" != string(want) {
		t.Errorf("the files say\n%s\nwant\n%s", got, want)
	}
	if files() != before {
		t.Error("looking at the files has written to them")
	}
	if wrong, err := watched.NewChanges(c.Keys).CheckRows(t.Context()); err != nil || wrong != 0 {
		t.Errorf("%d rows are not what the keys say: %v", wrong, err)
	}
}
