package tracker

import (
	"fmt"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcwallet/waddrmgr"
	"github.com/btcsuite/btcwallet/walletdb"

	"blockstack/wallet/labels"
	"blockstack/wallet/scripts"
	"blockstack/wallet/watched"
)

// scopeOf is where btcwallet keeps a payment account. Its scopes say coin type 0 on every network,
// and money to other scopes is ignored, so test accounts are imported there too and paths are never
// read from btcwallet.
func scopeOf(k scripts.Kind) (waddrmgr.KeyScope, waddrmgr.ScopeAddrSchema) {
	switch k {
	case scripts.P2SHP2WPKH:
		return waddrmgr.KeyScopeBIP0049Plus, waddrmgr.KeyScopeBIP0049AddrSchema
	case scripts.P2WPKH:
		return waddrmgr.KeyScopeBIP0084, waddrmgr.ScopeAddrMap[waddrmgr.KeyScopeBIP0084]
	case scripts.P2TR:
		return waddrmgr.KeyScopeBIP0086, waddrmgr.ScopeAddrMap[waddrmgr.KeyScopeBIP0086]
	default:
		return waddrmgr.KeyScopeBIP0044, waddrmgr.ScopeAddrMap[waddrmgr.KeyScopeBIP0044]
	}
}

// WatchAll makes the address manager know every key that is watched. It may be called again: keys
// that are known are left alone.
func (t *Tracker) WatchAll(ns walletdb.ReadWriteBucket, m *waddrmgr.Manager) error {
	watched, err := t.keys.Watched()
	if err != nil {
		return err
	}
	for _, a := range watched.Accounts {
		if err := watchAccount(ns, m, a); err != nil {
			return fmt.Errorf("watch account %s: %w", a.Kind, err)
		}
	}
	for _, k := range watched.Singles {
		if err := watchSingle(ns, m, k); err != nil {
			return fmt.Errorf("watch %s key %d: %w", k.Role, k.Index, err)
		}
	}
	return nil
}

func watchAccount(ns walletdb.ReadWriteBucket, m *waddrmgr.Manager, a watched.WatchedAccount) error {
	sm, err := scopedManager(ns, m, a.Kind)
	if err != nil {
		return err
	}
	if _, err := sm.LookupAccount(ns, accountName); err != nil {
		// The fingerprint in btcwallet is not used: paths are ours.
		_, schema := scopeOf(a.Kind)
		if _, err := sm.NewAccountWatchingOnly(ns, accountName, a.Key, 0, &schema); err != nil {
			return err
		}
	}
	if a.Receive > 0 {
		if err := sm.ExtendExternalAddresses(ns, 0, a.Receive-1); err != nil {
			return err
		}
	}
	if a.Change > 0 {
		return sm.ExtendInternalAddresses(ns, 0, a.Change-1)
	}
	return nil
}

// watchSingle imports an owner or revealer key, which are single P2PKH keys.
func watchSingle(ns walletdb.ReadWriteBucket, m *waddrmgr.Manager, k scripts.Key) error {
	sm, err := scopedManager(ns, m, scripts.P2PKH)
	if err != nil {
		return err
	}
	pub, err := btcec.ParsePubKey(k.PubKey)
	if err != nil {
		return fmt.Errorf("%w: %w", labels.ErrMalformed, err)
	}
	_, err = sm.ImportPublicKey(ns, pub, nil)
	if waddrmgr.IsError(err, waddrmgr.ErrDuplicateAddress) {
		return nil
	}
	return err
}

// scopedManager is where btcwallet keeps keys of a kind.
func scopedManager(ns walletdb.ReadWriteBucket, m *waddrmgr.Manager, kind scripts.Kind) (*waddrmgr.ScopedKeyManager, error) {
	scope, schema := scopeOf(kind)
	if sm, err := m.FetchScopedKeyManager(scope); err == nil {
		return sm, nil
	}
	return m.NewScopedKeyManager(ns, scope, schema)
}

// CheckWatched holds the keys that the tracker watches to those that are believed. wallet.db has
// account keys of its own: who replaces one there, or takes an address out, hides what is received.
// ErrRebuild: a key of ours is not watched.
func (t *Tracker) CheckWatched(ns walletdb.ReadBucket, m *waddrmgr.Manager) error {
	has := make(map[string]bool)
	err := m.ForEachActiveAddress(ns, func(a address.Address) error {
		script, err := txscript.PayToAddrScript(a)
		has[string(script)] = true
		return err
	})
	if err != nil {
		return fmt.Errorf("%w: the keys that %s watches: %w", ErrRebuild, t.path, err)
	}
	return t.keys.EachWatched(func(k scripts.Key) error {
		if !has[string(k.Script)] {
			return fmt.Errorf("%w: %s does not watch the key %d of branch %x", ErrRebuild, t.path, k.Index, scripts.BranchOf(k))
		}
		return nil
	})
}
