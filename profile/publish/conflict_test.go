package publish

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"blockstack/profile"
	"blockstack/storage/gaia"
	"blockstack/storage/gaia/gaiatest"
	"blockstack/storage/local"
	"blockstack/storage/webdav"
)

// fromAny is for publications that were made from whatever is there.
func fromAny(*profile.Token) bool { return true }

// madeFrom recognizes one token.
func madeFrom(t *profile.Token) func(*profile.Token) bool {
	return func(other *profile.Token) bool { return t.String() == other.String() }
}

// TestEditConflict has two machines edit one profile: the slower one is told, at each kind of
// place, and what the faster one wrote stays.
func TestEditConflict(t *testing.T) {
	ctx := context.Background()
	alice := keyFor(1)
	v := verifierFor(t, alice)
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			base := sign(t, alice, "Alice", start)
			faster := sign(t, alice, "Alice of machine 1", start.Add(time.Minute))
			slower := sign(t, alice, "Alice of machine 2", start.Add(2*time.Minute))
			if _, err := Publish(ctx, place, "profile.json", base, v, nil); err != nil {
				t.Fatal(err)
			}
			if _, err := Publish(ctx, place, "profile.json", faster, v, madeFrom(base)); err != nil {
				t.Fatal(err)
			}
			var conflict *EditConflict
			if _, err := Publish(ctx, place, "profile.json", slower, v, madeFrom(base)); !errors.As(err, &conflict) || conflict.Theirs.String() != faster.String() {
				t.Fatalf("the slower one is told %v", err)
			}
			if _, err := Publish(ctx, place, "profile.json", slower, v, nil); !errors.As(err, &conflict) {
				t.Fatalf("one who has read nothing is told %v", err)
			}
			there, err := read(ctx, place, "profile.json")
			if err != nil || string(there.Data) != string(faster.File()) {
				t.Errorf("what the faster one wrote is gone (%v)", err)
			}
			if p, err := Publish(ctx, place, "profile.json", slower, v, madeFrom(conflict.Theirs)); err != nil || !p.Replaced {
				t.Errorf("after reading what is there: %v", err)
			}
		})
	}
}

// places are one place of each kind, empty.
func places(t *testing.T) map[string]Place {
	t.Helper()
	dir := t.TempDir()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { // takes PUT and knows no conditions
		file := filepath.Join(dir, filepath.Base(r.URL.Path))
		if r.Method == http.MethodPut {
			body := make([]byte, r.ContentLength)
			for n := 0; n < len(body); {
				k, err := r.Body.Read(body[n:])
				if n += k; err != nil {
					break
				}
			}
			_ = os.WriteFile(file, body, 0o600)
			return
		}
		http.ServeFile(w, r, file)
	}))
	t.Cleanup(server.Close)
	web, err := webdav.Open(server.URL, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	hub := gaiatest.New()
	hub.Now = start
	serving := httptest.NewServer(hub)
	t.Cleanup(serving.Close)
	hub.URL = serving.URL
	bucket, err := gaia.Open(context.Background(), hub.URL, HubKey{keyFor(1)}, nil, func() time.Time { return start })
	if err != nil {
		t.Fatal(err)
	}
	return map[string]Place{"folder": local.Public(t.TempDir()), "web": web, "hub": bucket}
}

// TestPublishAnywhere publishes at each kind of place, and refuses to go back.
func TestPublishAnywhere(t *testing.T) {
	ctx := context.Background()
	s := keyFor(3)
	for name, place := range places(t) {
		t.Run(name, func(t *testing.T) {
			if _, err := Publish(ctx, place, "profile.json", sign(t, s, "Alice", start), verifierFor(t, s), fromAny); err != nil {
				t.Errorf("publish: %v", err)
			}
			if _, err := Publish(ctx, place, "profile.json", sign(t, s, "Older", start.Add(-time.Hour)), verifierFor(t, s), fromAny); !errors.Is(err, ErrNewer) {
				t.Errorf("publish an older one: %v", err)
			}
			for _, data := range []string{"1", "1", "2"} {
				if err := PutFile(ctx, place, "avatar-0", []byte(data)); err != nil {
					t.Errorf("put %s: %v", data, err)
				}
			}
			if f, err := read(ctx, place, "avatar-0"); err != nil || string(f.Data) != "2" {
				t.Errorf("%q, %v", f.Data, err)
			}
		})
	}
}

// TestFolderRace lets many write over the same version at the same moment: one does, and all others
// are told.
func TestFolderRace(t *testing.T) {
	ctx := context.Background()
	alice := keyFor(1)
	v := verifierFor(t, alice)
	dir := local.Public(t.TempDir())
	if !dir.Keeps(over("")) {
		t.Skip("folders have no locks here")
	}
	base := sign(t, alice, "Alice", start)
	if _, err := Publish(ctx, dir, "profile.json", base, v, nil); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	var lock sync.Mutex
	won := 0
	for i := range 8 {
		mine := sign(t, alice, string(rune('a'+i)), start.Add(time.Duration(i+1)*time.Second))
		wg.Go(func() {
			var conflict *EditConflict
			_, err := Publish(ctx, dir, "profile.json", mine, v, madeFrom(base))
			lock.Lock()
			defer lock.Unlock()
			switch {
			case err == nil:
				won++
			case !errors.As(err, &conflict):
				t.Errorf("neither written nor told of the other: %v", err)
			}
		})
	}
	wg.Wait()
	if won != 1 {
		t.Errorf("%d of 8 believe that theirs is there", won)
	}
}
