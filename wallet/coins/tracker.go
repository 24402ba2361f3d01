package coins

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"
	_ "github.com/btcsuite/btcwallet/walletdb/bdb" // registers the driver "bdb"
	"github.com/btcsuite/btcwallet/wtxmgr"
	bolterrors "go.etcd.io/bbolt/errors"

	"blockstack/storage/dbfile"
)

// Names that are fixed inside btcwallet.
var (
	addrBucket = []byte("waddrmgr")
	txBucket   = []byte("wtxmgr")
)

// publicPass protects nothing; btcwallet insists on one.
var publicPass = []byte("public")

const accountName = "main"

// scopeOf is where btcwallet keeps a payment account. Its scopes say coin type 0
// on every network, and money to other scopes is ignored, so test accounts are
// imported there too and paths are never read from btcwallet.
func scopeOf(k Kind) (waddrmgr.KeyScope, waddrmgr.ScopeAddrSchema) {
	switch k {
	case P2SHP2WPKH:
		return waddrmgr.KeyScopeBIP0049Plus, waddrmgr.KeyScopeBIP0049AddrSchema
	case P2WPKH:
		return waddrmgr.KeyScopeBIP0084, waddrmgr.ScopeAddrMap[waddrmgr.KeyScopeBIP0084]
	case P2TR:
		return waddrmgr.KeyScopeBIP0086, waddrmgr.ScopeAddrMap[waddrmgr.KeyScopeBIP0086]
	default:
		return waddrmgr.KeyScopeBIP0044, waddrmgr.ScopeAddrMap[waddrmgr.KeyScopeBIP0044]
	}
}

// openTracker opens wallet.db.
func (c *Coins) openTracker(readOnly bool) (*trackerDB, error) {
	switch err := c.checkTracker(); {
	case errors.Is(err, ErrNotFound):
		return nil, fs.ErrNotExist
	case err != nil:
		return nil, err
	}
	var db walletdb.DB
	err := guarded(func() (err error) {
		db, err = walletdb.Open("bdb", c.tracker, true, c.book.wait, readOnly)
		return err
	})
	switch {
	case errors.Is(err, walletdb.ErrDbDoesNotExist):
		return nil, fs.ErrNotExist
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%w (%s)", ErrBusy, c.tracker)
	case err != nil:
		return nil, fmt.Errorf("open %s: %w", c.tracker, err)
	}
	if c.onDisk != nil {
		db = c.onDisk(db)
	}
	return &trackerDB{DB: db, path: c.tracker, write: !readOnly}, nil
}

// checkTracker looks whether wallet.db is whole.
func (c *Coins) checkTracker() error {
	return checkFile(c.tracker, c.book.wait, func() error { return checkSum(c.tracker) }, addrBucket, txBucket)
}

// ensureTracker builds wallet.db when it is missing, damaged or must be built again.
// The file is made beside its place and moved there when it is whole.
func (c *Coins) ensureTracker() error {
	rebuild := false
	err := c.book.view(func(tx *dbfile.Tx) error {
		rebuild = tx.Bucket(bucketMeta).Get(metaRescan) != nil
		return nil
	})
	if err != nil {
		return err
	}
	if exists(c.tracker) {
		// Nobody else may be using a file that is replaced.
		switch err := c.checkTracker(); {
		case err == nil && !rebuild:
			return nil
		case err != nil && !errors.Is(err, ErrMalformed) && !errors.Is(err, ErrNewer):
			return err
		case err != nil:
			c.tell(err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(c.tracker), 0o700); err != nil {
		return fmt.Errorf("create wallet: %w", err)
	}
	if err := os.Remove(sumFile(c.tracker)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("build %s: %w", c.tracker, err)
	}
	if err := dbfile.Replace(c.tracker, c.buildTracker); err != nil {
		return err
	}
	noteSum(c.tracker)
	return c.book.update(func(tx *dbfile.Tx) error { return tx.Bucket(bucketMeta).Delete(metaRescan) })
}

// buildTracker creates the file with the cheapest key derivation, because there
// is nothing to protect, and puts all public keys in.
func (c *Coins) buildTracker(path string) (err error) {
	var birthday time.Time
	err = c.book.view(func(tx *dbfile.Tx) error {
		birthday = time.Unix(int64(binary.BigEndian.Uint64(tx.Bucket(bucketMeta).Get(metaBirthday))), 0)
		return nil
	})
	if err != nil {
		return err
	}
	db, err := walletdb.Create("bdb", path, true, c.book.wait, false)
	if err != nil {
		return err
	}
	defer func() {
		if cerr := db.Close(); err == nil {
			err = cerr
		}
	}()
	err = walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
		a, err := tx.CreateTopLevelBucket(addrBucket)
		if err != nil {
			return err
		}
		t, err := tx.CreateTopLevelBucket(txBucket)
		if err != nil {
			return err
		}
		cheap := &waddrmgr.ScryptOptions{N: 2, R: 1, P: 1}
		if err := waddrmgr.Create(a, nil, publicPass, nil, c.net, cheap, birthday); err != nil {
			return err
		}
		return wtxmgr.Create(t)
	})
	if err != nil {
		return err
	}
	return walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(addrBucket)
		m, err := waddrmgr.Open(ns, publicPass, c.net)
		if err != nil {
			return err
		}
		defer m.Close()
		return c.watchAll(ns, m)
	})
}

// watchAll makes the address manager know every key of the book. It may be
// called again: keys that are known are left alone.
func (c *Coins) watchAll(ns walletdb.ReadWriteBucket, m *waddrmgr.Manager) error {
	return c.book.view(func(tx *dbfile.Tx) error {
		for _, kind := range Kinds() {
			xpub := c.scripts.account(kind)
			if xpub == nil {
				continue
			}
			if err := c.watchAccount(tx, ns, m, kind, xpub); err != nil {
				return fmt.Errorf("watch account %s: %w", kind, err)
			}
		}
		for _, role := range []Role{Owner, Revealer} {
			if err := c.watchRole(tx, ns, m, role); err != nil {
				return fmt.Errorf("watch %s keys: %w", role, err)
			}
		}
		return nil
	})
}

func (c *Coins) watchAccount(tx *dbfile.Tx, ns walletdb.ReadWriteBucket, m *waddrmgr.Manager, kind Kind, xpub *hdkeychain.ExtendedKey) error {
	scope, schema := scopeOf(kind)
	sm, err := m.FetchScopedKeyManager(scope)
	if err != nil {
		if sm, err = m.NewScopedKeyManager(ns, scope, schema); err != nil {
			return err
		}
	}
	if _, err := sm.LookupAccount(ns, accountName); err != nil {
		// The fingerprint in btcwallet is not used: paths are ours.
		if _, err := sm.NewAccountWatchingOnly(ns, accountName, xpub, 0, &schema); err != nil {
			return err
		}
	}
	for _, br := range []uint32{Receive, Change} {
		n, err := getCounts(tx, paymentBranch(kind, br))
		if err != nil {
			return err
		}
		if n.derived == 0 {
			continue
		}
		extend := sm.ExtendExternalAddresses
		if br == Change {
			extend = sm.ExtendInternalAddresses
		}
		if err := extend(ns, 0, n.derived-1); err != nil {
			return err
		}
	}
	return nil
}

// watchRole imports owner or revealer keys, which are single P2PKH keys.
func (c *Coins) watchRole(tx *dbfile.Tx, ns walletdb.ReadWriteBucket, m *waddrmgr.Manager, role Role) error {
	n, err := c.derived(tx, roleBranch(role))
	if err != nil || n == 0 {
		return err
	}
	scope, schema := scopeOf(P2PKH)
	sm, err := m.FetchScopedKeyManager(scope)
	if err != nil {
		if sm, err = m.NewScopedKeyManager(ns, scope, schema); err != nil {
			return err
		}
	}
	for i := range n {
		k, err := c.keyAt(tx, roleBranch(role), i)
		if errors.Is(err, ErrNeedKeys) {
			continue
		}
		if err != nil {
			return err
		}
		pub, err := btcec.ParsePubKey(k.PubKey)
		if err != nil {
			return fmt.Errorf("%w: key %d: %w", ErrMalformed, i, err)
		}
		_, err = sm.ImportPublicKey(ns, pub, nil)
		if err != nil && !waddrmgr.IsError(err, waddrmgr.ErrDuplicateAddress) {
			return err
		}
	}
	return nil
}

// store is an opened transaction store, for the time of one database transaction.
type store struct {
	*wtxmgr.Store
	ns walletdb.ReadBucket
	// tip is the block up to which the tracker has looked.
	tip waddrmgr.BlockStamp
}

// view reads the tracker: through the connection that is open, or from the file.
// A tracker that does not exist yet is not an error: f is not called.
func (c *Coins) view(f func(s store) error) error {
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l != nil {
		return walletdb.View(l.db, func(tx walletdb.ReadTx) error {
			return f(store{l.w.TxStore, tx.ReadBucket(txBucket), l.w.Manager.SyncedTo()})
		})
	}
	db, err := c.openTracker(true)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer db.Close()
	return guarded(func() error {
		return walletdb.View(db, func(tx walletdb.ReadTx) error {
			m, s, err := openManagers(tx, c)
			if err != nil {
				return err
			}
			defer m.Close()
			return f(store{s, tx.ReadBucket(txBucket), m.SyncedTo()})
		})
	})
}

func openManagers(tx walletdb.ReadTx, c *Coins) (*waddrmgr.Manager, *wtxmgr.Store, error) {
	a, t := tx.ReadBucket(addrBucket), tx.ReadBucket(txBucket)
	if a == nil || t == nil {
		return nil, nil, fmt.Errorf("%w: %s", ErrMalformed, c.tracker)
	}
	m, err := waddrmgr.Open(a, publicPass, c.net)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrMalformed, c.tracker, err)
	}
	s, err := wtxmgr.Open(t, c.net)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: %s: %w", ErrMalformed, c.tracker, err)
	}
	return m, s, nil
}

// edit changes the tracker: through the connection that is open, or the file.
func (c *Coins) edit(f func(s *wtxmgr.Store, ns walletdb.ReadWriteBucket) error) error {
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l != nil {
		return walletdb.Update(l.db, func(tx walletdb.ReadWriteTx) error {
			return f(l.w.TxStore, tx.ReadWriteBucket(txBucket))
		})
	}
	if err := c.ensureTracker(); err != nil {
		return err
	}
	db, err := c.openTracker(false)
	if err != nil {
		return err
	}
	err = walletdb.Update(db, func(tx walletdb.ReadWriteTx) error {
		ns := tx.ReadWriteBucket(txBucket)
		if ns == nil {
			return fmt.Errorf("%w: %s", ErrMalformed, c.tracker)
		}
		s, err := wtxmgr.Open(ns, c.net)
		if err != nil {
			return fmt.Errorf("%w: %s: %w", ErrMalformed, c.tracker, err)
		}
		return f(s, ns)
	})
	return errors.Join(err, db.Close())
}
