package keyfile

import (
	"errors"
	"os"
	"testing"
)

func FuzzParseFile(f *testing.F) {
	good, err := os.ReadFile(madeFile(f))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add([]byte("{}"))
	f.Add(listedFile(f))
	f.Fuzz(func(t *testing.T, b []byte) {
		file, err := Parse(b)
		if err != nil {
			if !errors.Is(err, ErrMalformed) {
				t.Errorf("%v", err)
			}
			return
		}
		if file.Scripts != nil {
			if _, err := file.Scripts.Digest(file.ID); err != nil {
				t.Errorf("a list that was read has no digest: %v", err)
			}
		}
		for _, u := range file.Unlockers {
			if err := u.KDF.Cost().check(); err != nil {
				t.Errorf("accepted: %v", err)
			}
		}
	})
}

func FuzzRecords(f *testing.F) {
	f.Add(packRecords(make([]byte, 16)))
	f.Add([]byte{1, 0, 16})
	f.Fuzz(func(t *testing.T, b []byte) {
		entropy, err := unpackRecords(b)
		if err != nil {
			return
		}
		entropy.Use(func(e []byte) {
			again, err := unpackRecords(packRecords(e))
			if err != nil || !again.Equal(entropy) {
				t.Errorf("does not come back: %v", err)
			}
		})
	})
}
