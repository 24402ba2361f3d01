package legacy

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"strconv"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/txscript/v2"

	"blockstack/wallet/secret"
)

// Kind says what script the keys of a bundle make.
type Kind string

// The kinds of bundles.
const (
	Single     Kind = "single"              // P2PKH
	WatchOnly  Kind = "nosign"              // an address, no key
	Multisig   Kind = "multisig"            // P2SH of m-of-n
	Segwit     Kind = "p2sh-p2wpkh"         // P2SH of a witness key hash
	SegwitMany Kind = "p2sh-p2wsh-multisig" // P2SH of a witness script hash of m-of-n
)

const (
	maxKeys      = 15  // of an m-of-n script
	maxP2SH      = 520 // bytes of a redeem script
	maxBundle    = 8 << 10
	prefixNoSign = "nosign:"
	prefixSegwit = "segwit:p2sh:"
)

// Bundle is the private keys of one script. It prints as its kind.
type Bundle struct {
	Kind Kind
	M    int    // signatures needed, 0 for WatchOnly
	Keys []*Key // in the order of the script
	addr string // WatchOnly: mainnet or test network, base58
}

// ParseBundle reads the text that old programs take for private keys (identity 1.5):
//
//	bundle   = key / wif / "nosign:" ADDRESS / m 1*("," key) / "segwit:p2sh:" m 1*("," key)
//	key      = 64HEXDIGLOWER ["01"]      01: the public key is compressed
//	wif      = base58check wallet import format, which the old command line did not take
//
// One final line end is left out. The order of keys matters. Refused beyond what the old programs
// refused: wrapped segwit with an uncompressed key, whose coins nobody can spend; scripts of more
// than 15 keys or 520 bytes.
func ParseBundle(text *secret.Bytes) (*Bundle, error) {
	var b *Bundle
	var err error
	text.Use(func(t []byte) {
		b, err = parseBundle(bytes.TrimSuffix(bytes.TrimSuffix(t, []byte("\n")), []byte("\r")))
	})
	return b, err
}

func parseBundle(t []byte) (*Bundle, error) {
	if len(t) > maxBundle {
		return nil, fmt.Errorf("%w: more than %d bytes", ErrBadKey, maxBundle)
	}
	if rest, ok := bytes.CutPrefix(t, []byte(prefixNoSign)); ok {
		return watchOnly(string(rest))
	}
	if rest, ok := bytes.CutPrefix(t, []byte(prefixSegwit)); ok {
		return many(rest, true)
	}
	if bytes.IndexByte(t, ',') >= 0 {
		return many(t, false)
	}
	read := hexKey
	if n := len(t); (n == 51 || n == 52) && bytes.IndexByte([]byte("59KLc"), t[0]) >= 0 {
		read = wifKey
	}
	k, err := read(t)
	if err != nil {
		return nil, err
	}
	return &Bundle{Kind: Single, M: 1, Keys: []*Key{k}}, nil
}

func watchOnly(addr string) (*Bundle, error) {
	for _, net := range []*chaincfg.Params{&chaincfg.MainNetParams, &chaincfg.TestNet3Params} {
		a, err := address.DecodeAddress(addr, net)
		if err != nil || !a.IsForNet(net) {
			continue
		}
		switch a.(type) {
		case *address.AddressPubKeyHash, *address.AddressScriptHash:
			return &Bundle{Kind: WatchOnly, addr: a.EncodeAddress()}, nil
		}
	}
	return nil, fmt.Errorf("%w: what follows %s is no base58 address", ErrBadKey, prefixNoSign)
}

// many reads "m,key,…".
func many(t []byte, segwit bool) (_ *Bundle, err error) {
	parts := bytes.Split(t, []byte(","))
	m, err := strconv.Atoi(string(parts[0]))
	if err != nil || len(parts[0]) > 3 {
		return nil, fmt.Errorf("%w: it does not begin with the number of signatures", ErrBadKey)
	}
	n := len(parts) - 1
	if m < 1 || m > n || n > maxKeys {
		return nil, fmt.Errorf("%w: %d of %d keys; at most %d keys are possible", ErrBadKey, m, n, maxKeys)
	}
	b := &Bundle{Kind: Multisig, M: m}
	defer func() {
		if err != nil {
			b.Wipe()
		}
	}()
	for i, part := range parts[1:] {
		k, err := hexKey(part)
		if err != nil {
			return nil, fmt.Errorf("key %d: %w", i+1, err)
		}
		b.Keys = append(b.Keys, k)
		if segwit && !k.compressed {
			return nil, fmt.Errorf("%w: key %d: segwit with an uncompressed key makes coins that nobody can spend", ErrBadKey, i+1)
		}
	}
	switch {
	case segwit && m == 1:
		b.Kind = Segwit // further keys are ignored, as the old programs did
	case segwit:
		b.Kind = SegwitMany
	}
	if _, _, _, err := b.Scripts(&chaincfg.MainNetParams); err != nil {
		return nil, err
	}
	return b, nil
}

// Scripts are the output script that the keys can spend, and what a transaction has to show for it;
// nil where the kind has none.
func (b *Bundle) Scripts(net *chaincfg.Params) (output, redeem, witness []byte, err error) {
	switch b.Kind {
	case WatchOnly:
		a, err := b.Address(net)
		if err == nil {
			output, err = txscript.PayToAddrScript(a)
		}
		return output, nil, nil, err
	case Single:
		a, err := b.Address(net)
		if err == nil {
			output, err = txscript.PayToAddrScript(a)
		}
		return output, nil, nil, err
	case Multisig:
		redeem, err = b.multisig()
	case SegwitMany:
		if witness, err = b.multisig(); err == nil {
			sum := sha256.Sum256(witness)
			redeem, err = txscript.NewScriptBuilder().AddOp(txscript.OP_0).AddData(sum[:]).Script()
		}
	default:
		hash := address.Hash160(b.Keys[0].serialized())
		redeem, err = txscript.NewScriptBuilder().AddOp(txscript.OP_0).AddData(hash).Script()
	}
	if err != nil {
		return nil, nil, nil, fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	if len(redeem) > maxP2SH {
		return nil, nil, nil, fmt.Errorf("%w: the script of %d bytes is larger than %d", ErrBadKey, len(redeem), maxP2SH)
	}
	a, err := address.NewAddressScriptHash(redeem, net)
	if err == nil {
		output, err = txscript.PayToAddrScript(a)
	}
	return output, redeem, witness, err
}

func (b *Bundle) multisig() ([]byte, error) {
	s := txscript.NewScriptBuilder().AddInt64(int64(b.M))
	for _, k := range b.Keys {
		s.AddData(k.serialized())
	}
	return s.AddInt64(int64(len(b.Keys))).AddOp(txscript.OP_CHECKMULTISIG).Script()
}

// Address is where the keys are paid. The address of a WatchOnly bundle keeps its hash and takes
// the network's version.
func (b *Bundle) Address(net *chaincfg.Params) (address.Address, error) {
	switch b.Kind {
	case WatchOnly:
		for _, from := range []*chaincfg.Params{&chaincfg.MainNetParams, &chaincfg.TestNet3Params} {
			a, err := address.DecodeAddress(b.addr, from)
			if err != nil || !a.IsForNet(from) {
				continue
			}
			if _, ok := a.(*address.AddressScriptHash); ok {
				return address.NewAddressScriptHashFromHash(a.ScriptAddress(), net)
			}
			return address.NewAddressPubKeyHash(a.ScriptAddress(), net)
		}
		return nil, fmt.Errorf("%w: it has no address", ErrBadKey)
	case Single:
		return address.NewAddressPubKeyHash(address.Hash160(b.Keys[0].serialized()), net)
	}
	_, redeem, _, err := b.Scripts(net)
	if err != nil {
		return nil, err
	}
	return address.NewAddressScriptHash(redeem, net)
}

// Wipe zeroes the private keys.
func (b *Bundle) Wipe() {
	for _, k := range b.Keys {
		k.Wipe()
	}
}

// Format prints the kind and the number of keys under every verb.
func (b *Bundle) Format(f fmt.State, _ rune) {
	_, _ = fmt.Fprintf(f, "%s, %d of %d keys", b.Kind, b.M, len(b.Keys))
}
