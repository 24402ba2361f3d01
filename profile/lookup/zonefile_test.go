package lookup

import (
	"errors"
	"slices"
	"testing"

	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/profile"
)

func TestZoneTexts(t *testing.T) {
	n := parse(t, "alice.id")
	good, err := zonefile.Make(n, "https://a.example/p.json", "http://b.example/p.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		text           string
		form           Form
		urls, problems int
		check          error
	}{
		{string(good), FormZoneFile, 2, 0, nil},
		{`{"v":"0.2","name":{"formatted":"Alice"},"bio":"x"}`, FormLegacy, 0, 0, zonefile.ErrJSON},
		{"\x00\x01", FormOther, 0, 1, zonefile.ErrNotZoneFile},
		{"", FormOther, 0, 1, zonefile.ErrNotZoneFile},
		{"$ORIGIN bob.id\n" + `_http._tcp URI 10 1 "https://a.example/p.json"` + "\n", FormZoneFile, 1, 0, zonefile.ErrOrigin},
	} {
		z := ReadZoneText([]byte(c.text))
		if z.Form != c.form || len(z.URLs) != c.urls || len(z.Problems) != c.problems || z.Hash != names.HashZoneFile([]byte(c.text)) {
			t.Errorf("%q: %+v", c.text, z)
		}
		if (z.ZoneFile != nil) != (c.form == FormZoneFile) || (z.Profile != nil) != (c.form == FormLegacy) {
			t.Errorf("%q: %+v", c.text, z)
		}
		if _, err := CheckZoneFile(n, []byte(c.text)); !errors.Is(err, c.check) {
			t.Errorf("check %q: %v, want %v", c.text, err, c.check)
		}
	}
	z, err := CheckZoneFile(n, good)
	if err != nil || !slices.Equal(z.Plain(), []string{"http://b.example/p.json"}) {
		t.Errorf("%+v, %v", z, err)
	}
}

func TestBadDataKey(t *testing.T) {
	n := parse(t, "alice.id")
	text := "$ORIGIN alice.id\n" + `_http._tcp URI 10 1 "https://a.example/p.json"` + "\n" + `pubkey TXT "pubkey:data:00"` + "\n"
	var bad *DataKeyError
	if z, err := CheckZoneFile(n, []byte(text)); !errors.As(err, &bad) || !errors.Is(err, profile.ErrBadOwner) {
		t.Errorf("%+v, %v", z, err)
	}
}
