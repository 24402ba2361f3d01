package resolver

import (
	"net/http"
	"testing"
)

// TestFollowTo follows redirects to the hosts that are named, over https and to its port, and to no
// others.
func TestFollowTo(t *testing.T) {
	f := &Fetcher{FollowTo: []string{"gist.githubusercontent.com", "127.0.0.1"}}
	for to, follows := range map[string]bool{
		"https://gist.githubusercontent.com/alice/1/raw/x":      true,
		"https://GIST.githubusercontent.com/alice/1/raw/x":      true,
		"https://gist.github.com/alice/1/raw/x":                 true, // the same host
		"http://gist.githubusercontent.com/alice/1":             false,
		"https://gist.githubusercontent.com:8443/alice/1":       false,
		"https://user@gist.githubusercontent.com/alice/1":       false,
		"https://gist.githubusercontent.com.evil.example/alice": false,
		"https://evil.example/":                                 false,
		"https://127.0.0.1/":                                    false, // named, but not public
	} {
		from, err := http.NewRequest(http.MethodGet, "https://gist.github.com/alice/1/raw", nil)
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequest(http.MethodGet, to, nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := f.checkRedirect(req, []*http.Request{from}); (err == nil) != follows {
			t.Errorf("%s: %v, want followed %v", to, err, follows)
		}
	}
}
