package zonefile

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"blockstack/names"
	"blockstack/testdata"
)

func readVectors[T any](t *testing.T, file string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(testdata.Vectors(t, file), &v); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return v
}

// TestVectorsMainnet reads every zone file of the public registry: its hash must match, and there
// must be an answer.
func TestVectorsMainnet(t *testing.T) {
	const file = "zonefiles/mainnet_names.json"
	v := readVectors[struct {
		Cases []struct {
			Hash, ZoneFile string
		}
	}](t, file)
	addresses, refused := 0, 0
	for _, c := range v.Cases {
		if got := names.HashZoneFile([]byte(c.ZoneFile)).String(); got != c.Hash {
			t.Errorf("hash %s, want %s", got, c.Hash)
		}
		z, err := Parse([]byte(c.ZoneFile))
		if err != nil {
			t.Errorf("%s: %v\n%s", c.Hash, err, c.ZoneFile)
			continue
		}
		if string(z.Bytes()) != c.ZoneFile || z.Hash().String() != c.Hash {
			t.Errorf("%s: the bytes changed", c.Hash)
		}
		urls, err := z.URLs()
		switch {
		case err == nil:
			addresses++
			for _, u := range urls {
				if !strings.Contains(c.ZoneFile, `"`+strings.TrimPrefix(u, "https://")+`"`) && !strings.Contains(c.ZoneFile, `"`+u+`"`) {
					t.Errorf("%s: address %s is not in the text", c.Hash, u)
				}
			}
		case errors.Is(err, ErrNoURL), errors.Is(err, ErrOrigin):
			refused++
		default:
			t.Errorf("%s: %v", c.Hash, err)
		}
		compareWithDNS(t, c.Hash, z)
	}
	t.Logf("%d with addresses, %d without", addresses, refused)
	testdata.Cases(t, file, len(v.Cases))
}

// compareWithDNS compares the records with what a zone parser for name servers reads, where it
// reads the whole file.
func compareWithDNS(t *testing.T, what string, z *ZoneFile) {
	t.Helper()
	parser := dns.NewZoneParser(strings.NewReader(string(z.raw)), ".", "")
	var targets, texts []string
	for rr, ok := parser.Next(); ok; rr, ok = parser.Next() {
		switch rr := rr.(type) {
		case *dns.URI:
			targets = append(targets, rr.Target)
		case *dns.TXT:
			texts = append(texts, rr.Txt...)
		}
	}
	if parser.Err() != nil {
		return
	}
	var ourTargets, ourTexts []string
	for _, uri := range z.URIs() {
		ourTargets = append(ourTargets, uri.Target)
	}
	for _, txt := range z.TXTs() {
		for _, s := range txt.Strings {
			for len(s) > 255 { // longer strings than DNS knows are cut there
				ourTexts, s = append(ourTexts, s[:255]), s[255:]
			}
			ourTexts = append(ourTexts, s)
		}
	}
	if !slices.Equal(targets, ourTargets) || !slices.Equal(texts, ourTexts) {
		t.Errorf("%s: targets %q and texts %q, name servers would read %q and %q", what, ourTargets, ourTexts, targets, texts)
	}
}

func TestVectorsIdentity(t *testing.T) {
	const file = "identity/zonefiles.json"
	v := readVectors[struct {
		Make []struct {
			ID, Name, ProfileURL, Text, Error string
			Hash                              string `json:"hash160"`
			ReparsedURL                       string
		}
		Parse []struct {
			ID, Text         string
			Hash             string `json:"hash160"`
			StrictProfileURL *string
			Reference        struct {
				Parsed     map[string]any
				ProfileURL *string
			}
		}
	}](t, file)
	for _, c := range v.Make {
		text, err := makeText(c.Name, []string{c.ProfileURL}, "")
		// Where the maker of the time round-trips an address that we accept, the text must be the
		// same.
		faithful := c.Error == "" && (c.ReparsedURL == c.ProfileURL || c.ReparsedURL == c.ProfileURL+"/")
		switch {
		case err == nil && faithful && isPlain(c.ProfileURL):
			if string(text) != c.Text || names.HashZoneFile(text).String() != c.Hash {
				t.Errorf("%s: made %q, want %q", c.ID, text, c.Text)
			}
		case err == nil:
			z, err := Parse(text)
			if err != nil {
				t.Fatal(err)
			}
			if urls, err := z.URLs(); err != nil || len(urls) != 1 || !strings.HasPrefix(urls[0], "http") || !isPlain(urls[0]) {
				t.Errorf("%s: made %q, read back %q, %v", c.ID, text, urls, err)
			}
		case faithful && isPlain(c.ProfileURL) && c.Name != "":
			t.Errorf("%s: %v, want %q", c.ID, err, c.Text)
		case !errors.Is(err, ErrBadURL) && c.Name != "":
			t.Errorf("%s: %v, want ErrBadURL", c.ID, err)
		}
	}
	for _, c := range v.Parse {
		if got := names.HashZoneFile([]byte(c.Text)).String(); got != c.Hash {
			t.Errorf("%s: hash %s, want %s", c.ID, got, c.Hash)
		}
		want := ""
		switch {
		case c.StrictProfileURL != nil:
			want = *c.StrictProfileURL
		case c.Reference.ProfileURL != nil && strings.HasPrefix(c.ID, "repo"):
			want = *c.Reference.ProfileURL
		}
		got := ""
		z, err := Parse([]byte(c.Text))
		if err == nil {
			compareWithReference(t, c.ID, z, c.Reference.Parsed)
			var urls []string
			if urls, err = z.URLs(); err == nil {
				got = urls[0]
			}
		}
		if got != want {
			t.Errorf("%s: address %q, %v, want %q", c.ID, got, err, want)
		}
		if (err != nil) != (want == "") || err != nil && !errors.Is(err, ErrNotZoneFile) && !errors.Is(err, ErrNoURL) && !errors.Is(err, ErrOrigin) {
			t.Errorf("%s: error %v", c.ID, err)
		}
	}
	testdata.Cases(t, file, len(v.Make)+len(v.Parse))
}

// isPlain reports whether an address needs no encoding.
func isPlain(u string) bool {
	for i := range len(u) {
		if !isSafe(u[i]) {
			return false
		}
	}
	return true
}

// compareWithReference counts the records of each type as the reference parser did.
func compareWithReference(t *testing.T, id string, z *ZoneFile, parsed map[string]any) {
	t.Helper()
	if id == "uri-missing-target" || id == "uri-short" {
		return // the reference makes records of lines without a target
	}
	count := map[string]int{}
	for _, r := range z.Records {
		count[strings.ToLower(r.Type)]++
	}
	for key, value := range parsed {
		want := 1
		if list, ok := value.([]any); ok {
			want = len(list)
		}
		switch key {
		case "$origin":
			if got := z.Origins[len(z.Origins)-1]; got != value {
				t.Errorf("%s: origin %q, want %q", id, got, value)
			}
		case "$ttl":
		default:
			if count[key] != want {
				t.Errorf("%s: %d %s records, want %d", id, count[key], key, want)
			}
		}
	}
}
