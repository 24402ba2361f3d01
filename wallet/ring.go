package wallet

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
)

// ringPlace is where a key of a ring is derived.
type ringPlace struct {
	path keychain.Path
	pub  []byte
}

// rings are the scripts of the rings of our revealers, made when they are first needed.
type rings struct {
	mu      sync.Mutex
	made    uint32 // rings of revealers below it are there
	scripts map[string]ringPlace
}

// annotateRing adds to a list where the key of a script is derived that belongs to a
// ring of ours. The revealers that the chain has seen are looked through.
func (s *Signing) annotateRing(ctx context.Context, list *[]*psbt.Bip32Derivation, script []byte) error {
	if !txscript.IsPayToPubKeyHash(script) || len(*list) > 0 {
		return nil
	}
	n, err := s.keys.Used(ctx, scripts.Revealer)
	if err != nil {
		return err
	}
	s.rings.mu.Lock()
	defer s.rings.mu.Unlock()
	for ; s.rings.made < n; s.rings.made++ {
		if err := s.makeRing(ctx, s.rings.made); err != nil {
			return err
		}
	}
	if at, ours := s.rings.scripts[string(script)]; ours {
		*list = append(*list, &psbt.Bip32Derivation{PubKey: at.pub, MasterKeyFingerprint: s.roots.fp, Bip32Path: at.path})
	}
	return nil
}

// makeRing derives the ring of a revealer. s.rings.mu is held.
func (s *Signing) makeRing(ctx context.Context, i uint32) error {
	revealer, err := s.keys.RoleKey(ctx, scripts.Revealer, i)
	if err != nil {
		return err
	}
	if s.rings.scripts == nil {
		s.rings.scripts = make(map[string]ringPlace)
	}
	for j := range uint32(keychain.RingSize) {
		script, pub, err := ringKey(revealer.PubKey, j)
		if err != nil {
			return err
		}
		s.rings.scripts[string(script)] = ringPlace{keychain.RingPath(i, j), pub}
	}
	return nil
}

// ringAt finds out whether a script is that of the ring's key at a path that somebody
// says it is. A wallet that is offline has not seen which of its revealers are used.
func (s *Signing) ringAt(ctx context.Context, script []byte, path keychain.Path) (scripts.Key, bool, error) {
	if len(path) != 4 || path[2] < keychain.Hardened || path.String() != keychain.RingPath(path[2]-keychain.Hardened, path[3]).String() {
		return scripts.Key{}, false, nil
	}
	k, err := s.keys.RoleKey(ctx, scripts.Revealer, path[2]-keychain.Hardened)
	if errors.Is(err, ErrNeedKeys) {
		return scripts.Key{}, false, nil
	}
	if err != nil {
		return scripts.Key{}, false, err
	}
	ring, pub, err := ringKey(k.PubKey, path[3])
	if err != nil || !bytes.Equal(ring, script) {
		return scripts.Key{}, false, err
	}
	return scripts.Key{Role: scripts.Revealer, Kind: scripts.P2PKH, Index: k.Index, PubKey: pub, Script: ring}, true, nil
}
