package watched_test

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

// known is a chain that has some transactions of ours, and no sync.
type known struct {
	txs     []*wire.MsgTx
	err     error
	changes int
}

func (k *known) EachTx(f func(tx *wire.MsgTx)) error {
	for _, tx := range k.txs {
		f(tx)
	}
	return k.err
}

func (k *known) Changing(f func() error) error {
	k.changes++
	if k.err != nil {
		return k.err
	}
	return f()
}

// pay lets the chain have a payment to some keys.
func (k *known) pay(keys ...scripts.Key) {
	tx := wire.NewMsgTx(2)
	tx.AddTxIn(wire.NewTxIn(&wire.OutPoint{Index: uint32(len(k.txs))}, nil, nil))
	for _, key := range keys {
		tx.AddTxOut(wire.NewTxOut(1000, key.Script))
	}
	k.txs = append(k.txs, tx)
}

// use is what a sync notes about keys that are paid.
func use(t *testing.T, book *labels.Book, ks *watched.Keys, keys ...scripts.Key) (late bool) {
	t.Helper()
	paid := map[string]bool{}
	for _, k := range keys {
		paid[string(k.Script)] = true
	}
	err := book.Update(func(tx *dbfile.Tx) (err error) {
		_, late, err = watched.NewChanges(ks).Learn(tx, paid, true)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return late
}

// TestReceiveKeys: an address is shown until it is paid, a new one is never shown twice, and none
// is beyond what a restore finds.
func TestReceiveKeys(t *testing.T) {
	ctx := t.Context()
	const gap = 4
	book, ks := watchedtest.New(t, gap)
	a := watched.NewAddresses(ks)
	take := func(f func(context.Context, scripts.Kind) (scripts.Key, error)) uint32 {
		t.Helper()
		k, err := f(ctx, scripts.P2WPKH)
		if err != nil {
			t.Fatal(err)
		}
		return k.Index
	}
	for range 2 {
		if i := take(a.ReceiveKey); i != 0 {
			t.Errorf("shown %d", i)
		}
	}
	for want := uint32(1); want < gap; want++ {
		if i := take(a.NewReceiveKey); i != want {
			t.Errorf("new %d, want %d", i, want)
		}
	}
	if _, err := a.NewReceiveKey(ctx, scripts.P2WPKH); !errors.Is(err, scripts.ErrGap) {
		t.Errorf("as many as the gap are unused: %v", err)
	}
	if i := take(a.ReceiveKey); i != gap-1 {
		t.Errorf("the last one is shown on: %d", i)
	}
	k, err := ks.PaymentKey(ctx, scripts.P2WPKH, scripts.Receive, 2)
	if err != nil {
		t.Fatal(err)
	}
	if late := use(t, book, ks, k); late {
		t.Error("a key within the gap came late")
	}
	for want := uint32(gap); want < 3+gap; want++ {
		if i := take(a.NewReceiveKey); i != want {
			t.Errorf("after a payment %d, want %d", i, want)
		}
	}
	if _, err := a.NewReceiveKey(ctx, scripts.P2WPKH); !errors.Is(err, scripts.ErrGap) {
		t.Errorf("again as many: %v", err)
	}
	if i := take(a.ChangeKey); i != 0 {
		t.Errorf("change %d", i)
	}
	if _, err := a.ReceiveKey(ctx, "p2wsh"); err == nil {
		t.Error("a kind that there is not")
	}
	if _, err := a.NewReceiveKey(ctx, scripts.P2TR); err != nil {
		t.Errorf("another account: %v", err)
	}
}

// TestIdentities: the first identity is there always, further ones are handed out one by one, and
// not too many that own nothing.
func TestIdentities(t *testing.T) {
	ctx := t.Context()
	const gap = 4
	book, ks := watchedtest.New(t, gap)
	chain := &known{}
	ks.Connect(chain)
	a := watched.NewAddresses(ks)
	count := func(want uint32) {
		t.Helper()
		if n, err := a.Identities(ctx); err != nil || n != want {
			t.Errorf("%d identities, want %d: %v", n, want, err)
		}
	}
	count(1)
	for want := uint32(1); want < gap; want++ {
		k, err := a.NewIdentity(ctx)
		if err != nil || k.Index != want || k.Role != scripts.Owner {
			t.Errorf("%+v, %v", k, err)
		}
		count(want + 1)
	}
	if _, err := a.NewIdentity(ctx); !errors.Is(err, scripts.ErrGap) {
		t.Errorf("too many: %v", err)
	}
	last, err := ks.RoleKey(ctx, scripts.Owner, 6)
	if err != nil {
		t.Fatal(err)
	}
	chain.pay(last)
	use(t, book, ks, last)
	count(7)
	if _, err := a.NewIdentity(ctx); err != nil {
		t.Error(err)
	}
	if info, err := ks.Info(ctx); err != nil || !info.NeedsKeys {
		t.Errorf("owner keys are running short: %+v, %v", info, err)
	}
	if _, err := a.NewIdentity(ctx); !errors.Is(err, scripts.ErrNeedKeys) {
		t.Errorf("a key that was not derived: %v", err)
	}
	if n, err := ks.Used(ctx, scripts.Owner); err != nil || n != 7 {
		t.Errorf("used up to %d, %v", n, err)
	}
}

// TestNumbersAreHeldToTheChain: numbers in labels.db that say that far keys were used, or handed
// out, count as far as the known transactions bear them out. Who can write the file would have an
// address handed out that no restore finds.
func TestNumbersAreHeldToTheChain(t *testing.T) {
	ctx := t.Context()
	const gap = 4
	book, ks := watchedtest.New(t, gap)
	chain := &known{}
	ks.Connect(chain)
	a := watched.NewAddresses(ks)
	b := scripts.PaymentBranch(scripts.P2WPKH, scripts.Receive)
	forge := func(derived, used, next byte) {
		t.Helper()
		err := book.Update(func(tx *dbfile.Tx) error {
			return tx.Bucket(labels.BucketCounts).Put(b[:], []byte{0, 0, 0, derived, 0, 0, 0, used, 0, 0, 0, next})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	forge(8, 8, 8)
	k, err := a.ReceiveKey(ctx, scripts.P2WPKH)
	if err != nil || k.Index != 0 {
		t.Errorf("with numbers that nothing bears out, key %d is shown: %v", k.Index, err)
	}
	paid, err := ks.PaymentKey(ctx, scripts.P2WPKH, scripts.Receive, 5)
	if err != nil {
		t.Fatal(err)
	}
	chain.pay(paid)
	forge(8, 6, 8)
	if k, err = a.ReceiveKey(ctx, scripts.P2WPKH); err != nil || k.Index != 7 {
		t.Errorf("with a payment to key 5, key %d is shown: %v", k.Index, err)
	}
	forge(8, 9, 0) // more used than derived: no such numbers are written
	if _, err := a.ReceiveKey(ctx, scripts.P2WPKH); !errors.Is(err, labels.ErrMalformed) {
		t.Errorf("numbers that contradict each other: %v", err)
	}
	chain.err = errors.New("away")
	forge(8, 8, 8)
	if _, err := a.ReceiveKey(ctx, scripts.P2WPKH); !errors.Is(err, chain.err) {
		t.Errorf("what is known cannot be read: %v", err)
	}
}

// TestReach: how far a restore looks follows from what was used and handed out, and grows with what
// is used for certain.
func TestReach(t *testing.T) {
	ctx := t.Context()
	const gap = 4
	_, ks := watchedtest.New(t, gap)
	r, err := ks.Reach(ctx)
	if err != nil {
		t.Fatal(err)
	}
	key := func(index uint32) scripts.Key {
		return scripts.Key{Role: scripts.Payment, Kind: scripts.P2TR, Branch: scripts.Change, Index: index}
	}
	if !r.Has(key(gap-1)) || r.Has(key(gap)) {
		t.Error("a new account")
	}
	r.Use(key(gap)) // out of reach: nobody finds it, so it is no reason to look further
	if r.Has(key(gap)) {
		t.Error("a key that is out of reach was used")
	}
	r.Use(key(gap - 1))
	if !r.Has(key(2*gap-1)) || r.Has(key(2*gap)) {
		t.Error("after the last key in reach was used")
	}
	owner := scripts.Key{Role: scripts.Owner, Index: gap}
	if !r.Has(owner) { // the first identity counts as handed out
		t.Error("owner keys")
	}
	if owner.Index++; r.Has(owner) {
		t.Error("owner keys too far")
	}
	if shared := (scripts.Key{Role: scripts.Shared, Index: 1000}); !r.Has(shared) {
		t.Error("scripts of several keys are found by the list")
	}
}

// TestChangesWaitForTheSync: what a scan looks for is not changed behind its back, and a change
// that may not be made writes nothing.
func TestChangesWaitForTheSync(t *testing.T) {
	ctx := t.Context()
	book, ks := watchedtest.New(t, 3)
	chain := &known{}
	ks.Connect(chain)
	c := watched.NewChanges(ks)
	calls := []func() error{
		func() error { return c.SetGap(ctx, 5) },
		func() error { return c.AddKeys(ctx, scripts.Owner, 6, watchedtest.OwnerKeys(6, 12)) },
		func() error { _, err := c.AddShared(ctx, twoOf(t, 0, 1), "x"); return err },
	}
	for i, call := range calls {
		if err := call(); err != nil || chain.changes != i+1 {
			t.Errorf("change %d: %d, %v", i, chain.changes, err)
		}
	}
	before := rows(t, book)
	chain.err = errors.New("a sync is under way")
	for i, call := range []func() error{
		func() error { return c.SetGap(ctx, 9) },
		func() error { return c.AddKeys(ctx, scripts.Owner, 12, watchedtest.OwnerKeys(12, 20)) },
		func() error { _, err := c.AddShared(ctx, twoOf(t, 0, 2), "y"); return err },
	} {
		if err := call(); !errors.Is(err, chain.err) {
			t.Errorf("change %d: %v", i, err)
		}
	}
	if after := rows(t, book); !bytes.Equal(after, before) {
		t.Error("a change that was not made has written")
	}
}
