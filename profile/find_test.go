package profile

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestFind(t *testing.T) {
	key := testKey(1)
	gone := errors.New("gone")
	old := issue(t, key, New(Person), now.Add(-2*time.Hour)).File()
	pages := map[string][]byte{
		"valid":   issue(t, key, New(Person), now).File(),
		"other":   issue(t, key, New(Organization), now).File(),
		"old":     old,
		"expired": issue(t, key, New(Person), now.AddDate(-2, 0, 0)).File(),
		"future":  issue(t, key, New(Person), now.AddDate(1, 0, 0)).File(),
		"foreign": issue(t, testKey(2), New(Person), now).File(),
		"html":    []byte("<html>"),
	}
	get := func(_ context.Context, url string) ([]byte, error) {
		if raw, found := pages[url]; found {
			return raw, nil
		}
		return nil, fmt.Errorf("%s: %w", url, gone)
	}
	v := &Verifier{Owner: ownerOf(t, key), Clock: func() time.Time { return now }}
	v.Seen = memory{v.SeenAs(): now.Add(-time.Hour)}
	for _, c := range []struct {
		urls  []string
		want  string
		tried int
		valid bool
	}{
		{[]string{"valid", "other"}, "valid", 1, true},
		{[]string{"lost", "html", "foreign", "expired", "old", "valid", "other"}, "valid", 6, true},
		{[]string{"expired", "future", "old", "html"}, "old", 4, true},
		{[]string{"html", "future", "expired", "lost"}, "expired", 4, false},
		{[]string{"foreign", "html", "future"}, "future", 3, false},
		{[]string{"foreign", "html"}, "foreign", 2, false},
		{[]string{"lost", "html", "foreign"}, "html", 3, false},
	} {
		found, err := v.Find(context.Background(), c.urls, get)
		if err != nil {
			t.Errorf("%v: %v", c.urls, err)
			continue
		}
		if found.URL != c.want || len(found.Tried) != c.tried || found.Report.Valid != c.valid || string(found.Raw) != string(pages[c.want]) {
			t.Errorf("%v: found %s after %d, %v", c.urls, found.URL, len(found.Tried), found.Report.Reason)
		}
	}
	for _, urls := range [][]string{nil, {"lost"}, {"lost", "lost too"}} {
		_, err := v.Find(context.Background(), urls, get)
		if !errors.Is(err, ErrNoProfile) || errors.Is(err, gone) != (len(urls) > 0) {
			t.Errorf("%v: %v", urls, err)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := v.Find(ctx, []string{"valid"}, get); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}
