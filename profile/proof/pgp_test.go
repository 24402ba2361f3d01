package proof

import (
	"bytes"
	"compress/flate"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	"github.com/ProtonMail/go-crypto/openpgp/packet"

	"blockstack/profile"
)

// The files in testdata were made with GnuPG 2: a key that certifies with a subkey that signs.
const gpgFingerprint = "9A823CBD49760C2490D72289CEF2593527F36E7E"

const pgpMessage = "Verifying my Blockstack ID is secured with the address " + testOwner + "\n"

var pgpNow = time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC)

func readFile(t testing.TB, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// checkPGPAt checks an account whose key is the page.
func checkPGPAt(page string, a profile.Account, now time.Time) Result {
	c := &Checker{
		Clock: func() time.Time { return now },
		Get: func(_ context.Context, url string, _ []string) (*Page, error) {
			if page == "" {
				return nil, errors.New("down")
			}
			return &Page{URL: url, Body: []byte(page)}, nil
		},
	}
	return c.Check(context.Background(), Subject{Name: "alice.id", Owner: testOwner}, a)
}

// pgpAccount signs the message with a new key.
func pgpAccount(t *testing.T, message string, life uint32) (page string, a profile.Account, e *openpgp.Entity) {
	t.Helper()
	config := &packet.Config{Time: func() time.Time { return pgpNow.Add(-time.Hour) }, Algorithm: packet.PubKeyAlgoEdDSA, KeyLifetimeSecs: life}
	e, err := openpgp.NewEntity("Alice", "", "alice@example.com", config)
	if err != nil {
		t.Fatal(err)
	}
	var sig bytes.Buffer
	if err := openpgp.ArmoredDetachSign(&sig, e, strings.NewReader(message), config); err != nil {
		t.Fatal(err)
	}
	return armoredKey(t, e), profile.Account{Service: "pgp", Role: "key", Identifier: strings.ToUpper(hexOf(e.PrimaryKey.Fingerprint)),
		ContentURL: "https://alice.example/key.asc", ProofMessage: message, ProofSignature: sig.String()}, e
}

func hexOf(b []byte) string {
	const digits = "0123456789abcdef"
	var s strings.Builder
	for _, c := range b {
		s.WriteByte(digits[c>>4])
		s.WriteByte(digits[c&15])
	}
	return s.String()
}

// TestPGPOfGnuPG checks what another program signed, detached and in clear text.
func TestPGPOfGnuPG(t *testing.T) {
	page := readFile(t, "pgp_key.asc")
	detached := profile.Account{Service: "pgp", Identifier: gpgFingerprint, ContentURL: "https://alice.example/key.asc",
		ProofMessage: pgpMessage, ProofSignature: readFile(t, "pgp_detached.asc")}
	clear := detached
	clear.ProofMessage, clear.ProofSignature = readFile(t, "pgp_clear.asc"), ""
	for name, a := range map[string]profile.Account{"detached": detached, "clear": clear} {
		r := checkPGPAt(page, a, pgpNow)
		if r.State != True || r.By != "signature" || r.PageURL != a.ContentURL || r.PageSHA256 == "" {
			t.Errorf("%s: %+v", name, r)
		}
		grouped := a
		grouped.Identifier = "0x" + strings.ToLower(a.Identifier[:4]) + " " + a.Identifier[4:]
		if r := checkPGPAt(page, grouped, pgpNow); r.State != True {
			t.Errorf("%s with a grouped fingerprint: %s (%s)", name, r.State, r.Detail)
		}
		for i := range len(a.ProofMessage) {
			if a.ProofMessage[i] == '\n' {
				continue
			}
			b := a
			b.ProofMessage = flip(a.ProofMessage, i)
			if r := checkPGPAt(page, b, pgpNow); r.State == True && name == "detached" {
				t.Errorf("%s with letter %d of the message changed is true", name, i)
			} else if r.State == True && !sameClear(a.ProofMessage, b.ProofMessage) {
				t.Errorf("%s with letter %d changed is true: %s", name, i, b.ProofMessage)
			}
		}
	}
}

// sameClear reports whether two clear-signed messages say and sign the same: armor has parts that
// mean nothing.
func sameClear(a, b string) bool {
	x, signedX, rawX, errX := pgpStatement(profile.Account{ProofMessage: a})
	y, signedY, rawY, errY := pgpStatement(profile.Account{ProofMessage: b})
	return errX == nil && errY == nil && x == y && bytes.Equal(signedX, signedY) && len(rawX) == len(rawY)
}

// armoredKey writes the public half of a key.
func armoredKey(t *testing.T, e *openpgp.Entity) string {
	t.Helper()
	var key bytes.Buffer
	w, err := armor.Encode(&key, openpgp.PublicKeyType, nil)
	if err == nil {
		err = e.Serialize(w)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return key.String()
}

// TestPGPRevoked publishes the revocation of a key that signed before: a thief may have dated what
// he signs back.
func TestPGPRevoked(t *testing.T) {
	page, a, e := pgpAccount(t, pgpMessage, 0)
	if r := checkPGPAt(page, a, pgpNow); r.State != True {
		t.Fatalf("before: %s (%s)", r.State, r.Detail)
	}
	config := &packet.Config{Time: func() time.Time { return pgpNow.Add(-time.Minute) }}
	if err := e.RevokeKey(packet.KeyCompromised, "stolen", config); err != nil {
		t.Fatal(err)
	}
	if r := checkPGPAt(armoredKey(t, e), a, pgpNow); r.State != False || r.Detail != "the key was revoked" {
		t.Errorf("%s (%s)", r.State, r.Detail)
	}
}

// TestPGPStates tells good, bad and unknown.
func TestPGPStates(t *testing.T) {
	page, good, entity := pgpAccount(t, pgpMessage, 0)
	otherPage, other, _ := pgpAccount(t, pgpMessage, 0)
	shortPage, short, _ := pgpAccount(t, pgpMessage, 3600*24)
	notPage, not, _ := pgpAccount(t, "I am not verifying my Blockstack ID is secured with the address "+testOwner, 0)
	var secret bytes.Buffer
	w, err := armor.Encode(&secret, openpgp.PublicKeyType, nil)
	if err == nil {
		err = entity.SerializePrivateWithoutSigning(w, nil)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	change := func(f func(a *profile.Account)) profile.Account {
		a := good
		f(&a)
		return a
	}
	for _, c := range []struct {
		name, page string
		a          profile.Account
		now        time.Time
		want       State
	}{
		{"good", page, good, pgpNow, True},
		{"signature in the future", page, good, pgpNow.Add(-48 * time.Hour), False},
		{"another's key", otherPage, good, pgpNow, False},
		{"another's signature", page, change(func(a *profile.Account) { a.ProofSignature = other.ProofSignature }), pgpNow, False},
		{"another's fingerprint", page, change(func(a *profile.Account) { a.Identifier = other.Identifier }), pgpNow, False},
		{"both keys in one block", page + otherPage, good, pgpNow, False},
		{"key past its end", shortPage, short, pgpNow.Add(48 * time.Hour), False},
		{"key before its end", shortPage, short, pgpNow, True},
		{"negated", notPage, not, pgpNow, False},
		{"key unreachable", "", good, pgpNow, Unchecked},
		{"key is a web page", "<html>", good, pgpNow, False},
		{"key too large", page + strings.Repeat(" ", MaxPage), good, pgpNow, Unchecked},
		{"private key", secret.String(), good, pgpNow, False},
		{"no key named", page, change(func(a *profile.Account) { a.ContentURL = "" }), pgpNow, Unchecked},
		{"key by plain http", page, change(func(a *profile.Account) { a.ContentURL = "http://alice.example/key.asc" }), pgpNow, Unchecked},
		{"nothing signed", page, change(func(a *profile.Account) { a.ProofMessage, a.ProofSignature = "", "" }), pgpNow, Unchecked},
		{"no signature", page, change(func(a *profile.Account) { a.ProofSignature = "" }), pgpNow, False},
		{"short key id", page, change(func(a *profile.Account) { a.Identifier = a.Identifier[24:] }), pgpNow, False},
		{"long message", page, change(func(a *profile.Account) { a.ProofMessage += strings.Repeat(" ", 1<<16) }), pgpNow, False},
		{"text after the signature", page, change(func(a *profile.Account) { a.ProofSignature += "\n-----BEGIN PGP SIGNATURE-----\n" }), pgpNow, False},
		{"bomb for a signature", page, change(func(a *profile.Account) { a.ProofSignature = bomb(t, openpgp.SignatureType) }), pgpNow, False},
		{"bomb for a key", bomb(t, openpgp.PublicKeyType), good, pgpNow, False},
	} {
		if r := checkPGPAt(c.page, c.a, c.now); r.State != c.want || r.Detail == "" {
			t.Errorf("%s: %s (%s), want %s", c.name, r.State, r.Detail, c.want)
		}
	}
}

// bomb is a compressed packet that grows to many times its size.
func bomb(t *testing.T, kind string) string {
	t.Helper()
	var small bytes.Buffer
	w, err := flate.NewWriter(&small, flate.BestCompression)
	if err == nil {
		_, err = w.Write(make([]byte, 20<<20))
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	n := small.Len() + 1
	raw := append([]byte{0xc0 | 8, 0xff, byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n), 1}, small.Bytes()...)
	var text bytes.Buffer
	a, err := armor.Encode(&text, kind, nil)
	if err == nil {
		_, err = a.Write(raw)
	}
	if err == nil {
		err = a.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return text.String()
}

// FuzzPGP reads hostile keys and signatures: nothing panics, and nothing but the statement of this
// owner is ever true.
func FuzzPGP(f *testing.F) {
	f.Add(readFile(f, "pgp_key.asc"), pgpMessage, readFile(f, "pgp_detached.asc"))
	f.Add(readFile(f, "pgp_key.asc"), readFile(f, "pgp_clear.asc"), "")
	f.Fuzz(func(t *testing.T, page, message, signature string) {
		a := profile.Account{Service: "pgp", Identifier: gpgFingerprint, ContentURL: "https://alice.example/key.asc", ProofMessage: message, ProofSignature: signature}
		if r := checkPGPAt(page, a, pgpNow); r.State == True && !strings.Contains(message, testOwner) {
			t.Errorf("proven without the address: %+v", r)
		}
	})
}
