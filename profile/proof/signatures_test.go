package proof

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"encoding/pem"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/btcec/v2/schnorr"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"
	"golang.org/x/crypto/ssh"

	"blockstack/profile"
)

const testOwner = "1LDRXCzQDi3vsnwoiHojkqhzG3pz7es7Z7"

// TestSignatures checks one good proof of each kind, and that a flipped letter of message or
// signature is never true.
func TestSignatures(t *testing.T) {
	statement := Statement("bitcoin", Subject{Owner: testOwner})
	for _, a := range []profile.Account{bitcoinProof(t, statement), sshProof(t, statement, "sha512", "blockstack"), nostrProof(t, statement)} {
		s := Subject{Name: "alice.id", Owner: testOwner}
		if r := (&Checker{}).Check(context.Background(), s, a); r.State != True || r.By != "signature" {
			t.Errorf("%s: %s (%s)", a.Service, r.State, r.Detail)
			continue
		}
		s.Owner = "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"
		if r := (&Checker{}).Check(context.Background(), s, a); r.State != False {
			t.Errorf("%s for another owner: %s", a.Service, r.State)
		}
		s.Owner = testOwner
		for i := range len(a.ProofMessage) {
			b := a
			b.ProofMessage = flip(a.ProofMessage, i)
			if r := (&Checker{}).Check(context.Background(), s, b); r.State == True && !sameEvent(a.ProofMessage, b.ProofMessage) {
				t.Errorf("%s with letter %d of the message changed is true", a.Service, i)
			}
		}
		for i := range len(a.ProofSignature) {
			b := a
			if b.ProofSignature = flip(a.ProofSignature, i); decoded(a.ProofSignature) == decoded(b.ProofSignature) {
				continue
			}
			if r := (&Checker{}).Check(context.Background(), s, b); r.State == True {
				t.Errorf("%s with letter %d of the signature changed is true", a.Service, i)
			}
		}
	}
	if r := (&Checker{}).Check(context.Background(), Subject{Owner: testOwner}, sshProof(t, statement, "sha512", "file")); r.State != False {
		t.Errorf("an SSH signature made for files: %s", r.State)
	}
}

func flip(s string, i int) string {
	b := []byte(s)
	if b[i] == 'A' {
		b[i] = 'B'
	} else {
		b[i] = 'A'
	}
	return string(b)
}

// decoded is what an armored or plain base64 text means.
func decoded(s string) string {
	if block, _ := pem.Decode([]byte(s)); block != nil {
		return block.Type + string(block.Bytes)
	}
	return s
}

// sameEvent reports whether two messages are the same event: names of JSON members may be written
// in another case.
func sameEvent(a, b string) bool {
	var x, y nostrEvent
	return json.Unmarshal([]byte(a), &x) == nil && json.Unmarshal([]byte(b), &y) == nil && x.Content == y.Content && x.ID == y.ID && x.Sig == y.Sig
}

func bitcoinProof(t *testing.T, message string) profile.Account {
	key, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{7}, 32))
	var b bytes.Buffer
	if err := wire.WriteVarString(&b, 0, "Bitcoin Signed Message:\n"); err != nil {
		t.Fatal(err)
	}
	if err := wire.WriteVarString(&b, 0, message); err != nil {
		t.Fatal(err)
	}
	sig := ecdsa.SignCompact(key, chainhash.DoubleHashB(b.Bytes()), true)
	return profile.Account{
		Service: "bitcoin", Identifier: base58.CheckEncode(address.Hash160(key.PubKey().SerializeCompressed()), 0),
		ProofMessage: message, ProofSignature: base64.StdEncoding.EncodeToString(sig),
	}
}

func sshProof(t *testing.T, message, hash, namespace string) profile.Account {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	signer, err := ssh.NewSignerFromKey(private)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha512.Sum512([]byte(message))
	magic := [6]byte([]byte("SSHSIG"))
	sig, err := signer.Sign(rand.Reader, ssh.Marshal(struct {
		Magic                        [6]byte
		Namespace, Reserved, HashAlg string
		Hash                         []byte
	}{magic, namespace, "", hash, sum[:]}))
	if err != nil {
		t.Fatal(err)
	}
	blob := ssh.Marshal(struct {
		Magic                                   [6]byte
		Version                                 uint32
		PublicKey, Namespace, Reserved, HashAlg string
		Signature                               []byte
	}{magic, 1, string(signer.PublicKey().Marshal()), namespace, "", hash, ssh.Marshal(sig)})
	return profile.Account{
		Service: "ssh", Identifier: strings.TrimSpace(string(ssh.MarshalAuthorizedKey(signer.PublicKey()))) + " alice@example",
		ProofMessage: message, ProofSignature: string(pem.EncodeToMemory(&pem.Block{Type: "SSH SIGNATURE", Bytes: blob})),
	}
}

func nostrProof(t *testing.T, message string) profile.Account {
	key, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{9}, 32))
	e := nostrEvent{PubKey: hex.EncodeToString(schnorr.SerializePubKey(key.PubKey())), CreatedAt: 1700000000, Kind: 1, Tags: [][]string{}, Content: message}
	text, err := json.Marshal([]any{0, e.PubKey, e.CreatedAt, e.Kind, e.Tags, e.Content})
	if err != nil {
		t.Fatal(err)
	}
	id := sha256.Sum256(text)
	sig, err := schnorr.Sign(key, id[:])
	if err != nil {
		t.Fatal(err)
	}
	e.ID, e.Sig = hex.EncodeToString(id[:]), hex.EncodeToString(sig.Serialize())
	event, err := json.Marshal(e)
	if err != nil {
		t.Fatal(err)
	}
	return profile.Account{Service: "nostr", Identifier: e.PubKey, ProofMessage: string(event)}
}
