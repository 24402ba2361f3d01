package zonefile

import (
	"errors"
	"strings"
	"testing"

	"blockstack/names"
)

func TestMakeWithKey(t *testing.T) {
	n, err := names.Parse("alice.id")
	if err != nil {
		t.Fatal(err)
	}
	const key = "022c35fa5664f357898cdc4502a68e3a825a88e1a4ba0435fc761affdb5318b1eb"
	text, err := MakeWithKey(n, key, "https://a.example/profile.json", "https://b.example/profile.json")
	if err != nil {
		t.Fatal(err)
	}
	want := "$ORIGIN alice.id\n$TTL 3600\npubkey\tIN\tTXT\t\"pubkey:data:" + key + "\"\n" +
		"_http._tcp\tIN\tURI\t10\t1\t\"https://a.example/profile.json\"\n_http._tcp\tIN\tURI\t10\t1\t\"https://b.example/profile.json\"\n\n"
	if string(text) != want {
		t.Errorf("%q", text)
	}
	for _, bad := range []string{"", key[2:], strings.ToUpper(key), "05" + key[2:], "02" + strings.Repeat("f", 64), key + "\"\n"} {
		if _, err := MakeWithKey(n, bad, "https://a.example/"); !errors.Is(err, ErrBadKey) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}
