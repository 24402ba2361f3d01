package watched

import (
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"

	"blockstack/storage/dbfile"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
)

// DefaultGap is how many unused keys after the last used one are looked at. It is what most wallets
// use, so that what they restore is restored here.
const DefaultGap = 20

// Setup is what a wallet is made of: public data only.
type Setup struct {
	Keychain    string // id of the keychain that signs; empty: none
	Fingerprint uint32 // of the root key, as the psbt package carries it
	Birthday    time.Time
	Accounts    map[scripts.Kind]*hdkeychain.ExtendedKey // extended public keys of m/purpose'/coin'/0'
	Origins     map[scripts.Kind]scripts.Origin          // of accounts that are elsewhere; nil: none
	Owners      []*btcec.PublicKey                       // from index 0
	Revealers   []*btcec.PublicKey                       // from index 0
	Gap         uint32                                   // 0: DefaultGap
	SealedKey   []byte                                   // public half of the key that opens sealed boxes; empty: none
}

// Create makes a book with the keys of a wallet.
func Create(book *labels.Book, s Setup) error {
	gap := s.Gap
	if gap == 0 {
		gap = DefaultGap
	}
	d := scripts.NewDeriver(book.Net, scripts.Public{Accounts: s.Accounts, Gap: gap})
	return book.Create(func(tx *dbfile.Tx) error {
		m := labels.MetaOf(tx)
		if err := m.Begin(book.Net.Name, labels.Origin{Keychain: s.Keychain, Fingerprint: s.Fingerprint, Birthday: s.Birthday, Gap: gap}, time.Now()); err != nil {
			return err
		}
		if len(s.SealedKey) > 0 {
			if len(s.SealedKey) != 32 {
				return fmt.Errorf("a key of sealed boxes has 32 bytes, not %d", len(s.SealedKey))
			}
			if err := m.SetSealedKey(s.SealedKey); err != nil {
				return err
			}
		}
		for kind, xpub := range s.Accounts {
			if err := putAccount(tx, d, kind, xpub, gap); err != nil {
				return err
			}
		}
		if err := putOrigins(tx, s.Origins); err != nil {
			return err
		}
		if err := extendRole(tx, d, scripts.Owner, 0, s.Owners); err != nil {
			return err
		}
		if s.Keychain == "" { // all that it will ever have
			if err := handOutAll(tx, scripts.Owner); err != nil {
				return err
			}
		}
		return extendRole(tx, d, scripts.Revealer, 0, s.Revealers)
	})
}

// putAccount writes a payment account, with keys derived ahead.
func putAccount(tx *dbfile.Tx, d *scripts.Deriver, kind scripts.Kind, xpub *hdkeychain.ExtendedKey, gap uint32) error {
	if xpub.IsPrivate() || !xpub.IsForNet(d.Net) {
		return fmt.Errorf("account %s: not an extended public key of %s", kind, d.Net.Name)
	}
	if err := tx.Bucket(labels.BucketAccounts).Put([]byte{byte(kind.Purpose())}, []byte(xpub.String())); err != nil {
		return err
	}
	for _, br := range []uint32{scripts.Receive, scripts.Change} {
		if err := extendPayment(tx, d, scripts.PaymentBranch(kind, br), 2*gap); err != nil {
			return err
		}
	}
	return nil
}
