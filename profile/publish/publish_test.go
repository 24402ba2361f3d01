package publish

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"blockstack/profile"
	"blockstack/storage"
	"blockstack/storage/local"
)

type signer struct{ key *btcec.PrivateKey }

func (s signer) PublicKey() *btcec.PublicKey { return s.key.PubKey() }

func (s signer) SignToken(_ context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	hash := sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)))
	return ecdsa.Sign(s.key, hash[:]), nil
}

func keyFor(seed byte) signer {
	key, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{seed}, 32))
	return signer{key}
}

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func verifierFor(t *testing.T, s signer) *profile.Verifier {
	t.Helper()
	owner, err := profile.OwnerKey(hexKey(s))
	if err != nil {
		t.Fatal(err)
	}
	return &profile.Verifier{Owner: owner, Clock: func() time.Time { return start.Add(time.Hour) }}
}

func hexKey(s signer) string {
	const digits = "0123456789abcdef"
	var out []byte
	for _, b := range s.PublicKey().SerializeCompressed() {
		out = append(out, digits[b>>4], digits[b&15])
	}
	return string(out)
}

func sign(t *testing.T, s signer, name string, at time.Time) *profile.Token {
	t.Helper()
	p := profile.New(profile.Person)
	if err := p.Set("name", name); err != nil {
		t.Fatal(err)
	}
	token, err := profile.SignIssue(context.Background(), p, s, profile.Issue{IssuedAt: at})
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestPublishToFolder(t *testing.T) {
	ctx := context.Background()
	alice := keyFor(1)
	v := verifierFor(t, alice)
	dir := filepath.Join(t.TempDir(), "www", "deep")
	first := sign(t, alice, "Alice", start)

	p, err := Publish(ctx, local.Public(dir), "alice/profile.json", first, v, fromAny)
	if err != nil {
		t.Fatal(err)
	}
	if p.Unchanged || p.Replaced || !p.Report.Valid {
		t.Errorf("first: %+v", p)
	}
	on, err := os.ReadFile(filepath.Join(dir, "alice", "profile.json"))
	if err != nil || !bytes.Equal(on, first.File()) || p.Size != len(on) {
		t.Fatalf("file on disk differs (%v)", err)
	}
	if p, err = Publish(ctx, local.Public(dir), "alice/profile.json", first, v, fromAny); err != nil || !p.Unchanged {
		t.Fatalf("again: %+v, %v", p, err)
	}
	second := sign(t, alice, "Alice B.", start.Add(time.Minute))
	if p, err = Publish(ctx, local.Public(dir), "alice/profile.json", second, v, fromAny); err != nil || !p.Replaced {
		t.Fatalf("update: %+v, %v", p, err)
	}
	if _, err = Publish(ctx, local.Public(dir), "alice/profile.json", first, v, fromAny); !errors.Is(err, ErrNewer) {
		t.Fatalf("old over new: error %v, want ErrNewer", err)
	}
	on, _ = os.ReadFile(filepath.Join(dir, "alice", "profile.json"))
	if !bytes.Equal(on, second.File()) {
		t.Error("a refused publication changed the file")
	}
	if left, _ := filepath.Glob(filepath.Join(dir, "alice", ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestPublishRefusesForeignToken(t *testing.T) {
	dir := t.TempDir()
	token := sign(t, keyFor(2), "Mallory", start)
	_, err := Publish(context.Background(), local.Public(dir), "profile.json", token, verifierFor(t, keyFor(1)), fromAny)
	var invalid *profile.InvalidError
	if !errors.As(err, &invalid) || invalid.Reason != profile.WrongSigner {
		t.Fatalf("error %v", err)
	}
	if _, err := os.Stat(filepath.Join(dir, "profile.json")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("something was written")
	}
}

func TestPublishReplacesWhatIsNotOurs(t *testing.T) {
	dir := t.TempDir()
	for name, content := range map[string][]byte{
		"garbage": []byte("<html>"),
		"foreign": sign(t, keyFor(2), "Mallory", start.Add(24*time.Hour)).File(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
		p, err := Publish(context.Background(), local.Public(dir), name, sign(t, keyFor(1), "Alice", start), verifierFor(t, keyFor(1)), fromAny)
		if err != nil || !p.Replaced {
			t.Errorf("%s: %+v, %v", name, p, err)
		}
	}
}

// lossy is a place that stores something else than what it is given.
type lossy struct {
	*local.Folder
	spoil func([]byte) []byte
}

func (l lossy) Put(ctx context.Context, name string, body io.ReaderAt, size int64, c storage.Condition) (storage.Version, error) {
	data, err := io.ReadAll(io.NewSectionReader(body, 0, size))
	if err != nil {
		return "", err
	}
	return storage.Write(ctx, l.Folder, name, l.spoil(data), c)
}

func TestPublishNoticesBadStorage(t *testing.T) {
	for name, spoil := range map[string]func([]byte) []byte{
		"cut off": func(b []byte) []byte { return b[:len(b)/2] },
		"changed": func(b []byte) []byte { return bytes.Replace(b, []byte("Alice"), []byte("Malus"), 1) },
	} {
		place := lossy{local.Public(t.TempDir()), spoil}
		_, err := Publish(context.Background(), place, "profile.json", sign(t, keyFor(1), "Alice", start), verifierFor(t, keyFor(1)), fromAny)
		if !errors.Is(err, ErrReadBack) {
			t.Errorf("%s: error %v, want ErrReadBack", name, err)
		}
	}
}

func TestPublishUnwritable(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(dir, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Publish(context.Background(), local.Public(dir), "profile.json", sign(t, keyFor(1), "Alice", start), verifierFor(t, keyFor(1)), fromAny); err == nil {
		t.Fatal("published into a file")
	}
}
