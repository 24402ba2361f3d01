package bundle

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"
	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/snv"
	"blockstack/names/snv/snvtest"
	"blockstack/names/zonefile"
	"blockstack/profile"
)

// signer signs as somebody.
type signer struct{ key *btcec.PrivateKey }

func (s signer) PublicKey() *btcec.PublicKey { return s.key.PubKey() }

func (s signer) SignToken(_ context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	hash := sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)))
	return ecdsa.Sign(s.key, hash[:]), nil
}

// world is a chain on which alice owns alice.id, and what is said about her.
type world struct {
	*snvtest.Chain
	t            testing.TB
	alice, other *snvtest.Person
	zoneFile     []byte
	token        *profile.Token
}

func newWorld(t testing.TB) *world {
	w := &world{Chain: snvtest.New(t), t: t}
	w.alice, w.other = w.Person(1), w.Person(2)
	w.Launch("id", w.Person(0), 40)
	w.zoneFile = zoneFileOf(t, "alice.id", "")
	w.MineAndFollow(w.Register("alice.id", w.Person(3), w.alice, names.HashZoneFile(w.zoneFile))...)
	w.token = w.sign(w.alice, "Alice")
	return w
}

func zoneFileOf(t testing.TB, name, dataKey string) []byte {
	t.Helper()
	n, err := names.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	make := func() ([]byte, error) { return zonefile.Make(n, "https://example.org/profile.json") }
	if dataKey != "" {
		make = func() ([]byte, error) { return zonefile.MakeWithKey(n, dataKey, "https://example.org/profile.json") }
	}
	b, err := make()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (w *world) sign(by *snvtest.Person, name string) *profile.Token {
	w.t.Helper()
	p := profile.New("Person")
	if err := p.Set("name", name); err != nil {
		w.t.Fatal(err)
	}
	token, err := profile.Sign(w.t.Context(), p, signer{by.Key})
	if err != nil {
		w.t.Fatal(err)
	}
	return token
}

// bundle makes one about a name at the tip.
func (w *world) bundle(name string, token *profile.Token, zoneFile []byte) []byte {
	w.t.Helper()
	n, err := names.Parse(name)
	if err != nil {
		w.t.Fatal(err)
	}
	proof, err := snv.Prove(w.t.Context(), w.Index, w.Chain, n, snv.Options{})
	if err != nil {
		w.t.Fatal(err)
	}
	raw, err := (&Bundle{Token: token, ZoneFile: zoneFile, Proof: proof.Raw}).Bytes()
	if err != nil {
		w.t.Fatal(err)
	}
	return raw
}

// trust is the consensus hash at the tip.
func (w *world) trust() snv.Trust {
	return snv.Trust{Anchors: []snv.Anchor{{Height: w.Height(), Consensus: w.Quote}}}
}

func (w *world) trustBlock() snv.Trust {
	_, hash, err := w.Tip(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	return snv.Trust{Blocks: []chainhash.Hash{hash}}
}

// check verifies and compares the reason.
func (w *world) check(label string, v *Verifier, raw []byte, want profile.Reason) *profile.Report {
	w.t.Helper()
	v.Params = w.Params
	r, err := v.Verify(w.t.Context(), raw)
	if err != nil {
		w.t.Fatalf("%s: %v", label, err)
	}
	if r.Reason != want || r.Valid != (want == profile.OK) {
		w.t.Errorf("%s: %s (valid: %v, %v), want %s", label, r.Reason, r.Valid, r.Err(), want)
	}
	return r
}

// seal puts the right checksum under changed bytes.
func seal(raw []byte) []byte {
	body := raw[:len(raw)-sha256.Size]
	sum := sha256.Sum256(body)
	return append(slices.Clone(body), sum[:]...)
}

// TestLife follows a name, and what bundles about it are worth.
func TestLife(t *testing.T) {
	w := newWorld(t)
	first := w.bundle("alice.id", w.token, w.zoneFile)
	then := w.trust()
	r := w.check("new", &Verifier{Trust: then}, first, profile.OK)
	if r.Name != "alice.id" || r.OwnerAddress != w.alice.Address || r.Proof.ConsensusHash != w.Quote.String() || r.InclusionOnly ||
		r.Proof.Transactions[1].Shown != "accepted" || r.Proof.Transactions[0].Shown != "stated" || r.Proof.BlockHash != "" {
		t.Errorf("%+v, %+v", r, r.Proof)
	}
	both := then
	both.Blocks = w.trustBlock().Blocks
	if r = w.check("both", &Verifier{Trust: both}, first, profile.OK); r.Proof.BlockHash == "" || r.Proof.Transactions[0].Shown != "included" {
		t.Errorf("%+v", r.Proof)
	}
	r = w.check("block", &Verifier{Trust: w.trustBlock()}, first, profile.InclusionOnly)
	if !r.InclusionOnly || r.OwnerAddress != "" || r.Proof.ConsensusHash != "" || r.Proof.NameStatus != "" || r.Proof.ZoneFileHash != "" ||
		r.Proof.BlockHash == "" || r.Proof.Transactions[1].Shown != "included" {
		t.Errorf("%+v, %+v", r, r.Proof)
	}
	if _, err := (&Verifier{Params: w.Params}).Verify(t.Context(), first); !errors.Is(err, snv.ErrNoTrust) {
		t.Errorf("without trust: %v", err)
	}
	if _, err := (&Verifier{Params: names.Mainnet(), Trust: then}).Verify(t.Context(), first); !errors.Is(err, snv.ErrOtherRules) {
		t.Errorf("other rules: %v", err)
	}
	w.check("signed by somebody", &Verifier{Trust: then}, w.bundle("alice.id", w.sign(w.other, "Alice"), w.zoneFile), profile.WrongSigner)
	w.check("another zone file", &Verifier{Trust: then}, w.bundle("alice.id", w.token, []byte("$ORIGIN alice.id\n")), profile.BadProof)
	w.check("no zone file", &Verifier{Trust: then}, w.bundle("alice.id", w.token, nil), profile.BadProof)
	future := func() time.Time { return time.Now().Add(time.Hour * 24 * 3650) }
	w.check("much later", &Verifier{Trust: then, Base: profile.Verifier{Clock: future}}, first, profile.Expired)
	past := func() time.Time { return time.Now().Add(-time.Hour) }
	w.check("before it was signed", &Verifier{Trust: then, Base: profile.Verifier{Clock: past}}, first, profile.NotYetValid)

	for range 3 {
		w.MineAndFollow() // empty blocks are part of it
	}
	w.check("old bundle, new anchor", &Verifier{Trust: w.trust()}, first, profile.OtherHeight)
	w.check("old bundle, both anchors", &Verifier{Trust: snv.Trust{Anchors: append(w.trust().Anchors, then.Anchors...)}}, first, profile.OK)
	w.check("over empty blocks", &Verifier{Trust: w.trust()}, w.bundle("alice.id", w.token, w.zoneFile), profile.OK)

	w.MineAndFollow(w.Tx(w.alice, nameop.NameTransfer{Keep: true, NameHash: nameop.NameHash("alice.id"), Consensus: w.Quote}, w.Pay(w.other, 1)))
	w.check("old bundle after a transfer", &Verifier{Trust: w.trust()}, first, profile.OtherHeight)
	w.check("old token after a transfer", &Verifier{Trust: w.trust()}, w.bundle("alice.id", w.token, w.zoneFile), profile.WrongSigner)
	w.check("new owner", &Verifier{Trust: w.trust()}, w.bundle("alice.id", w.sign(w.other, "Bob"), w.zoneFile), profile.OK)

	// A data key in the zone file signs in the owner's place, and then he himself does not.
	withKey := zoneFileOf(t, "alice.id", hexKey(w.Person(9)))
	w.MineAndFollow(w.Tx(w.other, nameop.NameUpdate{NameConsensus: nameop.UpdateHash("alice.id", w.Quote), ZoneFile: names.HashZoneFile(withKey)}))
	w.check("by the data key", &Verifier{Trust: w.trust()}, w.bundle("alice.id", w.sign(w.Person(9), "Bob"), withKey), profile.OK)
	w.check("by the owner beside a data key", &Verifier{Trust: w.trust()}, w.bundle("alice.id", w.sign(w.other, "Bob"), withKey), profile.WrongSigner)

	w.MineAndFollow(w.Tx(w.other, nameop.NameRevoke{Name: "alice.id"}))
	w.check("revoked", &Verifier{Trust: w.trust()}, w.bundle("alice.id", w.sign(w.other, "Bob"), nil), profile.Revoked)
}

// TestExpiry is about the height at which nobody has the name any more, and its next owner.
func TestExpiry(t *testing.T) {
	w := newWorld(t)
	w.Params.Epochs[2].Namespaces = map[names.NamespaceID]names.NamespaceRules{names.AnyNamespace: {LifetimeMultiplier: 1, GracePeriod: 5, PriceMultiplier: 1}}
	for w.Height() < w.Params.FirstBlock+2+40+3 {
		w.Mine()
	}
	w.Follow()
	n, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[names.Status]bool{}
	for range 12 {
		rec, err := w.Index.Record(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		want := profile.OK
		if rec.Status == names.Expired {
			want = profile.Expired
		}
		seen[rec.Status] = true
		r := w.check(string(rec.Status), &Verifier{Trust: w.trust()}, w.bundle("alice.id", w.token, w.zoneFile), want)
		if r.Has(profile.WarnNameInGrace) != (rec.Status == names.Grace) {
			t.Errorf("%s at %d: warnings %v", rec.Status, rec.Height, r.Warnings)
		}
		w.MineAndFollow()
	}
	if !seen[names.Grace] || !seen[names.Expired] {
		t.Fatalf("seen: %v", seen)
	}
	w.MineAndFollow(w.Register("alice.id", w.Person(3), w.other, names.HashZoneFile(w.zoneFile))...)
	w.check("old owner", &Verifier{Trust: w.trust()}, w.bundle("alice.id", w.token, w.zoneFile), profile.WrongSigner)
	r := w.check("next owner", &Verifier{Trust: w.trust()}, w.bundle("alice.id", w.sign(w.other, "Al"), w.zoneFile), profile.OK)
	if len(r.Proof.Transactions) != 2 { // those of this life alone
		t.Errorf("%+v", r.Proof.Transactions)
	}
}

// TestPolicy is about who may sign, when the owner is proven and nothing is looked up.
func TestPolicy(t *testing.T) {
	w := newWorld(t)
	raw := w.bundle("alice.id", w.token, w.zoneFile)
	header := "schema = \"" + profile.PolicySchema + "\"\n"
	for text, want := range map[string]profile.Reason{
		"[[signer]]\nname = \"alice.id\"":                                         profile.OK,
		"[[signer]]\nname = \"bob.id\"":                                           profile.WrongSigner,
		"[[signer]]\nname = \"bob.id\"\n[[signer]]\nname = \"alice.id\"":          profile.OK,
		"[[signer]]\naddress = \"" + w.alice.Address + "\"":                       profile.OK,
		"[[signer]]\naddress = \"" + w.other.Address + "\"":                       profile.WrongSigner,
		"[[signer]]\nkey = \"" + hexKey(w.alice) + "\"":                           profile.OK,
		"[[signer]]\nkey = \"" + hexKey(w.other) + "\"":                           profile.WrongSigner,
		"require = [\"website\"]\n[[signer]]\nname = \"alice.id\"":                profile.Incomplete,
		"require = [\"name\"]\nmax_age = \"1d\"\n[[signer]]\nname = \"alice.id\"": profile.OK,
	} {
		policy, err := profile.ParsePolicy([]byte(header+text), profile.Versions(w.Params))
		if err != nil {
			t.Fatal(err)
		}
		w.check(text, &Verifier{Trust: w.trust(), Policy: policy}, raw, want)
	}
}

// TestDamage flips every bit of a bundle, as it is and with a new checksum: the same statement
// never comes out again.
func TestDamage(t *testing.T) {
	w := newWorld(t)
	raw := w.bundle("alice.id", w.token, w.zoneFile)
	trust := w.trust()
	trust.Blocks = w.trustBlock().Blocks
	v := &Verifier{Params: w.Params, Trust: trust}
	for i := range raw {
		for bit := range 8 {
			raw[i] ^= 1 << bit
			r, err := v.Verify(t.Context(), raw)
			if err != nil || r.Valid || r.Reason != profile.Malformed {
				t.Fatalf("byte %d, bit %d: %+v, %v", i, bit, r, err)
			}
			if i < len(raw)-sha256.Size {
				if r, err = v.Verify(t.Context(), seal(raw)); err == nil && r.Valid {
					t.Fatalf("byte %d, bit %d, sealed again: %+v", i, bit, r)
				}
			}
			raw[i] ^= 1 << bit
		}
	}
	for _, n := range []int{0, 1, 7, 8, 9, 40, 41, len(raw) / 2, len(raw) - 1} {
		w.check("cut", &Verifier{Trust: trust}, raw[:n], profile.Malformed)
	}
	w.check("longer", &Verifier{Trust: trust}, append(slices.Clone(raw), 0), profile.Malformed)
	w.check("longer, sealed", &Verifier{Trust: trust}, seal(append(slices.Clone(raw), 0)), profile.Malformed)
	if !Is(raw) || Is([]byte("[{}]")) || strings.Contains(string(raw[:HeadSize]), "\n\n") || bytes.Count(raw[:HeadSize], []byte{0}) > 0 {
		t.Error("the beginning does not tell bundles apart")
	}
}

// FuzzVerify gives the verifier anything, under a checksum that fits. Only what the true bundle
// says may come out valid.
func FuzzVerify(f *testing.F) {
	w := newWorld(f)
	raw := w.bundle("alice.id", w.token, w.zoneFile)
	f.Add(raw)
	f.Add(w.bundle("alice.id", w.sign(w.other, "Mallory"), w.zoneFile))
	f.Add([]byte(magic))
	v := &Verifier{Params: w.Params, Trust: w.trust()}
	f.Fuzz(func(t *testing.T, raw []byte) {
		for _, b := range [][]byte{raw, seal(append(slices.Clone(raw), make([]byte, sha256.Size)...))} {
			r, err := v.Verify(t.Context(), b)
			if err != nil || !r.Valid {
				continue
			}
			if name, _ := r.Token().Unverified().Get("name"); name != "Alice" || r.OwnerAddress != w.alice.Address {
				t.Errorf("valid: %+v", r)
			}
		}
	})
}

func hexKey(p *snvtest.Person) string { return hex.EncodeToString(p.PubKey) }
