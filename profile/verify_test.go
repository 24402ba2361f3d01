package profile

import (
	"bytes"
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2"
	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"blockstack/names"
)

func testKey(seed byte) *btcec.PrivateKey {
	key, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{seed}, 32))
	return key
}

// now is when the tests look at tokens.
var now = time.Date(2026, 5, 6, 7, 8, 9, 0, time.UTC)

func ownerOf(t testing.TB, key *btcec.PrivateKey) Owner {
	t.Helper()
	owner, err := OwnerKey(keyText(key.PubKey()))
	if err != nil {
		t.Fatal(err)
	}
	return owner
}

func issue(t testing.TB, key *btcec.PrivateKey, p *Profile, at time.Time) *Token {
	t.Helper()
	token, err := SignIssue(context.Background(), p, lowSigner{key}, Issue{IssuedAt: at})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func judge(t testing.TB, v *Verifier, token *Token) *Report {
	t.Helper()
	if v.Clock == nil {
		v.Clock = func() time.Time { return now }
	}
	r, err := v.Verify(context.Background(), token)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestSignWritesTheOldForm(t *testing.T) {
	key := testKey(1)
	p := New(Person)
	if err := p.Set("name", "Žofie\u2028<&>"); err != nil {
		t.Fatal(err)
	}
	token := issue(t, key, p, time.Date(2024, 2, 29, 12, 0, 0, 5e6, time.FixedZone("", 3600)))
	header, payload, _ := token.parts()
	if string(header) != `{"typ":"JWT","alg":"ES256K"}` {
		t.Errorf("header %s", header)
	}
	want := fmt.Sprintf(`{"jti":%q,"iat":"2024-02-29T11:00:00.005Z","exp":"2025-03-01T11:00:00.005Z",`+
		`"subject":{"publicKey":"%[2]s"},"issuer":{"publicKey":"%[2]s"},`+
		`"claim":{"@context":"http://schema.org/","@type":"Person","name":"Žofie`+"\u2028"+`<&>"}}`, token.ID(), keyText(key.PubKey()))
	if string(payload) != want {
		t.Errorf("payload\nhave %s\nwant %s", payload, want)
	}
	if other := issue(t, key, p, now); other.ID() == token.ID() || len(token.ID()) != 36 || token.ID()[14] != '4' {
		t.Errorf("ids %s and %s", token.ID(), other.ID())
	}
	f, err := ParseTokenFile(token.File())
	if err != nil {
		t.Fatal(err)
	}
	if f.Token.String() != token.String() || !f.Token.Unverified().Equal(p) || f.Extra != 0 {
		t.Error("the file does not read back")
	}
	var plain []struct {
		DecodedToken struct {
			Payload json.RawMessage
		}
	}
	if err := json.Unmarshal(token.File(), &plain); err != nil || !bytes.Equal(compact(plain[0].DecodedToken.Payload), payload) {
		t.Errorf("decoded copy: %v", err)
	}
}

// wrongSigner gives signatures by another key than it shows.
type wrongSigner struct{ shows, uses *btcec.PrivateKey }

func (s wrongSigner) PublicKey() *btcec.PublicKey { return s.shows.PubKey() }
func (s wrongSigner) SignToken(ctx context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	return lowSigner{s.uses}.SignToken(ctx, header, payload)
}

func TestSignChecksTheSigner(t *testing.T) {
	if token, err := Sign(context.Background(), New(Person), wrongSigner{testKey(1), testKey(2)}); !errors.Is(err, ErrSigner) {
		t.Errorf("token %v, error %v", token, err)
	}
}

func TestVerifyOwners(t *testing.T) {
	key, other := testKey(1), testKey(2)
	compressed, uncompressed := keyHashes(key.PubKey())
	token := issue(t, key, New(Person), now)
	record := func(script []byte, status names.Status) names.Record {
		n, _ := names.Parse("alice.id")
		return names.Record{Name: n, Status: status, Owner: script, OwnerAddress: "mOwner", Height: 9}
	}
	p2pkh := func(h [20]byte) []byte {
		return append(append([]byte{0x76, 0xa9, 20}, h[:]...), 0x88, 0xac)
	}
	p2sh := append(append([]byte{0xa9, 20}, compressed[:]...), 0x87)
	dataKey := dataKeyPrefix + keyText(key.PubKey())
	cases := map[string]struct {
		owner  func() (Owner, error)
		reason Reason
		warns  []Warning
	}{
		"compressed address":   {func() (Owner, error) { return OwnerAddress(base58.CheckEncode(compressed[:], 0), MainnetVersions()) }, OK, nil},
		"uncompressed address": {func() (Owner, error) { return OwnerAddress(base58.CheckEncode(uncompressed[:], 0), MainnetVersions()) }, OK, nil},
		"regtest address": {func() (Owner, error) {
			return OwnerAddress(base58.CheckEncode(compressed[:], 111), AddressVersions{111, 196})
		}, OK, nil},
		"script-hash address":   {func() (Owner, error) { return OwnerAddress(base58.CheckEncode(compressed[:], 5), MainnetVersions()) }, WrongSigner, nil},
		"compressed key":        {func() (Owner, error) { return OwnerKey(keyText(key.PubKey())) }, OK, nil},
		"uncompressed key":      {func() (Owner, error) { return OwnerKey(hex.EncodeToString(key.PubKey().SerializeUncompressed())) }, OK, nil},
		"other key":             {func() (Owner, error) { return OwnerKey(keyText(other.PubKey())) }, WrongSigner, nil},
		"nobody":                {func() (Owner, error) { return Owner{}, nil }, WrongSigner, nil},
		"record":                {func() (Owner, error) { return OwnerRecord(record(p2pkh(compressed), names.Registered)) }, OK, nil},
		"record, uncompressed":  {func() (Owner, error) { return OwnerRecord(record(p2pkh(uncompressed), names.Registered)) }, OK, nil},
		"record in grace":       {func() (Owner, error) { return OwnerRecord(record(p2pkh(compressed), names.Grace)) }, OK, []Warning{WarnNameInGrace}},
		"record expired":        {func() (Owner, error) { return OwnerRecord(record(p2pkh(compressed), names.Expired)) }, Expired, nil},
		"record revoked":        {func() (Owner, error) { return OwnerRecord(record(p2pkh(compressed), names.Revoked)) }, Revoked, nil},
		"record of a free name": {func() (Owner, error) { return OwnerRecord(record(p2pkh(compressed), names.Available)) }, WrongSigner, nil},
		"record of another":     {func() (Owner, error) { return OwnerRecord(record(p2pkh([20]byte{1}), names.Registered)) }, WrongSigner, nil},
		"script-hash record":    {func() (Owner, error) { return OwnerRecord(record(p2sh, names.Registered)) }, WrongSigner, nil},
		"script hash, data key": {func() (Owner, error) { return OwnerRecord(record(p2sh, names.Registered), dataKey) }, OK, nil},
		"data key before owner": {func() (Owner, error) {
			return OwnerRecord(record(p2pkh(compressed), names.Registered), dataKeyPrefix+keyText(other.PubKey()))
		}, WrongSigner, nil},
		"data key beside record": {func() (Owner, error) { return OwnerRecord(record(p2pkh([20]byte{1}), names.Registered), dataKey) }, OK, nil},
	}
	for name, c := range cases {
		owner, err := c.owner()
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		r := judge(t, &Verifier{Owner: owner}, token)
		if r.Reason != c.reason || r.Valid != (c.reason == OK) || fmt.Sprint(r.Warnings) != fmt.Sprint(append([]Warning{}, c.warns...)) {
			t.Errorf("%s: %s %v (%v)", name, r.Reason, r.Warnings, r.Err())
		}
		if _, err := r.Profile(); (err == nil) != r.Valid || err != nil && !errors.Is(err, ErrNotVerified) {
			t.Errorf("%s: Profile gives %v", name, err)
		}
	}
	bad := map[string]func() (Owner, error){
		"garbage": func() (Owner, error) { return OwnerAddress("alice", MainnetVersions()) },
		"bech32": func() (Owner, error) {
			return OwnerAddress("bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4", MainnetVersions())
		},
		"not a key":      func() (Owner, error) { return OwnerKey("02") },
		"two data keys":  func() (Owner, error) { return OwnerRecord(record(p2sh, names.Registered), dataKey, dataKey) },
		"bad data key":   func() (Owner, error) { return OwnerRecord(record(p2sh, names.Registered), dataKeyPrefix+"00") },
		"other data key": func() (Owner, error) { return OwnerRecord(record(p2sh, names.Registered), "pubkey:x") },
		"segwit record": func() (Owner, error) {
			return OwnerRecord(record(append([]byte{0, 20}, compressed[:]...), names.Registered))
		},
		"no script at all": func() (Owner, error) { return OwnerRecord(record(nil, names.Registered)) },
		"19-byte address":  func() (Owner, error) { return OwnerAddress(base58.CheckEncode(compressed[:19], 0), MainnetVersions()) },
		"address, ID- left": func() (Owner, error) {
			return OwnerAddress("ID-"+base58.CheckEncode(compressed[:], 0), MainnetVersions())
		},
	}
	for name, make := range bad {
		if owner, err := make(); !errors.Is(err, ErrBadOwner) {
			t.Errorf("%s: %+v, %v", name, owner, err)
		}
	}
	_, err := OwnerAddress(base58.CheckEncode(compressed[:], 111), MainnetVersions())
	if !errors.Is(err, ErrOtherNetwork) || !errors.Is(err, ErrBadOwner) {
		t.Errorf("address of another network: %v", err)
	}
	if addr := base58.CheckEncode(address.Hash160(key.PubKey().SerializeCompressed()), 0); TrimID("ID-"+addr) != addr || TrimID(addr) != addr {
		t.Error("TrimID")
	}
}

func TestVerifyTimes(t *testing.T) {
	key := testKey(1)
	for name, c := range map[string]struct {
		issued, expires time.Time
		want            Reason
	}{
		"now":                {now, time.Time{}, OK},
		"ten minutes ahead":  {now.Add(ClockSkew), time.Time{}, OK},
		"a bit more ahead":   {now.Add(ClockSkew + time.Millisecond), time.Time{}, NotYetValid},
		"expires now":        {now.Add(-time.Hour), now, Expired},
		"expires next":       {now.Add(-time.Hour), now.Add(time.Millisecond), OK},
		"long past":          {now.AddDate(-5, 0, 0), now.AddDate(-4, 0, 0), Expired},
		"ends as it begins":  {now, now, Expired},
		"begins before 1970": {time.Date(1960, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(1961, 1, 1, 0, 0, 0, 0, time.UTC), Expired},
		"the year one":       {time.Date(1, 1, 1, 0, 0, 0, 1e6, time.UTC), time.Date(1, 1, 1, 0, 0, 0, 2e6, time.UTC), Expired},
	} {
		token, err := SignIssue(context.Background(), New(Person), lowSigner{key}, Issue{IssuedAt: c.issued, ExpiresAt: c.expires})
		if err != nil {
			t.Fatal(err)
		}
		r := judge(t, &Verifier{Owner: ownerOf(t, key)}, token)
		if r.Reason != c.want {
			t.Errorf("%s: %s, want %s", name, r.Reason, c.want)
		}
		if _, err := r.Readable(); (err == nil) != (c.want == OK || c.want == Expired) {
			t.Errorf("%s: Readable gives %v", name, err)
		}
		if _, err := r.Profile(); (err == nil) != (c.want == OK) {
			t.Errorf("%s: Profile gives %v", name, err)
		}
	}
}

// TestVerifyNotBefore: a token that says when it begins to count (nbf) does not count before, in
// whichever form it says so.
func TestVerifyNotBefore(t *testing.T) {
	key := testKey(1)
	for text, want := range map[string]Reason{
		`4070908800`: NotYetValid, `"2090-01-01T00:00:00.000Z"`: NotYetValid, fmt.Sprint(now.Add(-time.Hour).Unix()): OK, `0`: OK,
		quoteText(now.Add(ClockSkew).Format(time.RFC3339Nano)):                    OK,
		quoteText(now.Add(ClockSkew + time.Millisecond).Format(time.RFC3339Nano)): NotYetValid,
		`"soon"`: Malformed, `null`: Malformed, `[4070908800]`: Malformed, `-1`: Malformed,
	} {
		for _, name := range []string{"nbf", "notBefore"} {
			payload := fmt.Sprintf(`{"jti":"x","iat":%q,"exp":"2100-01-01T00:00:00.000Z",%q:%s,"subject":{"publicKey":%[4]q},"issuer":{"publicKey":%[4]q},"claim":{"@type":"Person"}}`,
				now.Add(-time.Minute).Format(isoMillis), name, text, keyText(key.PubKey()))
			compact, err := SignPayload(context.Background(), []byte(payload), lowSigner{key})
			if err != nil {
				t.Fatal(err)
			}
			v := &Verifier{Owner: ownerOf(t, key), Clock: func() time.Time { return now }}
			r, err := v.VerifyBytes(context.Background(), []byte(`[{"token":"`+compact+`"}]`))
			if err != nil || r.Reason != want {
				t.Errorf("%s %s: %v %v, want %s", name, text, r.Reason, err, want)
			}
			if _, err := r.Profile(); (err == nil) != (want == OK) {
				t.Errorf("%s %s: Profile gives %v", name, text, err)
			}
			if want != Malformed {
				if at, said := r.Token().NotBefore(); !said || r.NotBefore == nil || !r.NotBefore.Equal(at) {
					t.Errorf("%s %s: it is not said", name, text)
				}
			}
		}
	}
}

// quoteText is a JSON text.
func quoteText(s string) string { return string(quoteJSON(s)) }

// memory is the newest profile of each owner.
type memory map[string]time.Time

func (m memory) Newest(_ context.Context, owner string) (time.Time, bool, error) {
	at, found := m[owner]
	return at, found, nil
}

func TestVerifyRollback(t *testing.T) {
	key := testKey(1)
	v := &Verifier{Owner: ownerOf(t, key), Seen: memory{}}
	token := issue(t, key, New(Person), now.Add(-time.Hour))
	if r := judge(t, v, token); r.Has(WarnRollback) {
		t.Error("rollback without anything seen before")
	}
	v.Seen = memory{v.SeenAs(): now.Add(-time.Hour)}
	if r := judge(t, v, token); r.Has(WarnRollback) {
		t.Error("the same profile is no rollback")
	}
	v.Seen = memory{v.SeenAs(): now.Add(-time.Minute)}
	if r := judge(t, v, token); !r.Valid || !r.Has(WarnRollback) {
		t.Errorf("%+v", r)
	}
	// A token by somebody else says nothing about freshness.
	if r := judge(t, v, issue(t, testKey(2), New(Person), now.Add(-time.Hour))); r.Has(WarnRollback) {
		t.Error("rollback by a stranger")
	}
}

type devices map[string]string

func (d devices) Device(_ context.Context, key *btcec.PublicKey) (string, bool, error) {
	if d == nil {
		return "", false, errors.New("key file cannot be read")
	}
	device, found := d[keyText(key)]
	return device, found, nil
}

func TestVerifyDelegatedKeys(t *testing.T) {
	owner, laptop := testKey(1), testKey(2)
	v := &Verifier{Owner: ownerOf(t, owner), Keys: devices{keyText(laptop.PubKey()): "laptop"}}
	if r := judge(t, v, issue(t, laptop, New(Person), now)); !r.Valid || r.Device != "laptop" {
		t.Errorf("delegated: %+v", r)
	}
	if r := judge(t, v, issue(t, owner, New(Person), now)); !r.Valid || r.Device != "" {
		t.Errorf("owner: %+v", r)
	}
	if r := judge(t, v, issue(t, testKey(3), New(Person), now)); r.Reason != WrongSigner {
		t.Errorf("stranger: %+v", r)
	}
	v.Keys = devices(nil)
	if r, err := v.Verify(context.Background(), issue(t, laptop, New(Person), now)); err == nil {
		t.Errorf("what could not be judged was judged: %+v", r)
	}
}

// Flipping any single bit of a token makes it invalid.
func TestVerifyEveryBit(t *testing.T) {
	key := testKey(1)
	raw := []byte(issue(t, key, New(Person), now).String())
	v := &Verifier{Owner: ownerOf(t, key), Clock: func() time.Time { return now }}
	step := 1
	if testing.Short() {
		step = 17
	}
	for bit := 0; bit < 8*len(raw); bit += step {
		raw[bit/8] ^= 1 << (bit % 8)
		if token, err := ParseToken(raw); err == nil {
			if r := judge(t, v, token); r.Valid {
				t.Errorf("bit %d flipped: still valid", bit)
			}
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
}

func TestMalformedReport(t *testing.T) {
	v := &Verifier{Owner: ownerOf(t, testKey(1))}
	r, err := v.VerifyBytes(context.Background(), []byte("<html>"))
	if err != nil {
		t.Fatal(err)
	}
	if r.Valid || r.Reason != Malformed || !errors.Is(r.Err(), ErrMalformed) || r.Token() != nil {
		t.Errorf("%+v", r)
	}
	for _, get := range []func() (*Profile, error){r.Profile, r.Readable} {
		if _, err := get(); !errors.Is(err, ErrNotVerified) {
			t.Errorf("error %v", err)
		}
	}
	b, err := json.Marshal(r)
	if err != nil || !bytes.Contains(b, []byte(`"warnings":[]`)) || !bytes.Contains(b, []byte(`"reason":"malformed"`)) {
		t.Errorf("%s, %v", b, err)
	}
}

func FuzzParseToken(f *testing.F) {
	f.Add([]byte(issue(f, testKey(1), New(Person), now).String()))
	f.Add([]byte("a.b.c"))
	f.Add([]byte("eyJhbGciOiJFUzI1NksifQ.e30."))
	v := &Verifier{Owner: ownerOf(f, testKey(1)), Clock: func() time.Time { return now }}
	f.Fuzz(func(t *testing.T, raw []byte) {
		token, err := ParseToken(raw)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("error %v does not wrap ErrMalformed", err)
			}
			return
		}
		if token.String() != string(raw) {
			t.Fatal("a token is not its own bytes")
		}
		if _, err := v.Verify(context.Background(), token); err != nil {
			t.Fatal(err)
		}
		again, err := ParseTokenFile(token.File())
		if err != nil || again.Token.String() != string(raw) {
			t.Fatalf("its file does not read back: %v", err)
		}
	})
}

func FuzzParseTokenFile(f *testing.F) {
	token := issue(f, testKey(1), New(Person), now)
	f.Add(token.File())
	f.Add([]byte(`[{"token":"` + token.String() + `"},{}]`))
	f.Add([]byte(`[{"token":null}]`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		file, err := ParseTokenFile(raw)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Fatalf("error %v does not wrap ErrMalformed", err)
			}
			return
		}
		if !json.Valid(raw) || file.Token == nil {
			t.Fatal("accepted what is no JSON")
		}
	})
}
