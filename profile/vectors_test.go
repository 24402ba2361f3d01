package profile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"blockstack/testdata"
)

// readVectors reads a file of the identity vectors.
func readVectors(t *testing.T, name string, into any) {
	t.Helper()
	if err := json.Unmarshal(testdata.Vectors(t, "identity/"+name+".json"), into); err != nil {
		t.Fatal(err)
	}
}

func clockAt(t testing.TB, text string) func() time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339Nano, text)
	if err != nil {
		t.Fatal(err)
	}
	return func() time.Time { return at }
}

// strictOf says a report in the words of the vectors' strict column.
func strictOf(r *Report) string {
	switch r.Reason {
	case OK:
		if len(r.Warnings) > 0 {
			return "warn"
		}
		return "accept"
	case Expired:
		return "expired"
	case NotYetValid:
		return "not-yet-valid"
	}
	return "reject"
}

// verifierOf reads the vectors' verifier: an address or a public key.
func verifierOf(text string) (Owner, error) {
	owner, err := OwnerAddress(text, MainnetVersions())
	if err != nil {
		if owner, keyErr := OwnerKey(text); keyErr == nil {
			return owner, nil
		}
	}
	return owner, err
}

func TestVectorsProfileTokens(t *testing.T) {
	var file struct {
		Clock   string
		Vectors []struct {
			ID, Verifier, Strict, Reason string
			Token, Claim                 json.RawMessage
		}
	}
	readVectors(t, "profile-tokens", &file)
	testdata.Cases(t, "identity/profile-tokens.json", len(file.Vectors))
	for _, c := range file.Vectors {
		t.Run(c.ID, func(t *testing.T) {
			compactForm := []byte(c.Token)
			if s, isText := text(c.Token); isText {
				compactForm = []byte(s)
			}
			got, claim := "reject", json.RawMessage(nil)
			owner, ownerErr := verifierOf(c.Verifier)
			if ownerErr != nil && !errors.Is(ownerErr, ErrBadOwner) {
				t.Fatalf("owner error %v does not wrap ErrBadOwner", ownerErr)
			}
			token, err := ParseToken(compactForm)
			switch {
			case err != nil && !errors.Is(err, ErrMalformed):
				t.Fatalf("error %v does not wrap ErrMalformed", err)
			case err == nil && ownerErr == nil:
				v := &Verifier{Owner: owner, Clock: clockAt(t, file.Clock)}
				report, err := v.Verify(context.Background(), token)
				if err != nil {
					t.Fatal(err)
				}
				got = strictOf(report)
				if p, err := report.Readable(); err == nil {
					claim, _ = p.MarshalJSON()
				} else if got != "reject" && got != "not-yet-valid" {
					t.Fatalf("verdict %s but not readable: %v", got, err)
				}
				if _, err := report.Profile(); (err == nil) != (got == "accept" || got == "warn") {
					t.Fatalf("verdict %s, Profile gives error %v", got, err)
				}
			}
			if got != c.Strict {
				t.Fatalf("verdict %s, want %s (%s); parse: %v, owner: %v", got, c.Strict, c.Reason, err, ownerErr)
			}
			if c.Claim != nil {
				equalJSON(t, claim, c.Claim)
			}
		})
	}
}

func TestVectorsTokenFiles(t *testing.T) {
	var file struct {
		Clock   string
		Vectors []struct {
			ID, Body, OwnerAddress, Strict, Reason string
			Reference                              map[string]struct {
				OK      bool
				Profile json.RawMessage
			}
		}
	}
	readVectors(t, "token-files", &file)
	testdata.Cases(t, "identity/token-files.json", len(file.Vectors))
	for _, c := range file.Vectors {
		t.Run(c.ID, func(t *testing.T) {
			owner, err := OwnerAddress(c.OwnerAddress, MainnetVersions())
			if err != nil {
				t.Fatal(err)
			}
			v := &Verifier{Owner: owner, Clock: clockAt(t, file.Clock)}
			report, err := v.VerifyBytes(context.Background(), []byte(c.Body))
			if err != nil {
				t.Fatal(err)
			}
			got := strictOf(report)
			if got == "warn" && len(report.Warnings) == 1 && report.Has(WarnExtraRecords) {
				got = "accept" // further records are noted, and do not count
			}
			if got != c.Strict {
				t.Fatalf("verdict %s (%v), want %s: %s", got, report.Err(), c.Strict, c.Reason)
			}
			if c.Strict != "accept" {
				return
			}
			p, err := report.Profile()
			if err != nil {
				t.Fatal(err)
			}
			claim, _ := p.MarshalJSON()
			equalJSON(t, claim, c.Reference["19.3.0"].Profile)
		})
	}
}

// exactSigner is the reference signer: RFC 6979 without making S low.
type exactSigner struct{ key *btcec.PrivateKey }

func keyOf(t testing.TB, hexKey string) *btcec.PrivateKey {
	t.Helper()
	b, err := hex.DecodeString(hexKey)
	if err != nil {
		t.Fatal(err)
	}
	key, _ := btcec.PrivKeyFromBytes(b[:32])
	return key
}

func (s exactSigner) PublicKey() *btcec.PublicKey { return s.key.PubKey() }

func (s exactSigner) SignHash(_ context.Context, hash [32]byte) (*ecdsa.Signature, error) {
	for i := uint32(0); ; i++ {
		k := btcec.NonceRFC6979(s.key.Serialize(), hash[:], nil, nil, i)
		var point btcec.JacobianPoint
		btcec.ScalarBaseMultNonConst(k, &point)
		point.ToAffine()
		var r, e btcec.ModNScalar
		r.SetBytes(point.X.Bytes())
		e.SetByteSlice(hash[:])
		if r.IsZero() {
			continue
		}
		sv := new(btcec.ModNScalar).Mul2(&s.key.Key, &r).Add(&e).Mul(k.InverseNonConst())
		if sv.IsZero() {
			continue
		}
		return ecdsa.NewSignature(&r, sv), nil
	}
}

// lowSigner signs as the wallet does.
type lowSigner struct{ key *btcec.PrivateKey }

func (s lowSigner) PublicKey() *btcec.PublicKey { return s.key.PubKey() }

func (s lowSigner) SignHash(_ context.Context, hash [32]byte) (*ecdsa.Signature, error) {
	return ecdsa.Sign(s.key, hash[:]), nil
}

func (s exactSigner) SignToken(ctx context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	return s.SignHash(ctx, tokenHash(header, payload))
}

func (s exactSigner) SignContent(ctx context.Context, content []byte) (*ecdsa.Signature, error) {
	return s.SignHash(ctx, sha256.Sum256(content))
}

func (s lowSigner) SignToken(ctx context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	return s.SignHash(ctx, tokenHash(header, payload))
}

func (s lowSigner) SignContent(ctx context.Context, content []byte) (*ecdsa.Signature, error) {
	return s.SignHash(ctx, sha256.Sum256(content))
}

// tokenHash is what a token's signature signs.
func tokenHash(header, payload []byte) [32]byte {
	return sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)))
}

func TestVectorsJWTSigning(t *testing.T) {
	var file struct {
		Vectors []struct {
			ID, PrivateKey, PayloadJSON, HeaderJSON, Token string
			HighS                                          bool
		}
	}
	readVectors(t, "jwt-signing", &file)
	testdata.Cases(t, "identity/jwt-signing.json", len(file.Vectors))
	ctx := context.Background()
	for _, c := range file.Vectors {
		t.Run(c.ID, func(t *testing.T) {
			key := keyOf(t, c.PrivateKey)
			token, err := signParts(ctx, []byte(c.HeaderJSON), []byte(c.PayloadJSON), exactSigner{key}, true)
			if err != nil {
				t.Fatal(err)
			}
			if token.String() != c.Token {
				t.Errorf("token differs:\nhave %s\nwant %s", token, c.Token)
			}
			if got := isHighS(token); got != c.HighS {
				t.Errorf("high S %v, want %v", got, c.HighS)
			}
			// The same through the public door: the payload is made again from its parts.
			reference, err := ParseToken([]byte(c.Token))
			if err != nil {
				t.Fatal(err)
			}
			issued, _ := reference.IssuedAt()
			expires, _ := reference.ExpiresAt()
			again, err := SignIssue(ctx, reference.Unverified(), exactSigner{key},
				Issue{ID: reference.ID(), IssuedAt: issued, ExpiresAt: expires, KeepS: true})
			if err != nil {
				t.Fatal(err)
			}
			if again.String() != c.Token {
				t.Errorf("rebuilt token differs:\nhave %s\nwant %s", again, c.Token)
			}
			// By default S is low, whatever the signer gives.
			for _, s := range []Signer{exactSigner{key}, lowSigner{key}} {
				low, err := signParts(ctx, []byte(c.HeaderJSON), []byte(c.PayloadJSON), s, false)
				if err != nil {
					t.Fatal(err)
				}
				if isHighS(low) || (low.String() == c.Token) == c.HighS {
					t.Errorf("%T: S is not low, or the low form differs needlessly", s)
				}
			}
		})
	}
}

func isHighS(t *Token) bool {
	var s btcec.ModNScalar
	s.SetByteSlice(t.signature[32:])
	return s.IsOverHalfOrder()
}

func TestVectorsPersonFields(t *testing.T) {
	var file struct {
		Vectors []struct {
			Profile                                                      *Profile
			Name, GivenName, FamilyName, Description, AvatarURL, Address *string
		}
	}
	readVectors(t, "person-fields", &file)
	testdata.Cases(t, "identity/person-fields.json", len(file.Vectors))
	for i, c := range file.Vectors {
		want := Display{c.Name, c.GivenName, c.FamilyName, c.Description, c.AvatarURL, c.Address}
		have, _ := json.Marshal(c.Profile.Display())
		wanted, _ := json.Marshal(want)
		if !bytes.Equal(have, wanted) {
			t.Errorf("case %d: have %s, want %s", i, have, wanted)
		}
	}
}

func TestVectorsLegacyProfiles(t *testing.T) {
	var file struct {
		Vectors []struct {
			ID        string
			Legacy    *Profile
			Converted json.RawMessage
		}
	}
	readVectors(t, "legacy-profiles", &file)
	testdata.Cases(t, "identity/legacy-profiles.json", len(file.Vectors))
	for _, c := range file.Vectors {
		have, _ := FromLegacy(c.Legacy).MarshalJSON()
		if want := compact(c.Converted); !bytes.Equal(have, want) {
			t.Errorf("%s:\nhave %s\nwant %s", c.ID, have, want)
		}
	}
}

func TestVectorsProfileLocations(t *testing.T) {
	var file struct {
		Vectors []struct {
			OwnerIndex uint32
			TryInOrder []string
		}
	}
	readVectors(t, "profile-locations", &file)
	testdata.Cases(t, "identity/profile-locations.json", len(file.Vectors))
	for _, c := range file.Vectors {
		have := Locations("{prefix}", "{owner}", "{first}", c.OwnerIndex)
		if len(have) != len(c.TryInOrder) {
			t.Fatalf("index %d: have %v, want %v", c.OwnerIndex, have, c.TryInOrder)
		}
		for i := range have {
			if have[i] != c.TryInOrder[i] {
				t.Errorf("index %d: have %v, want %v", c.OwnerIndex, have, c.TryInOrder)
			}
		}
	}
}

func equalJSON(t *testing.T, have, want json.RawMessage) {
	t.Helper()
	var h, w any
	if err := json.Unmarshal(have, &h); err != nil {
		t.Fatalf("%v in %s", err, have)
	}
	if err := json.Unmarshal(want, &w); err != nil {
		t.Fatal(err)
	}
	hb, _ := json.Marshal(h)
	wb, _ := json.Marshal(w)
	if !bytes.Equal(hb, wb) {
		t.Errorf("have %s\nwant %s", hb, wb)
	}
}
