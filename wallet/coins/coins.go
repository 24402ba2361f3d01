package coins

import (
	"context"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"github.com/btcsuite/btcwallet/chain"
	"github.com/btcsuite/btcwallet/walletdb"

	"blockstack/storage/dbfile"
)

// DefaultGap is how many unused keys after the last used one are looked at. It
// is what most wallets use, so that what they restore is restored here.
const DefaultGap = 20

// defaultWait is how long a file that another process holds is waited for.
const defaultWait = 10 * time.Second

// Backend is where a connection to the chain comes from.
type Backend interface {
	// WalletClient returns a client that was not started. Coins starts and stops it.
	WalletClient(ctx context.Context) (chain.Interface, error)
}

// Setup is what a wallet is made of: public data only.
type Setup struct {
	Keychain    string // id of the keychain that signs; empty: none
	Fingerprint uint32 // of the root key, as the psbt package carries it
	Birthday    time.Time
	Accounts    map[Kind]*hdkeychain.ExtendedKey // extended public keys of m/purpose'/coin'/0'
	Origins     map[Kind]Origin                  // of accounts that are elsewhere; nil: none
	Owners      []*btcec.PublicKey               // from index 0
	Revealers   []*btcec.PublicKey               // from index 0
	Gap         uint32                           // 0: DefaultGap
	SealedKey   []byte                           // public half of the key that opens sealed boxes; empty: none
}

// Info is what a wallet was made of and what it still needs.
type Info struct {
	Keychain    string
	Fingerprint uint32
	Birthday    time.Time
	Gap         uint32
	NeedsKeys   bool // owner or revealer keys must be derived ahead (AddKeys)
	NeedsRescan bool // the next sync scans from the birthday
}

// Coins are the coins of one wallet on one network. It is safe for concurrent use.
type Coins struct {
	net     *chaincfg.Params
	book    *book
	scripts *deriver // all scripts of ours
	tracker string   // path of btcwallet's file

	rebuilt func(why error) // see OnRebuild; nil: nobody wants to know

	// onDisk is what tests put between btcwallet and the disk; nil: nothing.
	onDisk func(walletdb.DB) walletdb.DB

	syncing sync.Mutex // held by the one that syncs

	mu       sync.Mutex
	link     *link // nil: not attached
	reserved func(wire.OutPoint) bool
}

// Create makes labels.db in dir. The file of the tracker is made by the first sync.
func Create(dir string, net *chaincfg.Params, s Setup) error {
	gap := s.Gap
	if gap == 0 {
		gap = DefaultGap
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create wallet: %w", err)
	}
	b := newBook(dir, net)
	d := newDeriver(net, Public{Accounts: s.Accounts, Gap: gap})
	return b.create(func(tx *dbfile.Tx) error {
		m := tx.Bucket(bucketMeta)
		for k, v := range map[string][]byte{
			string(metaNetwork): []byte(net.Name), string(metaKeychain): []byte(s.Keychain), string(metaFingerprint): u32(s.Fingerprint),
			string(metaSince):    binary.BigEndian.AppendUint64(nil, uint64(time.Now().Unix())),
			string(metaBirthday): binary.BigEndian.AppendUint64(nil, uint64(s.Birthday.Unix())), string(metaGap): u32(gap),
		} {
			if err := m.Put([]byte(k), v); err != nil {
				return err
			}
		}
		if len(s.SealedKey) > 0 {
			if err := putSealedKey(tx, s.SealedKey); err != nil {
				return err
			}
		}
		for kind, xpub := range s.Accounts {
			if xpub.IsPrivate() || !xpub.IsForNet(net) {
				return fmt.Errorf("account %s: not an extended public key of %s", kind, net.Name)
			}
			if err := tx.Bucket(bucketAccounts).Put([]byte{byte(kind.Purpose())}, []byte(xpub.String())); err != nil {
				return err
			}
			for _, br := range []uint32{Receive, Change} {
				if err := extendPayment(tx, d, paymentBranch(kind, br), 2*gap); err != nil {
					return err
				}
			}
		}
		if err := putOrigins(tx, s.Origins); err != nil {
			return err
		}
		if err := extendRole(tx, d, Owner, 0, s.Owners); err != nil {
			return err
		}
		if s.Keychain == "" { // all that it will ever have
			if err := handOutAll(tx, Owner); err != nil {
				return err
			}
		}
		return extendRole(tx, d, Revealer, 0, s.Revealers)
	})
}

func newBook(dir string, net *chaincfg.Params) *book {
	return &book{path: filepath.Join(dir, "labels.db"), net: net, wait: defaultWait}
}

// Open opens the wallet in dir. Nothing is held open until a sync. Until Believe is
// called, scripts are derived from the public keys in labels.db.
func Open(dir string, net *chaincfg.Params) (*Coins, error) {
	b := newBook(dir, net)
	if err := b.check(); err != nil {
		return nil, err
	}
	c := &Coins{net: net, book: b, tracker: filepath.Join(dir, "wallet", "wallet.db")}
	err := b.view(func(tx *dbfile.Tx) error {
		stored, err := storedPublic(tx)
		c.scripts = newDeriver(net, stored)
		return err
	})
	return c, err
}

// Close ends a connection that Follow left open.
func (c *Coins) Close() error {
	c.syncing.Lock()
	defer c.syncing.Unlock()
	return c.detach()
}

// Reserve tells which coins are kept for unfinished jobs. Spendable leaves them
// out. nil: none.
func (c *Coins) Reserve(reserved func(wire.OutPoint) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reserved = reserved
}

func (c *Coins) isReserved(op wire.OutPoint) bool {
	c.mu.Lock()
	f := c.reserved
	c.mu.Unlock()
	return f != nil && f(op)
}

// Info says what the wallet was made of.
func (c *Coins) Info(ctx context.Context) (Info, error) {
	var i Info
	if err := ctx.Err(); err != nil {
		return i, err
	}
	err := c.book.view(func(tx *dbfile.Tx) error {
		m := tx.Bucket(bucketMeta)
		i = Info{
			Keychain:    string(m.Get(metaKeychain)),
			Fingerprint: binary.BigEndian.Uint32(m.Get(metaFingerprint)),
			Birthday:    time.Unix(int64(binary.BigEndian.Uint64(m.Get(metaBirthday))), 0).UTC(),
			Gap:         gapOf(tx),
			NeedsKeys:   m.Get(metaShort) != nil,
			NeedsRescan: m.Get(metaRescan) != nil,
		}
		if p := c.scripts.believed(); p.SealedKey != nil {
			i.Fingerprint = p.Fingerprint
		}
		return nil
	})
	return i, err
}

// Account is the extended public key of a payment account.
func (c *Coins) Account(ctx context.Context, kind Kind) (*hdkeychain.ExtendedKey, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	key := c.scripts.account(kind)
	if key == nil {
		return nil, fmt.Errorf("%s: %w", kind, ErrNotFound)
	}
	return key, nil
}
