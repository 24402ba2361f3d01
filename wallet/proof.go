package wallet

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2/hdkeychain"

	"blockstack/wallet/coins"
	"blockstack/wallet/keychain"
)

// Proof says why the wallet takes scripts for its own.
type Proof string

// What there is to go by.
const (
	// ProofSeed: they were derived from the seed since the wallet was opened, or an agent that has it vouches for the list.
	ProofSeed Proof = "seed"
	// ProofList: the wallet is locked, and the list in the keychain file says so. Who can write that file can change it;
	// the next unlock finds out.
	ProofList Proof = "list"
	// ProofNone: there is nothing to hold them to. The wallet is watch-only, or its keychain has no list of it yet.
	ProofNone Proof = "none"
)

// ErrScriptsChanged: files of the wallet named other scripts than the seed gives, and what was made meanwhile is not to be
// signed. They were written anew.
var ErrScriptsChanged = errors.New("scripts of this wallet were changed by another program, or damaged; they were derived again from the seed")

// maxUnlisted is how many more keys of a role labels.db may have than the list: those that an agent has derived since.
const maxUnlisted = 1000

// Proof says why the wallet takes scripts for its own at this moment.
func (w *Wallet) Proof() Proof { return w.proof }

// Repaired is how many rows of labels.db said something else about scripts than the keys say, at the last unlock. They
// were written anew and had no effect.
func (w *Wallet) Repaired() int { return w.repaired }

// ListError is why the list in the keychain file could not be extended at the last unlock; nil: it was, or need not be.
func (w *Wallet) ListError() error { return w.listErr }

// CheckRows counts the rows of labels.db that say something else about scripts than what is believed. They have no effect.
func (w *Wallet) CheckRows(ctx context.Context) (int, error) { return w.coins.CheckRows(ctx) }

// Reach is how far a restore of this wallet looks for its keys.
func (w *Wallet) Reach(ctx context.Context) (*coins.Reach, error) { return w.coins.Reach(ctx) }

// homeName is what the list calls this wallet.
func (w *Wallet) homeName() string { return filepath.Base(w.cfg.Dir) }

// believeList takes scripts from the list in the keychain file, when it has one of this wallet.
func (w *Wallet) believeList() error {
	w.proof = ProofNone
	list, err := w.keys.List()
	if errors.Is(err, keychain.ErrNoList) {
		return nil
	}
	if err != nil {
		return err
	}
	home, ok := list.Home(w.homeName())
	if !ok {
		return nil
	}
	p, err := public(list, home)
	if err != nil {
		return fmt.Errorf("%w: %w", keychain.ErrMalformed, err)
	}
	w.coins.Believe(p)
	w.fp, w.proof = p.Fingerprint, ProofList
	return nil
}

// notWatchOnly refuses a wallet whose labels.db says that it has no keychain although the keychain says that it has: who
// can write labels.db alone would be believed.
func notWatchOnly(cfg Config) error {
	if _, err := os.Lstat(cfg.Keychain); err != nil {
		return nil
	}
	keys, err := keychain.Open(cfg.Keychain)
	if err != nil {
		return nil // another wallet's, whatever it is
	}
	list, err := keys.List()
	if err != nil {
		return nil
	}
	if _, ok := list.Home(filepath.Base(cfg.Dir)); ok {
		return fmt.Errorf("%w: labels.db says that the wallet is watch-only: %s", ErrOtherKeychain, cfg.Dir)
	}
	return nil
}

// public is what a list says in the form that coins derive from.
func public(list *keychain.List, home keychain.Home) (coins.Public, error) {
	p := coins.Public{
		Accounts: make(map[coins.Kind]*hdkeychain.ExtendedKey), Owners: list.Owners, Revealers: list.Revealers,
		Sets: home.RedeemScripts(), Gap: home.Gap, SealedKey: list.SealedKey,
	}
	fp, err := hex.DecodeString(list.Fingerprint)
	if err != nil || len(fp) != 4 {
		return p, fmt.Errorf("fingerprint %.20q", list.Fingerprint)
	}
	p.Fingerprint = binary.LittleEndian.Uint32(fp)
	for _, kind := range coins.Kinds() {
		text, ok := home.Accounts[kind.Purpose()]
		if !ok {
			continue
		}
		key, err := hdkeychain.NewKeyFromString(text)
		if err != nil || key.IsPrivate() {
			return p, fmt.Errorf("account key of purpose %d", kind.Purpose())
		}
		p.Accounts[kind] = key
	}
	for _, redeem := range p.Sets {
		if _, _, err := coins.ParseShared(redeem); err != nil {
			return p, err
		}
	}
	return p, nil
}

// prove derives all scripts from the seed, which is unlocked here, holds what was believed to them, and writes down what a
// locked wallet may believe. ErrScriptsChanged: something else was believed until now.
func (w *Wallet) prove(ctx context.Context) error {
	before, was := w.coins.Believed(), w.proof
	info, err := w.coins.Info(ctx)
	if err != nil {
		return err
	}
	n := map[coins.Role]uint32{}
	for role, believed := range map[coins.Role]int{coins.Owner: len(before.Owners), coins.Revealer: len(before.Revealers)} {
		have := uint32(believed)
		rows, err := w.coins.Rows(ctx, role)
		if err != nil && !errors.Is(err, coins.ErrMalformed) { // Heal makes them anew
			return err
		}
		if n[role] = have; rows > have && rows-have <= maxUnlisted {
			n[role] = rows
		}
	}
	list, err := w.keys.Derived(n[coins.Owner], n[coins.Revealer])
	if err != nil {
		return err
	}
	home := keychain.Home{Accounts: map[uint32]string{}, Gap: min(max(info.Gap, 1), coins.MaxGap)}
	if before.Gap > 0 {
		home.Gap = before.Gap
	}
	home.SetRedeemScripts(before.Sets)
	for _, kind := range coins.Kinds() {
		key, err := w.keys.AccountXPub(w.cfg.Network, kind.Purpose())
		if err != nil {
			return err
		}
		home.Accounts[kind.Purpose()] = key.String()
	}
	wrong := differs(before, list, home, was)
	if was == ProofNone && otherSeed(before, home) {
		return fmt.Errorf("%w: %s", ErrOtherKeychain, w.cfg.Dir)
	}
	switch err := w.keys.CheckList(); {
	case err == nil, errors.Is(err, keychain.ErrNoList):
	case !errors.Is(err, keychain.ErrListForged):
		return err
	case was != ProofNone:
		wrong, home.Gap = true, min(max(info.Gap, 1), coins.MaxGap)
		home.SetRedeemScripts(nil) // nobody vouches for them
	}
	list.Homes[w.homeName()] = home
	if w.listErr = w.putList(list); w.listErr != nil && wrong {
		return errors.Join(ErrScriptsChanged, w.listErr)
	}
	now, err := public(list, home)
	if err != nil {
		return err
	}
	w.coins.Believe(now)
	if w.repaired, err = w.coins.Heal(ctx, wrong); err != nil {
		return err
	}
	w.fp, w.proof = now.Fingerprint, ProofSeed
	if wrong {
		return ErrScriptsChanged
	}
	return nil
}

// checkKeychain makes sure that keychain and coins have the same seed: that an account key is the seed's. That all are, and
// all other keys, prove finds out.
func (w *Wallet) checkKeychain(ctx context.Context) error {
	home := keychain.Home{Accounts: map[uint32]string{}}
	for _, kind := range coins.Kinds() {
		key, err := w.keys.AccountXPub(w.cfg.Network, kind.Purpose())
		if err != nil {
			return err
		}
		home.Accounts[kind.Purpose()] = key.String()
	}
	if otherSeed(w.coins.Believed(), home) {
		return fmt.Errorf("%w: %s", ErrOtherKeychain, w.cfg.Dir)
	}
	return ctx.Err()
}

// otherSeed says that no account key that was believed is one of the seed's.
func otherSeed(before coins.Public, home keychain.Home) bool {
	for kind, key := range before.Accounts {
		if home.Accounts[kind.Purpose()] == key.String() {
			return false
		}
	}
	return len(before.Accounts) > 0
}

// differs says whether something was believed that does not follow from the seed.
func differs(before coins.Public, list *keychain.List, home keychain.Home, was Proof) bool {
	for kind, key := range before.Accounts {
		if home.Accounts[kind.Purpose()] != key.String() {
			return true
		}
	}
	for _, row := range []struct{ believed, derived [][]byte }{{before.Owners, list.Owners}, {before.Revealers, list.Revealers}} {
		if !slices.EqualFunc(row.believed, row.derived[:min(len(row.believed), len(row.derived))], bytes.Equal) {
			return true
		}
	}
	if was == ProofNone {
		return false
	}
	return !bytes.Equal(before.SealedKey, list.SealedKey) || fingerprintText(before.Fingerprint) != list.Fingerprint
}

// putList writes a list that was derived from the seed, unless the file has as much already. What the file has of other
// wallets of the keychain, and further keys, stay when a holder of the password wrote them.
func (w *Wallet) putList(list *keychain.List) error {
	return w.keys.SetList(func(now *keychain.List, vouched bool) (*keychain.List, error) {
		if now == nil || !vouched {
			return list, nil
		}
		before, err := now.Digest("")
		if err != nil {
			return nil, err
		}
		next := *now
		next.Fingerprint, next.SealedKey = list.Fingerprint, list.SealedKey
		if len(list.Owners) > len(now.Owners) {
			next.Owners = list.Owners
		}
		if len(list.Revealers) > len(now.Revealers) {
			next.Revealers = list.Revealers
		}
		next.Homes[w.homeName()] = list.Homes[w.homeName()]
		if after, err := next.Digest(""); err != nil || after == before {
			return nil, err
		}
		return &next, nil
	})
}
