package watched_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
	"blockstack/wallet/watchedtest"
)

// rows are all rows of a book, in their order.
func rows(t *testing.T, book *labels.Book) []byte {
	t.Helper()
	var out bytes.Buffer
	err := book.View(func(tx *dbfile.Tx) error {
		return tx.ForEach(func(name []byte, b *dbfile.Bucket) error {
			return b.ForEach(func(k, v []byte) error {
				_, err := fmt.Fprintf(&out, "%s %x %x\n", name, k, v)
				return err
			})
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// twoOf is the script of two owner keys that both sign.
func twoOf(t *testing.T, a, b uint32) []byte {
	t.Helper()
	s := txscript.NewScriptBuilder().AddInt64(2)
	for _, i := range []uint32{a, b} {
		s.AddData(watchedtest.OwnerKeys(i, i+1)[0].SerializeCompressed())
	}
	script, err := s.AddInt64(2).AddOp(txscript.OP_CHECKMULTISIG).Script()
	if err != nil {
		t.Fatal(err)
	}
	return script
}

// TestForgedRows: whatever the rows about scripts say, what is ours is derived; the rows are
// counted and written as they were.
func TestForgedRows(t *testing.T) {
	ctx := t.Context()
	receive := scripts.PaymentBranch(scripts.P2WPKH, scripts.Receive)
	owner := scripts.RoleBranch(scripts.Owner)
	his := []byte("\x00\x14HIS SCRIPT OF 22 BYT")
	for name, c := range map[string]struct {
		forge func(tx *dbfile.Tx, mine scripts.Key) error
		wrong int
	}{
		"a stranger's script in the place of ours": {func(tx *dbfile.Tx, mine scripts.Key) error {
			return errors.Join(tx.Bucket(labels.BucketKeys).Put(receive.At(0), his), tx.Bucket(labels.BucketScripts).Delete(mine.Script),
				tx.Bucket(labels.BucketScripts).Put(his, append(receive.At(0), mine.PubKey...)))
		}, 3},
		"a script that is said to be of another key": {func(tx *dbfile.Tx, mine scripts.Key) error {
			return tx.Bucket(labels.BucketScripts).Put(mine.Script, append(receive.At(3), mine.PubKey...))
		}, 1},
		"another owner's public key": {func(tx *dbfile.Tx, mine scripts.Key) error {
			script := bytes.Clone(tx.Bucket(labels.BucketKeys).Get(owner.At(1)))
			return tx.Bucket(labels.BucketScripts).Put(script, append(owner.At(1), mine.PubKey...))
		}, 1},
		"numbers that cannot be": {func(tx *dbfile.Tx, _ scripts.Key) error {
			return tx.Bucket(labels.BucketCounts).Put(receive[:], bytes.Repeat([]byte{0xff}, 12))
		}, 1},
		"a set of keys of nobody": {func(tx *dbfile.Tx, mine scripts.Key) error {
			return tx.Bucket(labels.BucketScripts).Put([]byte("\xa9\x14HIS SET OF KEYS 20 BY\x87"), append([]byte{3, 0, 0, 0, 0, 9}, mine.PubKey...))
		}, 1},
		"another gap": {func(tx *dbfile.Tx, _ scripts.Key) error { return labels.MetaOf(tx).SetGap(1000) }, 1},
	} {
		book, ks := watchedtest.New(t, 3)
		p := ks.Believed()
		p.Gap = 3
		ks.Believe(p)
		changes := watched.NewChanges(ks)
		mine, err := ks.PaymentKey(ctx, scripts.P2WPKH, scripts.Receive, 0)
		if err != nil {
			t.Fatal(err)
		}
		good := rows(t, book)
		if err := book.Update(func(tx *dbfile.Tx) error { return c.forge(tx, mine) }); err != nil {
			t.Fatal(err)
		}
		again, err := watched.Open(book) // a process that has derived nothing yet
		if err != nil {
			t.Fatal(err)
		}
		again.Believe(p)
		for what, script := range map[string][]byte{"his script": his, "his set": []byte("\xa9\x14HIS SET OF KEYS 20 BY\x87")} {
			if k, ok, err := again.Lookup(ctx, script); ok || err != nil {
				t.Errorf("%s: %s is ours: %+v, %v", name, what, k, err)
			}
		}
		err = book.View(func(tx *dbfile.Tx) error {
			k, ok, err := again.Search(tx, mine.Script)
			if !ok || k.Index != mine.Index || k.Address != mine.Address {
				t.Errorf("%s: ours is not found: %+v", name, k)
			}
			return err
		})
		if err != nil && !errors.Is(err, labels.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
		if n, err := changes.CheckRows(ctx); err != nil || n != c.wrong {
			t.Errorf("%s: %d rows are wrong, want %d: %v", name, n, c.wrong, err)
		}
		forged := rows(t, book)
		if n, err := changes.Heal(ctx, true); err != nil || n != c.wrong {
			t.Errorf("%s: %d rows were written anew: %v", name, n, err)
		}
		if info, err := ks.Info(ctx); err != nil || !info.NeedsRescan {
			t.Errorf("%s: what was not looked for is looked for now: %+v, %v", name, info, err)
		}
		if err := book.Update(func(tx *dbfile.Tx) error { return labels.MetaOf(tx).Rescanned() }); err != nil {
			t.Fatal(err)
		}
		if healed := rows(t, book); !bytes.Equal(healed, good) || bytes.Equal(forged, good) {
			t.Errorf("%s: the rows are not what they were", name)
		}
		if n, err := changes.Heal(ctx, true); err != nil || n != 0 {
			t.Errorf("%s: again: %d, %v", name, n, err)
		}
	}
}

// TestSharedScripts: a script of several keys is watched once it is added, found, and shown while
// it is believed.
func TestSharedScripts(t *testing.T) {
	ctx := t.Context()
	book, ks := watchedtest.New(t, 3)
	c := watched.NewChanges(ks)
	first, err := c.AddShared(ctx, twoOf(t, 0, 1), "ours")
	if err != nil || first.Index != 0 || first.Threshold != 2 || len(first.Keys) != 2 {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := c.AddShared(ctx, twoOf(t, 0, 2), "theirs")
	if err != nil || second.Index != 1 {
		t.Fatalf("%+v, %v", second, err)
	}
	again, err := c.AddShared(ctx, twoOf(t, 0, 1), "still ours")
	if err != nil || again.Index != 0 || again.Label != "still ours" {
		t.Errorf("again: %+v, %v", again, err)
	}
	if _, err := c.AddShared(ctx, []byte{txscript.OP_TRUE}, ""); !errors.Is(err, scripts.ErrBadScript) {
		t.Errorf("a script that is none: %v", err)
	}
	if info, err := ks.Info(ctx); err != nil || !info.NeedsRescan {
		t.Errorf("%+v, %v", info, err)
	}
	k, ok, err := ks.Lookup(ctx, second.Script)
	if err != nil || !ok || k.Role != scripts.Shared || k.Index != 1 || k.Address != second.Address {
		t.Errorf("%+v, %v, %v", k, ok, err)
	}
	if list, err := ks.SharedScripts(ctx); err != nil || len(list) != 2 || list[0].Label != "still ours" {
		t.Errorf("%+v, %v", list, err)
	}
	p := ks.Believed()
	p.Sets = p.Sets[:1]
	ks.Believe(p)
	if list, err := ks.SharedScripts(ctx); err != nil || len(list) != 1 {
		t.Errorf("a set that is not believed: %+v, %v", list, err)
	}
	if _, ok, err := ks.Lookup(ctx, second.Script); ok || err != nil {
		t.Errorf("its script is ours: %v, %v", ok, err)
	}
	p.Sets = append(p.Sets, twoOf(t, 1, 2)) // from the list of the keychain, which labels.db does not have
	ks.Believe(p)
	if n, err := c.Heal(ctx, false); err != nil || n == 0 {
		t.Errorf("%d rows, %v", n, err)
	}
	if list, err := ks.SharedScripts(ctx); err != nil || len(list) != 2 {
		t.Errorf("after it was written: %+v, %v", list, err)
	}
	tx := wire.NewMsgTx(2)
	for _, script := range [][]byte{{txscript.OP_TRUE}, first.Script, second.Script} {
		tx.AddTxOut(wire.NewTxOut(1, script))
	}
	if own, err := ks.OwnOutputs(tx); err != nil || len(own) != 1 || own[1].Role != scripts.Shared {
		t.Errorf("own outputs %v, %v", own, err)
	}
	if _, err := watched.Open(book); err != nil {
		t.Error(err)
	}
}

// TestLearn: keys that are used are counted, further ones are derived, and a key that should have
// been looked for asks for a new scan.
func TestLearn(t *testing.T) {
	ctx := t.Context()
	const gap = 4
	book, ks := watchedtest.New(t, gap)
	key := func(i uint32) scripts.Key {
		t.Helper()
		k, err := ks.PaymentKey(ctx, scripts.P2TR, scripts.Receive, i)
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	learn := func(write bool, keys ...scripts.Key) (changed, late bool) {
		t.Helper()
		paid := map[string]bool{"a stranger's script": true}
		for _, k := range keys {
			paid[string(k.Script)] = true
		}
		run := book.View
		if write {
			run = book.Update
		}
		err := run(func(tx *dbfile.Tx) (err error) {
			changed, late, err = watched.NewChanges(ks).Learn(tx, paid, write)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return changed, late
	}
	watching := func(want uint32) {
		t.Helper()
		if n, err := ks.PaymentKeys(ctx, scripts.P2TR, scripts.Receive); err != nil || n != want {
			t.Errorf("%d keys are watched, want %d: %v", n, want, err)
		}
	}
	if changed, late := learn(false); changed || late {
		t.Errorf("nothing was paid: %v, %v", changed, late)
	}
	if changed, _ := learn(false, key(1)); !changed {
		t.Error("there was something to write")
	}
	watching(2 * gap)
	if changed, late := learn(true, key(1)); !changed || late {
		t.Errorf("a key in reach: %v, %v", changed, late)
	}
	if changed, _ := learn(false, key(1), key(0)); changed {
		t.Error("the same again")
	}
	if _, late := learn(true, key(2*gap-1)); !late {
		t.Error("the last key that was watched is used: those behind it were not looked for")
	}
	watching(4 * gap)
	if info, err := ks.Info(ctx); err != nil || !info.NeedsRescan || info.NeedsKeys {
		t.Errorf("%+v, %v", info, err)
	}
	if n, err := ks.PaymentKeys(ctx, scripts.P2TR, scripts.Change); err != nil || n != 2*gap {
		t.Errorf("another branch: %d, %v", n, err)
	}
	total, err := ks.Total()
	if err != nil || total != 4*gap+7*2*gap+2*gap {
		t.Errorf("%d keys in all, %v", total, err)
	}
	w, err := ks.Watched()
	if err != nil || len(w.Accounts) != len(scripts.Kinds()) || len(w.Singles) != 2*gap {
		t.Fatalf("%+v, %v", w, err)
	}
	each := 0
	if err := ks.EachWatched(func(scripts.Key) error { each++; return nil }); err != nil || uint64(each) != total {
		t.Errorf("%d of %d keys, %v", each, total, err)
	}
	stop := errors.New("stop")
	if err := ks.EachWatched(func(scripts.Key) error { return stop }); !errors.Is(err, stop) {
		t.Error(err)
	}
}

// TestCreateRefuses: what a wallet cannot be made of leaves no file.
func TestCreateRefuses(t *testing.T) {
	private, err := hdkeychain.NewMaster(make([]byte, 32), watchedtest.Net)
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(s *watched.Setup){
		"a private account key":         func(s *watched.Setup) { s.Accounts[scripts.P2TR] = private },
		"an account of another network": func(s *watched.Setup) { s.Accounts[scripts.P2TR].SetNet(&chaincfg.MainNetParams) },
		"a short key of sealed boxes":   func(s *watched.Setup) { s.SealedKey = make([]byte, 31) },
		"a long origin": func(s *watched.Setup) {
			s.Origins = map[scripts.Kind]scripts.Origin{scripts.P2TR: {Path: make([]uint32, 21)}}
		},
	} {
		s := watchedtest.Setup(t, 2)
		change(&s)
		book := labels.In(t.TempDir(), watchedtest.Net)
		if err := watched.Create(book, s); err == nil {
			t.Errorf("%s was taken", name)
		}
		if err := book.Check(); !errors.Is(err, labels.ErrNotFound) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestWatchOnly: a wallet without a keychain has the owner keys that it was given and never asks
// for more, and knows where its accounts came from.
func TestWatchOnly(t *testing.T) {
	ctx := t.Context()
	s := watchedtest.Setup(t, 2)
	s.Owners = s.Owners[:2]
	s.Keychain, s.Birthday, s.SealedKey = "", time.Unix(1_700_000_000, 0), bytes.Repeat([]byte{7}, 32)
	s.Origins = map[scripts.Kind]scripts.Origin{scripts.P2TR: {Fingerprint: 9, Path: []uint32{86, 1, 0}}, scripts.P2PKH: {Fingerprint: 8, Path: []uint32{}}}
	delete(s.Accounts, scripts.P2WPKH)
	book := labels.In(t.TempDir(), watchedtest.Net)
	if err := watched.Create(book, s); err != nil {
		t.Fatal(err)
	}
	ks, err := watched.Open(book)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := watched.NewAddresses(ks).Identities(ctx); err != nil || n != uint32(len(s.Owners)) {
		t.Errorf("%d identities, %v", n, err)
	}
	last, err := ks.RoleKey(ctx, scripts.Owner, uint32(len(s.Owners))-1)
	if err != nil {
		t.Fatal(err)
	}
	use(t, book, ks, last)
	if info, err := ks.Info(ctx); err != nil || info.NeedsKeys || !info.Birthday.Equal(s.Birthday) || info.Keychain != "" {
		t.Errorf("%+v, %v", info, err)
	}
	origins, err := watched.Origins(ctx, book)
	if err != nil || fmt.Sprint(origins) != fmt.Sprint(s.Origins) {
		t.Errorf("%v, %v", origins, err)
	}
	if key, err := ks.SealedKey(ctx); err != nil || key[0] != 7 {
		t.Errorf("%x, %v", key, err)
	}
	if _, err := ks.Account(ctx, scripts.P2WPKH); !errors.Is(err, labels.ErrNotFound) {
		t.Errorf("an account that there is not: %v", err)
	}
	if n, err := ks.PaymentKeys(ctx, scripts.P2WPKH, scripts.Receive); err != nil || n != 0 {
		t.Errorf("%d keys of it, %v", n, err)
	}
	if _, err := ks.PaymentKey(ctx, scripts.P2WPKH, scripts.Receive, 0); !errors.Is(err, scripts.ErrNeedKeys) {
		t.Errorf("a key of it: %v", err)
	}
	list, err := ks.Scripts(ctx)
	if total, terr := ks.Total(); err != nil || terr != nil || uint64(len(list)) != total {
		t.Errorf("%d scripts of %d keys, %v", len(list), total, err)
	}
	for bucket, value := range map[string]string{"origins": "123", "shared": "x"} {
		err := book.Update(func(tx *dbfile.Tx) error {
			b, err := tx.CreateBucketIfNotExists([]byte(bucket))
			if err == nil {
				err = b.Put([]byte{86}, []byte(value))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if _, err := watched.Origins(ctx, book); !errors.Is(err, labels.ErrMalformed) {
		t.Errorf("an origin of three bytes: %v", err)
	}
	if _, err := watched.Open(book); !errors.Is(err, labels.ErrMalformed) {
		t.Errorf("a set that is no JSON: %v", err)
	}
}
