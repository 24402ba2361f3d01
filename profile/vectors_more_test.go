package profile

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"testing"

	"blockstack/testdata"
)

func TestVectorsSignatures(t *testing.T) {
	var file struct {
		Signer  struct{ PublicKey, AddressCompressed, AddressUncompressed string }
		Vectors []struct {
			ID, ContentHex, PrivateKey, SigFileText, Strict, Reason string
			SignatureObject                                         json.RawMessage
		}
	}
	readVectors(t, "signatures", &file)
	testdata.Cases(t, "identity/signatures.json", len(file.Vectors))
	for _, c := range file.Vectors {
		t.Run(c.ID, func(t *testing.T) {
			content, err := hex.DecodeString(c.ContentHex)
			if err != nil {
				t.Fatal(err)
			}
			got := "reject"
			sig, err := ParseContentSignature(c.SignatureObject)
			if err == nil {
				if err = sig.Verify(content); err == nil {
					got = "accept"
				}
			}
			if err != nil && !errors.Is(err, ErrMalformed) {
				t.Errorf("error %v does not wrap ErrMalformed", err)
			}
			if got != c.Strict {
				t.Fatalf("verdict %s, want %s (%s): %v", got, c.Strict, c.Reason, err)
			}
			if got == "accept" && file.Signer.AddressCompressed != "" && keyText(sig.key) == file.Signer.PublicKey {
				want := file.Signer.AddressCompressed
				if len(sig.keyBytes) == 65 {
					want = file.Signer.AddressUncompressed
				}
				if have := sig.Address(MainnetVersions()); have != want {
					t.Errorf("address %s, want %s", have, want)
				}
			}
			if c.PrivateKey == "" || c.SigFileText == "" {
				return
			}
			key := keyOf(t, c.PrivateKey)
			made, err := SignContent(context.Background(), content, exactSigner{key}, true)
			if err != nil {
				t.Fatal(err)
			}
			if string(made.File()) != c.SigFileText {
				t.Errorf("made %s\nwant %s", made.File(), c.SigFileText)
			}
			low, err := SignContent(context.Background(), content, exactSigner{key}, false)
			if err != nil {
				t.Fatal(err)
			}
			again, err := ParseContentSignature(low.File())
			if err != nil {
				t.Fatal(err)
			}
			if s := again.signature.S(); s.IsOverHalfOrder() {
				t.Error("S is not low")
			}
			if err := again.Verify(content); err != nil {
				t.Error(err)
			}
			if again.Verify(append(content, 'x')) == nil {
				t.Error("verifies other content")
			}
		})
	}
}

func TestVectorsDIDs(t *testing.T) {
	var file struct {
		Vectors []struct {
			DID           string
			Type, Address *string
		}
	}
	readVectors(t, "dids", &file)
	testdata.Cases(t, "identity/dids.json", len(file.Vectors))
	for _, c := range file.Vectors {
		t.Run(c.DID, func(t *testing.T) {
			d, err := ParseDID(c.DID)
			if (err == nil) != (c.Type != nil) {
				t.Fatalf("have %+v, %v; want type %v", d, err, c.Type)
			}
			if err != nil {
				if !errors.Is(err, ErrMalformed) {
					t.Errorf("error %v does not wrap ErrMalformed", err)
				}
				return
			}
			if d.Method != *c.Type {
				t.Errorf("method %q, want %q", d.Method, *c.Type)
			}
			have, isAddress := d.Address()
			if isAddress != (c.Address != nil) || isAddress && have != *c.Address {
				t.Errorf("address %q, %v; want %v", have, isAddress, c.Address)
			}
			owner, err := OwnerDID(c.DID, MainnetVersions())
			switch {
			case err != nil && !errors.Is(err, ErrBadOwner):
				t.Errorf("error %v does not wrap ErrBadOwner", err)
			case err == nil && isAddress && owner.Address() != have:
				t.Errorf("owner %s, want %s", owner.Address(), have)
			}
		})
	}
}

// A DID without a usable id names nobody.
func TestOwnerDID(t *testing.T) {
	for text, want := range map[string]bool{
		"did:btc-addr:1Eh9o67jF1SjUyzqAXJCWvbWXvvoeSF9i7":                                  true,
		"did:ecdsa-pub:022c35fa5664f357898cdc4502a68e3a825a88e1a4ba0435fc761affdb5318b1eb": true,
		"did:btc-addr:":     false,
		"did:ecdsa-pub:02":  false,
		"did:foo:bar":       false,
		"foo:btc-addr:1Eh9": false,
		"did:btc-addr:muD769Ci42szG6USt6GaLqoqPvXWVezDmQ": false,
	} {
		owner, err := OwnerDID(text, MainnetVersions())
		if (err == nil) != want || want && owner.unanswerable() {
			t.Errorf("%s: %+v, %v", text, owner, err)
		}
		if err != nil && !errors.Is(err, ErrBadOwner) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

// FuzzContentSignature reads hostile signature files: nothing panics, and what is read is written
// again as the same signature.
func FuzzContentSignature(f *testing.F) {
	made, err := SignContent(context.Background(), []byte("x"), lowSigner{testKey(1)}, false)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(made.File(), []byte("x"))
	f.Add([]byte(`{"signature":"30060201010201","publicKey":"02"}`), []byte{})
	f.Fuzz(func(t *testing.T, file, content []byte) {
		sig, err := ParseContentSignature(file)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("error %v does not wrap ErrMalformed", err)
			}
			return
		}
		again, err := ParseContentSignature(sig.File())
		if err != nil || (again.Verify(content) == nil) != (sig.Verify(content) == nil) || again.Address(MainnetVersions()) != sig.Address(MainnetVersions()) {
			t.Errorf("%s reads differently when written again: %v", file, err)
		}
	})
}

// FuzzDID reads hostile identifiers.
func FuzzDID(f *testing.F) {
	f.Add("did:btc-addr:1Eh9o67jF1SjUyzqAXJCWvbWXvvoeSF9i7")
	f.Add("did:ecdsa-pub:02")
	f.Fuzz(func(t *testing.T, text string) {
		if owner, err := OwnerDID(text, MainnetVersions()); err == nil && owner.unanswerable() && owner.Address() == "" {
			t.Errorf("%q is an owner without key and address", text)
		}
	})
}
