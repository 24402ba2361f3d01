package wallet

import (
	"encoding/binary"
	"fmt"
	"sync/atomic"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/wallet/keychain"
	"blockstack/wallet/scripts"
)

// roots say where keys are derived: the steps and the fingerprint that a PSBT and a descriptor
// name.
type roots struct {
	net     *chaincfg.Params
	fp      atomic.Uint32                   // of the root key
	origins map[scripts.Kind]scripts.Origin // of the accounts of a watch-only wallet
}

// fingerprintOf is the fingerprint that a PSBT names with the path of a key.
func (r *roots) fingerprintOf(k scripts.Key) uint32 {
	if o, ok := r.origins[k.Kind]; ok && k.Role == scripts.Payment {
		return o.Fingerprint
	}
	return r.fp.Load()
}

// isOurs reports whether a fingerprint is that of one of our keys.
func (r *roots) isOurs(fp uint32) bool {
	for _, o := range r.origins {
		if o.Fingerprint == fp {
			return true
		}
	}
	return fp == r.fp.Load()
}

// accountPath is the path of a payment account.
func (r *roots) accountPath(kind scripts.Kind) keychain.Path {
	if o, ok := r.origins[kind]; ok {
		return append(keychain.Path{}, o.Path...)
	}
	return keychain.PaymentPath(r.net, kind.Purpose(), scripts.Receive, 0)[:3]
}

// path is where the private key of one of our keys is derived.
func (r *roots) path(k scripts.Key) keychain.Path {
	switch k.Role {
	case scripts.Owner:
		return keychain.OwnerPath(k.Index)
	case scripts.Revealer:
		return keychain.RevealerPath(k.Index)
	case scripts.Shared:
		return nil // several keys
	}
	return append(r.accountPath(k.Kind), k.Branch, k.Index)
}

// fingerprintText writes a fingerprint as descriptors do.
func fingerprintText(fp uint32) string {
	return fmt.Sprintf("%x", binary.LittleEndian.AppendUint32(nil, fp))
}
