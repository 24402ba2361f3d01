package seen

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestCache(t *testing.T) {
	c := &Cache{Dir: filepath.Join(t.TempDir(), "profiles")}
	const url = "https://example.com/profile.json"
	if _, found := c.Get(url); found {
		t.Error("an empty cache has nothing")
	}
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	for _, text := range []string{"[1]", "[2]", "[2]"} {
		if err := c.Put(url, []byte(text), at); err != nil {
			t.Fatal(err)
		}
	}
	got, found := c.Get(url)
	if !found || string(got.Raw) != "[2]" || !got.FetchedAt.Equal(at) {
		t.Errorf("got %+v, %v", got, found)
	}
	if err := os.WriteFile(c.path(hash([]byte("[2]")), ".json"), []byte("[3]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, found := c.Get(url); found {
		t.Error("changed bytes were given out")
	}
	if err := os.WriteFile(c.path(hash([]byte(url)), ".url"), []byte("../../x "+at.Format(time.RFC3339)+"\n"+url+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, found := c.Get(url); found {
		t.Error("a pointer out of the cache was followed")
	}
}
