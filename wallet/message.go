package wallet

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/btcsuite/btcd/txscript/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names/outscript"
	"blockstack/wallet/keychain"
)

// Signed messages. For P2PKH addresses, owner addresses among them, the legacy form:
//
//	signature = base64( header(1) r(32) s(32) )
//	header    = 27 + recovery id, + 4 when the public key is compressed; BIP 137 adds 35 for
//	            P2WPKH inside P2SH and 39 for P2WPKH
//	hash      = SHA-256 twice over var-string("Bitcoin Signed Message:\n") var-string(message)
//
// For all others BIP 322, simple: base64 of the witness of a transaction that spends an output
// which commits to the message (bip322). Verifying takes both, and of the legacy form every header
// for every address, as wallets in use write them.
const (
	bip322Tag    = "BIP0322-signed-message"
	maxMessage   = 1 << 20
	maxSignature = 16 << 10
)

var (
	// ErrBadSignature: the signature does not verify for address and message.
	ErrBadSignature = errors.New("the signature does not verify")
	// ErrMessage is wrapped by refusals of messages, addresses and signatures that cannot be
	// judged.
	ErrMessage = errors.New("bad signed message")
)

// MessageForm names how a message was signed.
type MessageForm string

// The forms.
const (
	MessageLegacy MessageForm = "legacy"
	MessageBIP322 MessageForm = "bip322-simple"
)

// SignMessage signs a message with the key of one of our addresses. ErrNotOurs, ErrLocked.
func (s *Signing) SignMessage(ctx context.Context, addr, message string) (string, MessageForm, error) {
	if len(message) > maxMessage {
		return "", "", fmt.Errorf("%w: it has more than %d bytes", ErrMessage, maxMessage)
	}
	script, err := messageScript(addr, s.roots.net)
	if err != nil {
		return "", "", err
	}
	k, ours, err := s.keys.Lookup(ctx, script)
	if err != nil {
		return "", "", err
	}
	if !ours {
		return "", "", fmt.Errorf("%s: %w", addr, ErrNotOurs)
	}
	if s.vault.locked() {
		return "", "", ErrLocked
	}
	if outscript.KindOf(script) != outscript.P2PKH {
		text, err := s.signBIP322(ctx, script, message)
		return text, MessageBIP322, err
	}
	text, err := s.signLegacy(ctx, s.roots.path(k), message)
	return text, MessageLegacy, err
}

func (s *Signing) signLegacy(ctx context.Context, path keychain.Path, message string) (string, error) {
	hash := keychain.MessageHash(message)
	public, sig, err := s.vault.signMessage(ctx, path, message)
	if err != nil {
		return "", err
	}
	r, ss := sig.R(), sig.S()
	rb, sb := r.Bytes(), ss.Bytes()
	compact := append(append(make([]byte, 1, 65), rb[:]...), sb[:]...)
	for id := range byte(4) {
		compact[0] = 27 + 4 + id
		if pub, _, err := ecdsa.RecoverCompact(compact, hash[:]); err == nil && pub.IsEqual(public) {
			return base64.StdEncoding.EncodeToString(compact), nil
		}
	}
	return "", fmt.Errorf("sign message: %w", ErrBadSignature)
}

func (s *Signing) signBIP322(ctx context.Context, script []byte, message string) (string, error) {
	spend, sign := bip322(script, message)
	p, err := psbt.NewFromUnsignedTx(sign)
	if err != nil {
		return "", fmt.Errorf("sign message: %w", err)
	}
	p.Inputs[0].NonWitnessUtxo, p.Inputs[0].WitnessUtxo = spend, spend.TxOut[0]
	p.Inputs[0].SighashType = txscript.SigHashAll
	if outscript.KindOf(script) == outscript.P2TR {
		p.Inputs[0].SighashType = txscript.SigHashDefault
	}
	if err := s.Sign(ctx, p); err != nil {
		return "", err
	}
	if err := psbt.MaybeFinalizeAll(p); err != nil {
		return "", fmt.Errorf("sign message: %w", err)
	}
	text := base64.StdEncoding.EncodeToString(p.Inputs[0].FinalScriptWitness)
	if err := verifyBIP322(script, message, p.Inputs[0].FinalScriptWitness); err != nil {
		return "", fmt.Errorf("sign message: %w", err)
	}
	return text, nil
}

// VerifyMessage checks a signature of either form for an address of a network. ErrBadSignature: it
// is not this address's for this message. ErrMessage: it cannot be judged.
func VerifyMessage(net *chaincfg.Params, addr, message, signature string) (MessageForm, error) {
	if len(message) > maxMessage || len(signature) > maxSignature {
		return "", fmt.Errorf("%w: it is too long", ErrMessage)
	}
	script, err := messageScript(addr, net)
	if err != nil {
		return "", err
	}
	b, err := base64.StdEncoding.DecodeString(signature)
	if err != nil {
		return "", fmt.Errorf("%w: the signature is not base64", ErrMessage)
	}
	if len(b) == 65 && b[0] >= 27 && b[0] <= 42 {
		return MessageLegacy, verifyLegacy(net, script, message, b)
	}
	return MessageBIP322, verifyBIP322(script, message, b)
}

// messageScript is the output script of an address.
func messageScript(addr string, net *chaincfg.Params) ([]byte, error) {
	a, err := address.DecodeAddress(addr, net)
	if err != nil || !a.IsForNet(net) {
		return nil, fmt.Errorf("%w: %.100q is not an address of %s", ErrMessage, addr, net.Name)
	}
	if _, bare := a.(*address.AddressPubKey); bare {
		return nil, fmt.Errorf("%w: a public key, not an address", ErrMessage)
	}
	script, err := txscript.PayToAddrScript(a)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMessage, err)
	}
	return script, nil
}

// verifyLegacy recovers the public key and compares the scripts it can make.
func verifyLegacy(net *chaincfg.Params, script []byte, message string, sig []byte) error {
	header := sig[0]
	compressed := header >= 31
	hash := keychain.MessageHash(message)
	plain := append([]byte{27 + (header-27)%4}, sig[1:]...)
	pub, _, err := ecdsa.RecoverCompact(plain, hash[:])
	if err != nil {
		return ErrBadSignature
	}
	for _, made := range keyScripts(net, pub, compressed) {
		if bytes.Equal(made, script) {
			return nil
		}
	}
	return ErrBadSignature
}

// keyScripts are the single-key scripts of a public key that the legacy form speaks for. Segwit has
// no uncompressed keys.
func keyScripts(net *chaincfg.Params, pub *btcec.PublicKey, compressed bool) [][]byte {
	serialized := pub.SerializeUncompressed()
	if compressed {
		serialized = pub.SerializeCompressed()
	}
	hash := address.Hash160(serialized)
	var out [][]byte
	add := func(a address.Address, err error) []byte {
		if err != nil {
			return nil
		}
		s, err := txscript.PayToAddrScript(a)
		if err == nil {
			out = append(out, s)
		}
		return s
	}
	pkh, err := address.NewAddressPubKeyHash(hash, net)
	add(pkh, err)
	if compressed {
		wpkh, err := address.NewAddressWitnessPubKeyHash(hash, net)
		redeem := add(wpkh, err)
		sh, err := address.NewAddressScriptHash(redeem, net)
		add(sh, err)
	}
	return out
}

// bip322 makes the two virtual transactions of BIP 322.
func bip322(script []byte, message string) (spend, sign *wire.MsgTx) {
	tag := sha256.Sum256([]byte(bip322Tag))
	h := sha256.New()
	h.Write(tag[:])
	h.Write(tag[:])
	h.Write([]byte(message))
	commit := append([]byte{txscript.OP_0, txscript.OP_DATA_32}, h.Sum(nil)...)
	spend = &wire.MsgTx{
		TxIn:  []*wire.TxIn{{PreviousOutPoint: wire.OutPoint{Index: wire.MaxPrevOutIndex}, SignatureScript: commit}},
		TxOut: []*wire.TxOut{{PkScript: script}},
	}
	sign = &wire.MsgTx{
		TxIn:  []*wire.TxIn{{PreviousOutPoint: wire.OutPoint{Hash: spend.TxHash()}}},
		TxOut: []*wire.TxOut{{PkScript: []byte{txscript.OP_RETURN}}},
	}
	return spend, sign
}

// verifyBIP322 runs the witness through the script engine. For P2SH only a witness key hash inside
// can be judged: its redeem script follows from the witness.
func verifyBIP322(script []byte, message string, raw []byte) error {
	witness, err := readWitness(raw)
	if err != nil {
		return err
	}
	if outscript.KindOf(script) == outscript.P2PKH {
		return fmt.Errorf("%w: BIP 322 simple is for segwit addresses", ErrMessage)
	}
	spend, sign := bip322(script, message)
	sign.TxIn[0].Witness = witness
	if outscript.KindOf(script) == outscript.P2SH {
		if len(witness) != 2 || len(witness[1]) != btcec.PubKeyBytesLenCompressed {
			return fmt.Errorf("%w: only a single key inside P2SH can be judged", ErrMessage)
		}
		redeem := append([]byte{txscript.OP_0, txscript.OP_DATA_20}, address.Hash160(witness[1])...)
		sign.TxIn[0].SignatureScript = append([]byte{byte(len(redeem))}, redeem...)
	}
	fetch := txscript.NewCannedPrevOutputFetcher(script, 0)
	engine, err := txscript.NewEngine(script, sign, 0, txscript.StandardVerifyFlags, nil, txscript.NewTxSigHashes(sign, fetch), 0, fetch)
	if err == nil {
		err = engine.Execute()
	}
	if err != nil || spend.TxHash() != sign.TxIn[0].PreviousOutPoint.Hash {
		return ErrBadSignature
	}
	for _, item := range witness { // BIP 322: SIGHASH_ALL alone
		if outscript.KindOf(script) == outscript.P2TR {
			if len(item) == 65 && item[64] != byte(txscript.SigHashAll) {
				return ErrBadSignature
			}
		} else if len(item) > 8 && item[0] == 0x30 && item[len(item)-1] != byte(txscript.SigHashAll) {
			return ErrBadSignature
		}
	}
	return nil
}

// readWitness reads a serialized witness stack, and nothing after it.
func readWitness(raw []byte) (wire.TxWitness, error) {
	r := bytes.NewReader(raw)
	n, err := wire.ReadVarInt(r, 0)
	if err != nil || n < 1 || n > 100 {
		return nil, fmt.Errorf("%w: the signature is neither of the legacy form nor a witness", ErrMessage)
	}
	var out wire.TxWitness
	for range n {
		item, err := wire.ReadVarBytes(r, 0, maxSignature, "witness item")
		if err != nil {
			return nil, fmt.Errorf("%w: the witness is cut off", ErrMessage)
		}
		out = append(out, item)
	}
	if _, err := r.ReadByte(); !errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: bytes follow the witness", ErrMessage)
	}
	return out, nil
}
