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

	"blockstack/wallet/keychain"
	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// ErrScriptsChanged: files of the wallet named other scripts than the seed gives, and what was made
// meanwhile is not to be signed. They were written anew.
var ErrScriptsChanged = errors.New("scripts of this wallet were changed by another program, or damaged; they were derived again from the seed")

// maxUnlisted is how many more keys of a role labels.db may have than the list: those that an agent
// has derived since.
const maxUnlisted = 1000

// Proof says why the wallet takes scripts for its own at this moment.
func (w *Wallet) Proof() Proof { return w.trust.proof.get() }

// Repaired is how many rows of labels.db said something else about scripts than the keys say, at
// the last unlock. They were written anew and had no effect.
func (w *Wallet) Repaired() int { return w.trust.rows.get() }

// ListError is why the list in the keychain file could not be extended at the last unlock; nil: it
// was, or need not be.
func (w *Wallet) ListError() error { return w.trust.listErr.get() }

// CheckRows counts the rows of labels.db that say something else about scripts than what is
// believed. They have no effect.
func (w *Wallet) CheckRows(ctx context.Context) (int, error) {
	return watched.NewChanges(w.coins.Keys).CheckRows(ctx)
}

// notWatchOnly refuses a wallet whose labels.db says that it has no keychain although the keychain
// says that it has: who can write labels.db alone would be believed.
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
func public(list *keychain.List, home keychain.Home) (scripts.Public, error) {
	p := scripts.Public{
		Accounts: make(map[scripts.Kind]*hdkeychain.ExtendedKey), Owners: list.Owners, Revealers: list.Revealers,
		Sets: home.RedeemScripts(), Gap: home.Gap, SealedKey: list.SealedKey,
	}
	fp, err := hex.DecodeString(list.Fingerprint)
	if err != nil || len(fp) != 4 {
		return p, fmt.Errorf("fingerprint %.20q", list.Fingerprint)
	}
	p.Fingerprint = binary.LittleEndian.Uint32(fp)
	for _, kind := range scripts.Kinds() {
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
		if _, _, err := scripts.ParseShared(redeem); err != nil {
			return p, err
		}
	}
	return p, nil
}

// prove derives all scripts from the seed, which is unlocked here, holds what was believed to them,
// and writes down what a locked wallet may believe. ErrScriptsChanged: something else was believed
// until now.
func (w *Wallet) prove(ctx context.Context) error {
	w.proving.Lock() // two unlocks at once would each take the other's rows for somebody else's
	defer w.proving.Unlock()
	before, was := w.coins.Keys.Believed(), w.Proof()
	info, err := w.coins.Keys.Info(ctx)
	if err != nil {
		return err
	}
	n := map[scripts.Role]uint32{}
	for role, believed := range map[scripts.Role]int{scripts.Owner: len(before.Owners), scripts.Revealer: len(before.Revealers)} {
		have := uint32(believed)
		rows, err := w.coins.Keys.Rows(ctx, role)
		if err != nil && !errors.Is(err, labels.ErrMalformed) { // Heal makes them anew
			return err
		}
		if n[role] = have; rows > have && rows-have <= maxUnlisted {
			n[role] = rows
		}
	}
	list, err := w.vault.keys.Derived(n[scripts.Owner], n[scripts.Revealer])
	if err != nil {
		return err
	}
	home := keychain.Home{Accounts: map[uint32]string{}, Gap: min(max(info.Gap, 1), watched.MaxGap)}
	if before.Gap > 0 {
		home.Gap = before.Gap
	}
	home.SetRedeemScripts(before.Sets)
	for _, kind := range scripts.Kinds() {
		key, err := w.vault.keys.AccountXPub(w.cfg.Network, kind.Purpose())
		if err != nil {
			return err
		}
		home.Accounts[kind.Purpose()] = key.String()
	}
	wrong := differs(before, list, home, was)
	if was == ProofNone && otherSeed(before, home) {
		return fmt.Errorf("%w: %s", ErrOtherKeychain, w.cfg.Dir)
	}
	switch err := w.vault.keys.CheckList(); {
	case err == nil, errors.Is(err, keychain.ErrNoList):
	case !errors.Is(err, keychain.ErrListForged):
		return err
	case was != ProofNone:
		wrong, home.Gap = true, min(max(info.Gap, 1), watched.MaxGap)
		home.SetRedeemScripts(nil) // nobody vouches for them
	}
	list.Homes[w.homeName()] = home
	listErr := w.putList(list)
	w.trust.listErr.set(listErr)
	if listErr != nil && wrong {
		return errors.Join(ErrScriptsChanged, listErr)
	}
	now, err := public(list, home)
	if err != nil {
		return err
	}
	w.coins.Keys.Believe(now)
	repaired, err := watched.NewChanges(w.coins.Keys).Heal(ctx, wrong)
	w.trust.rows.set(repaired)
	if err != nil {
		return err
	}
	w.roots.fp.Store(now.Fingerprint)
	w.trust.proof.set(ProofSeed)
	if wrong {
		return ErrScriptsChanged
	}
	return nil
}

// otherSeed says that no account key that was believed is one of the seed's.
func otherSeed(before scripts.Public, home keychain.Home) bool {
	for kind, key := range before.Accounts {
		if home.Accounts[kind.Purpose()] == key.String() {
			return false
		}
	}
	return len(before.Accounts) > 0
}

// differs says whether something was believed that does not follow from the seed.
func differs(before scripts.Public, list *keychain.List, home keychain.Home, was Proof) bool {
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
