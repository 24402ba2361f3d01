package profile_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"blockstack/profile"
)

// exampleKey signs tokens with a key that everybody knows.
type exampleKey struct{ key *btcec.PrivateKey }

func (k exampleKey) PublicKey() *btcec.PublicKey { return k.key.PubKey() }

func (k exampleKey) SignToken(_ context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	text := base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)
	hash := sha256.Sum256([]byte(text))
	return ecdsa.Sign(k.key, hash[:]), nil
}

func newExampleKey() (exampleKey, *profile.Verifier) {
	key, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{1}, 32))
	owner, err := profile.OwnerKey(hex.EncodeToString(key.PubKey().SerializeCompressed()))
	if err != nil {
		panic(err)
	}
	day := time.Date(2026, 1, 3, 0, 0, 0, 0, time.UTC)
	return exampleKey{key}, &profile.Verifier{Owner: owner, Clock: func() time.Time { return day }}
}

// A profile, its signed token, the file that the token is stored in, and the judgement of whoever
// reads that.
func Example() {
	ctx := context.Background()
	key, verifier := newExampleKey()
	p := profile.New(profile.Person)
	if err := p.Set("name", "Alice"); err != nil {
		panic(err)
	}
	token, err := profile.SignIssue(ctx, p, key, profile.Issue{IssuedAt: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		panic(err)
	}
	for _, file := range [][]byte{token.File(), bytes.Replace(token.File(), []byte("."), []byte(".A"), 1)} {
		report, err := verifier.VerifyBytes(ctx, file)
		if err != nil {
			panic(err)
		}
		fmt.Println(report.Valid, report.Reason)
	}
	// Output:
	// true ok
	// false malformed
}

// The history of a profile: a line for each version, each bound to the one before.
func ExampleCheckHistory() {
	ctx := context.Background()
	key, verifier := newExampleKey()
	var history []byte
	var head profile.Head
	for i, name := range []string{"Alice", "Alice B."} {
		at := time.Date(2026, 1, 1, i, 0, 0, 0, time.UTC)
		p := profile.New(profile.Person)
		if err := p.Set("name", name); err != nil {
			panic(err)
		}
		token, err := profile.SignIssue(ctx, p, key, profile.Issue{IssuedAt: at})
		if err != nil {
			panic(err)
		}
		var line []byte
		if line, head, err = profile.NextVersion(ctx, head, token, key, at); err != nil {
			panic(err)
		}
		history = append(history, line...)
	}
	got, err := profile.CheckHistory(ctx, bytes.NewReader(history), verifier, profile.Head{})
	fmt.Println(got.Seq, got == head, err)
	_, err = profile.CheckHistory(ctx, bytes.NewReader(history[:len(history)/2]), verifier, head)
	fmt.Println(err != nil)
	// Output:
	// 2 true <nil>
	// true
}

// A file that says who may sign.
func ExampleParsePolicy() {
	policy, err := profile.ParsePolicy([]byte(`
schema = "blockstack/signers/v1"
max_age = "180d"
require = ["name", "account.github"]

[[signer]]
address = "1Eh9o67jF1SjUyzqAXJCWvbWXvvoeSF9i7"

[[signer]]
name = "alice.id"
`), profile.AddressVersions{})
	if err != nil {
		panic(err)
	}
	fmt.Println(policy.MaxAge, policy.Require)
	for _, s := range policy.Signers {
		fmt.Printf("%q %q %q\n", s.Name, s.Address, s.Key)
	}
	_, err = profile.ParsePolicy([]byte("schema = \"blockstack/signers/v1\"\n"), profile.AddressVersions{})
	fmt.Println(err)
	// Output:
	// 4320h0m0s [name account.github]
	// "" "1Eh9o67jF1SjUyzqAXJCWvbWXvvoeSF9i7" ""
	// "alice.id" "" ""
	// not a valid policy: no [[signer]]
}
