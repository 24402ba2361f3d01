package wallet

import (
	"context"
	"fmt"

	"blockstack/wallet/scripts"
)

// RingScript is the P2PKH script of import key j of a namespace, whose revealer is the given script
// of ours. No private key of a ring ever leaves the keychain, since one of them gives away the
// revealer's; messages are not signed with them either.
func (a *Addresses) RingScript(ctx context.Context, revealer []byte, j uint32) ([]byte, error) {
	k, ours, err := a.keys.Lookup(ctx, revealer)
	if err != nil {
		return nil, err
	}
	if !ours || k.Role != scripts.Revealer {
		return nil, fmt.Errorf("revealer: %w", ErrNotOurs)
	}
	script, _, err := ringKey(k.PubKey, j)
	return script, err
}

// RingScripts are the scripts that may import names into namespaces of ours: those of the rings of
// the revealers that the chain has seen.
func (a *Addresses) RingScripts(ctx context.Context) ([][]byte, error) { return a.rings.all(ctx) }
