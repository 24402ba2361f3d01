package seen

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"blockstack/storage/local"
)

func TestCache(t *testing.T) {
	at := local.Cache(filepath.Join(t.TempDir(), "profiles"))
	c := &Cache{In: at}
	const url = "https://example.com/profile.json"
	if _, found := c.Get(t.Context(), url); found {
		t.Error("an empty cache has nothing")
	}
	when := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, text := range []string{"[1]", "[2]", "[2]"} {
		if err := c.Put(t.Context(), url, []byte(text), when); err != nil {
			t.Fatal(err)
		}
	}
	got, found := c.Get(t.Context(), url)
	if !found || string(got.Raw) != "[2]" || !got.FetchedAt.Equal(when) {
		t.Errorf("got %+v, %v", got, found)
	}
	if err := os.WriteFile(at.Path(hash([]byte("[2]"))+".json"), []byte("[3]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, found := c.Get(t.Context(), url); found {
		t.Error("changed bytes were given out")
	}
	if err := os.WriteFile(at.Path(hash([]byte(url))+".url"), []byte("../../x "+when.Format(time.RFC3339)+"\n"+url+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, found := c.Get(t.Context(), url); found {
		t.Error("a pointer out of the cache was followed")
	}
}
