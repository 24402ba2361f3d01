package seen

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"blockstack/storage/local"
)

// FuzzCache reads a cache that somebody has written to: nothing panics, and no bytes are given out
// but those that hash to their name.
func FuzzCache(f *testing.F) {
	const url = "https://alice.example/profile.json"
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	good := []byte("[]")
	f.Add([]byte(hash(good)+" "+at.Format(time.RFC3339Nano)+"\n"+url+"\n"), good)
	f.Add([]byte("../../../etc/passwd 2026-01-02T03:04:05Z\n"+url+"\n"), good)
	f.Add([]byte{}, []byte{})
	f.Fuzz(func(t *testing.T, pointer, file []byte) {
		dir := t.TempDir()
		c := &Cache{In: local.Cache(dir)}
		if err := os.WriteFile(filepath.Join(dir, hash([]byte(url))+".url"), pointer, 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, hash(good)+".json"), file, 0o600); err != nil {
			t.Fatal(err)
		}
		if got, ok := c.Get(t.Context(), url); ok && !bytes.Equal(got.Raw, good) {
			t.Errorf("%q gives %q", pointer, got.Raw)
		}
	})
}
