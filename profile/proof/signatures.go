package proof

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"strings"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/address/v2/bech32"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"golang.org/x/crypto/ssh"

	"blockstack/profile"
)

// Proofs by signature carry all they need: proofMessage is the statement that was signed (for nostr
// the whole event), proofSignature the signature.

// signedStatement checks that the message says it.
func signedStatement(s Subject, a profile.Account, r Result) (Result, bool) {
	switch {
	case a.ProofMessage == "" || a.Service != "nostr" && a.ProofSignature == "":
		return r.is(Unchecked, "the profile carries no signed statement for it"), false
	case len(a.ProofMessage) > 1<<16 || len(a.ProofSignature) > 1<<16:
		return r.is(False, "the signed statement is too long"), false
	case a.Service != "nostr" && Says(a.ProofMessage, s.Name, s.Owner) == "":
		return r.is(False, "the message does not say it"), false
	}
	r.By = "signature"
	return r, true
}

// checkBitcoin checks a message signed as bitcoin wallets do (BIP 137): base64 of a header byte, R
// and S over the double SHA-256 of the prefix and the message. The header says which form of the
// key or address is meant.
func checkBitcoin(s Subject, a profile.Account, r Result) Result {
	r, ok := signedStatement(s, a, r)
	if !ok {
		return r
	}
	sig, err := base64.StdEncoding.Strict().DecodeString(a.ProofSignature)
	if err != nil || len(sig) != 65 || sig[0] < 27 || sig[0] > 42 {
		return r.is(False, "not a signature of a bitcoin message")
	}
	var b bytes.Buffer
	// Writing to a buffer gives no error.
	_ = wire.WriteVarString(&b, 0, "Bitcoin Signed Message:\n")
	_ = wire.WriteVarString(&b, 0, a.ProofMessage)
	kind := (sig[0] - 27) / 4 // 0 uncompressed, 1 compressed, 2 P2SH-P2WPKH, 3 P2WPKH
	compact := bytes.Clone(sig)
	compact[0] = 27 + (sig[0]-27)%4
	key, _, err := ecdsa.RecoverCompact(compact, chainhash.DoubleHashB(b.Bytes()))
	if err != nil {
		return r.is(False, "the signature does not verify")
	}
	hash := address.Hash160(key.SerializeCompressed())
	var matches bool
	switch kind {
	case 0:
		matches = isBase58(a.Identifier, address.Hash160(key.SerializeUncompressed()), 0, 111)
	case 1: // many wallets write this header for every kind of address
		matches = isBase58(a.Identifier, hash, 0, 111) || isNested(a.Identifier, hash) || isWitness(a.Identifier, hash)
	case 2:
		matches = isNested(a.Identifier, hash)
	case 3:
		matches = isWitness(a.Identifier, hash)
	}
	if !matches {
		return r.is(False, "signed by another key than that of the address")
	}
	return r.is(True, "signed with the key of the address")
}

func isBase58(text string, hash []byte, versions ...byte) bool {
	got, version, err := base58.CheckDecode(text)
	return err == nil && bytes.Equal(got, hash) && bytes.IndexByte(versions, version) >= 0
}

func isNested(text string, hash []byte) bool {
	return isBase58(text, address.Hash160(append([]byte{0, 20}, hash...)), 5, 196)
}

func isWitness(text string, hash []byte) bool {
	hrp, data, version, err := bech32.DecodeGeneric(text)
	if err != nil || version != bech32.Version0 || len(data) < 1 || data[0] != 0 || hrp != "bc" && hrp != "tb" && hrp != "bcrt" {
		return false
	}
	got, err := bech32.ConvertBits(data[1:], 5, 8, false)
	return err == nil && bytes.Equal(got, hash)
}

// sshNamespace is what `ssh-keygen -Y sign -n blockstack` puts into a signature, so that it serves
// no other purpose.
const sshNamespace = "blockstack"

// checkSSH checks an armored signature of OpenSSH (PROTOCOL.sshsig) over the message.
func checkSSH(s Subject, a profile.Account, r Result) Result {
	r, ok := signedStatement(s, a, r)
	if !ok {
		return r
	}
	key, _, _, _, err := ssh.ParseAuthorizedKey([]byte(a.Identifier))
	if err != nil {
		return r.is(False, "the identifier is not an SSH public key")
	}
	block, rest := pem.Decode([]byte(strings.TrimSpace(a.ProofSignature) + "\n"))
	if block == nil || block.Type != "SSH SIGNATURE" || len(bytes.TrimSpace(rest)) > 0 {
		return r.is(False, "not an SSH signature")
	}
	var sig struct {
		Magic                                   [6]byte
		Version                                 uint32
		PublicKey, Namespace, Reserved, HashAlg string
		Signature                               []byte
	}
	if err := ssh.Unmarshal(block.Bytes, &sig); err != nil || string(sig.Magic[:]) != "SSHSIG" || sig.Version != 1 {
		return r.is(False, "not an SSH signature")
	}
	var sum []byte
	switch sig.HashAlg {
	case "sha256":
		h := sha256.Sum256([]byte(a.ProofMessage))
		sum = h[:]
	case "sha512":
		h := sha512.Sum512([]byte(a.ProofMessage))
		sum = h[:]
	default:
		return r.is(False, "hash %.20q of the signature is not known", sig.HashAlg)
	}
	if sig.Namespace != sshNamespace || sig.PublicKey != string(key.Marshal()) {
		return r.is(False, "signed for another purpose or with another key")
	}
	var inner ssh.Signature
	if err := ssh.Unmarshal(sig.Signature, &inner); err != nil || inner.Format == ssh.KeyAlgoRSA { // SHA-1
		return r.is(False, "not a signature that can be trusted")
	}
	message := ssh.Marshal(struct {
		Magic                        [6]byte
		Namespace, Reserved, HashAlg string
		Hash                         []byte
	}{sig.Magic, sig.Namespace, sig.Reserved, sig.HashAlg, sum})
	if err := key.Verify(message, &inner); err != nil {
		return r.is(False, "the signature does not verify")
	}
	return r.is(True, "signed with the SSH key")
}

// nostrEvent is an event (NIP-01).
type nostrEvent struct {
	ID        string     `json:"id"`
	PubKey    string     `json:"pubkey"`
	CreatedAt int64      `json:"created_at"`
	Kind      int        `json:"kind"`
	Tags      [][]string `json:"tags"`
	Content   string     `json:"content"`
	Sig       string     `json:"sig"`
}

// checkNostr checks a signed event whose content is the statement. The identifier is an npub
// (NIP-19) or the key in hex.
func checkNostr(s Subject, a profile.Account, r Result) Result {
	r, ok := signedStatement(s, a, r)
	if !ok {
		return r
	}
	key, ok := nostrKey(a.Identifier)
	if !ok {
		return r.is(False, "the identifier is not a nostr public key")
	}
	var e nostrEvent
	d := json.NewDecoder(strings.NewReader(a.ProofMessage))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil || d.More() {
		return r.is(False, "the message is not a nostr event")
	}
	if e.PubKey != key || e.Kind != 0 && e.Kind != 1 {
		return r.is(False, "the event is not a note of this key")
	}
	if Says(e.Content, s.Name, s.Owner) == "" {
		return r.is(False, "the event does not say it")
	}
	if e.Tags == nil {
		e.Tags = [][]string{}
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode([]any{0, e.PubKey, e.CreatedAt, e.Kind, e.Tags, e.Content}); err != nil {
		return r.is(False, "the event cannot be written")
	}
	id := sha256.Sum256(bytes.TrimSuffix(b.Bytes(), []byte("\n")))
	rawKey, _ := hex.DecodeString(key)
	rawSig, err := hex.DecodeString(e.Sig)
	if err != nil || lower(e.Sig) != e.Sig || hex.EncodeToString(id[:]) != e.ID {
		return r.is(False, "the event's id is not its hash")
	}
	pub, err := schnorr.ParsePubKey(rawKey)
	if err != nil {
		return r.is(False, "the identifier is not a nostr public key")
	}
	sig, err := schnorr.ParseSignature(rawSig)
	if err != nil || !sig.Verify(id[:], pub) {
		return r.is(False, "the signature does not verify")
	}
	return r.is(True, "an event signed with the key says so")
}

// nostrKey gives the key in lower-case hex.
func nostrKey(id string) (string, bool) {
	if strings.HasPrefix(id, "npub1") {
		hrp, data, err := bech32.DecodeNoLimit(id)
		if err != nil || hrp != "npub" {
			return "", false
		}
		raw, err := bech32.ConvertBits(data, 5, 8, false)
		return hex.EncodeToString(raw), err == nil && len(raw) == 32
	}
	raw, err := hex.DecodeString(id)
	return id, err == nil && len(raw) == 32 && lower(id) == id
}
