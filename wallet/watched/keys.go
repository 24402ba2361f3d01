package watched

import (
	"context"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// Chain is what the scripts have to do with the chain.
type Chain interface {
	// EachTx calls f with every transaction of ours that is known from the chain.
	EachTx(f func(tx *wire.MsgTx)) error
	// Changing runs f while no sync is under way. A connection that is open watches what is new
	// then.
	Changing(f func() error) error
}

// apart is the chain of a wallet that was never connected.
type apart struct{}

func (apart) EachTx(func(*wire.MsgTx)) error { return nil }

func (apart) Changing(f func() error) error { return f() }

// Keys are the public keys of one wallet, and the scripts that they give. It is safe for concurrent
// use.
type Keys struct {
	book    *labels.Book
	deriver *scripts.Deriver
	chain   Chain
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

// Open reads the public keys in a book. Until Believe is called, scripts are derived from them.
func Open(book *labels.Book) (*Keys, error) {
	if err := book.Check(); err != nil {
		return nil, err
	}
	ks := &Keys{book: book, chain: apart{}}
	err := book.View(func(tx *dbfile.Tx) error {
		stored, err := storedPublic(tx)
		ks.deriver = scripts.NewDeriver(book.Net, stored)
		return err
	})
	return ks, err
}

// Connect says which chain the keys are watched on. It is called before anything else.
func (ks *Keys) Connect(c Chain) { ks.chain = c }

// Believe derives all scripts from p from now on, whatever labels.db says.
func (ks *Keys) Believe(p scripts.Public) { ks.deriver.Believe(p) }

// Believed is what scripts are derived from: what Believe was given, else what labels.db says.
func (ks *Keys) Believed() scripts.Public { return ks.deriver.Believed() }

// Info says what the wallet was made of.
func (ks *Keys) Info(ctx context.Context) (i Info, err error) {
	if err := ctx.Err(); err != nil {
		return i, err
	}
	err = ks.book.View(func(tx *dbfile.Tx) error {
		m := labels.MetaOf(tx)
		i = Info{
			Keychain: m.Keychain(), Fingerprint: m.Fingerprint(), Birthday: m.Birthday(), Gap: m.Gap(),
			NeedsKeys: m.Short(), NeedsRescan: m.NeedsRescan(),
		}
		if p := ks.deriver.Believed(); p.SealedKey != nil {
			i.Fingerprint = p.Fingerprint
		}
		return nil
	})
	return i, err
}

// Account is the extended public key of a payment account.
func (ks *Keys) Account(ctx context.Context, kind scripts.Kind) (*hdkeychain.ExtendedKey, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	key := ks.deriver.Account(kind)
	if key == nil {
		return nil, fmt.Errorf("%s: %w", kind, labels.ErrNotFound)
	}
	return key, nil
}
