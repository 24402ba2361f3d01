package wallet

import (
	"bytes"
	"context"
	"errors"

	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/names/outscript"
	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
)

// annotateRing adds to a list where the key of a script is derived that belongs to a ring of ours.
// The revealers that the chain has seen are looked through.
func (s *Signing) annotateRing(ctx context.Context, list *[]*psbt.Bip32Derivation, script []byte) error {
	if outscript.KindOf(script) != outscript.P2PKH || len(*list) > 0 {
		return nil
	}
	at, ours, err := s.rings.place(ctx, script)
	if ours {
		*list = append(*list, &psbt.Bip32Derivation{PubKey: at.pub, MasterKeyFingerprint: s.roots.fp.Load(), Bip32Path: at.path})
	}
	return err
}

// ringAt finds out whether a script is that of the ring's key at a path that somebody says it is. A
// wallet that is offline has not seen which of its revealers are used.
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
