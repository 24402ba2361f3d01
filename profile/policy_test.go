package profile

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/address/v2/base58"
	"github.com/btcsuite/btcd/btcec/v2"

	"blockstack/names"
)

func addressOf(key *btcec.PrivateKey) string {
	hash, _ := keyHashes(key.PubKey())
	return base58.CheckEncode(hash[:], 0)
}

func TestPolicy(t *testing.T) {
	ctx := context.Background()
	alice, bob, carol, mallory := testKey(1), testKey(2), testKey(3), testKey(4)
	policy, err := ParsePolicy([]byte(fmt.Sprintf(`
schema  = "blockstack/signers/v1"
max_age = "30d"                      # a month
require = ["name", "account.github"]

[[signer]]
name = "alice.id"

[[signer]]
address = "%s"

[[signer]]
key = "%s"
`, addressOf(bob), keyText(carol.PubKey()))), MainnetVersions())
	if err != nil {
		t.Fatal(err)
	}
	if policy.MaxAge != 30*24*time.Hour || len(policy.Require) != 2 || len(policy.Signers) != 3 {
		t.Fatalf("%+v", policy)
	}
	full := parse(t, `{"name":"A","account":[{"service":"github","identifier":"a"}]}`)
	lookups := 0
	lookup := func(_ context.Context, n names.Name) (Owner, error) {
		lookups++
		hash, _ := keyHashes(alice.PubKey())
		script := append(append([]byte{0x76, 0xa9, 20}, hash[:]...), 0x88, 0xac)
		return OwnerRecord(names.Record{Name: n, Status: names.Registered, Owner: script, OwnerAddress: addressOf(alice)})
	}
	judge, err := policy.Judge(ctx, MainnetVersions(), lookup, Verifier{Clock: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	undated, err := signParts(ctx, []byte(header), []byte(fmt.Sprintf(
		`{"subject":{"publicKey":"%[1]s"},"issuer":{"publicKey":"%[1]s"},"claim":{"name":"A"}}`, keyText(bob.PubKey()))), lowSigner{bob}, false)
	if err != nil {
		t.Fatal(err)
	}
	for what, c := range map[string]struct {
		token *Token
		want  Reason
		name  string
	}{
		"by name":        {issue(t, alice, full, now), OK, "alice.id"},
		"by address":     {issue(t, bob, full, now), OK, ""},
		"by key":         {issue(t, carol, full, now), OK, ""},
		"by a stranger":  {issue(t, mallory, full, now), WrongSigner, ""},
		"just new":       {issue(t, bob, full, now.AddDate(0, 0, -30)), OK, ""},
		"too old":        {issue(t, bob, full, now.AddDate(0, 0, -30).Add(-time.Second)), Expired, ""},
		"no date":        {undated, Expired, ""},
		"past its end":   {issue(t, bob, full, now.AddDate(-2, 0, 0)), Expired, ""},
		"field missing":  {issue(t, bob, parse(t, `{"name":"A"}`), now), Incomplete, ""},
		"field is empty": {issue(t, bob, parse(t, `{"name":" ","account":[{"service":"github","identifier":"a"}]}`), now), Incomplete, ""},
	} {
		r, err := judge.Verify(ctx, c.token)
		if err != nil {
			t.Fatal(err)
		}
		if r.Reason != c.want || r.Valid != (c.want == OK) || r.Name != c.name {
			t.Errorf("%s: %s for %q: %v", what, r.Reason, r.Name, r.Err())
		}
	}
	if lookups != 1 {
		t.Errorf("%d lookups", lookups)
	}
	if _, err := policy.Judge(ctx, MainnetVersions(), nil, Verifier{}); !errors.Is(err, ErrBadPolicy) {
		t.Errorf("names without an index: %v", err)
	}
}

func TestPolicyRequiresFieldsOfAnyKind(t *testing.T) {
	p := parse(t, `{"image":[{"name":"avatar","contentUrl":"u"}],"n":1,"no":null,"l":[],"o":{},"apps":{"https://a.b":"x"},"account":[{"service":"bitcoin","identifier":"1"}]}`)
	for path, want := range map[string]bool{
		"image": true, "image.avatar": true, "image.cover": false, "n": true, "no": false, "l": false, "o": false, "apps.https://a.b": true, "payment.bitcoin": true, "x.y": false,
	} {
		r := &Report{Reason: OK}
		if r.checkFields(p, []string{path}); (r.Reason == OK) != want {
			t.Errorf("%s: %s", path, r.Reason)
		}
	}
}

func TestBadPolicies(t *testing.T) {
	const head, signer = "schema = \"blockstack/signers/v1\"\n", "[[signer]]\nname = \"alice.id\"\n"
	for what, c := range map[string]struct{ text, says string }{
		"empty":             {"", "schema"},
		"other schema":      {"schema = \"x\"\n" + signer, "schema"},
		"no signer":         {head, "no [[signer]]"},
		"unknown key":       {head + "maxage = \"1d\"\n" + signer, "maxage"},
		"unknown in signer": {head + "[[signer]]\nnmae = \"alice.id\"\n", "line 3"},
		"empty signer":      {head + "[[signer]]\n", "exactly one"},
		"two in one":        {head + signer + "key = \"02\"\n", "exactly one"},
		"bad name":          {head + "[[signer]]\nname = \"Alice\"\n", "name"},
		"bad address":       {head + "[[signer]]\naddress = \"1abc\"\n", "address"},
		"testnet address":   {head + "[[signer]]\naddress = \"muD769Ci42szG6USt6GaAxyjN65PfFX3zb\"\n", "address"},
		"bad key":           {head + "[[signer]]\nkey = \"02\"\n", "key"},
		"bad age":           {head + "max_age = \"1y\"\n" + signer, "max_age"},
		"no age":            {head + "max_age = \"0d\"\n" + signer, "max_age"},
		"only a unit":       {head + "max_age = \"d\"\n" + signer, "max_age"},
		"number as age":     {head + "max_age = 30\n" + signer, "line 2"},
		"empty requirement": {head + "require = [\"\"]\n" + signer, "require"},
		"no TOML":           {"[[[", "line 1"},
		"twice":             {head + head + signer, "schema"},
		"binary":            {"\x00\xff", "line 1"},
	} {
		p, err := ParsePolicy([]byte(c.text), MainnetVersions())
		if !errors.Is(err, ErrBadPolicy) || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %+v, error %v does not say %q", what, p, err, c.says)
		}
	}
}

func FuzzParsePolicy(f *testing.F) {
	f.Add([]byte("schema = \"blockstack/signers/v1\"\nmax_age = \"1d\"\nrequire = [\"name\"]\n[[signer]]\nname = \"alice.id\"\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ParsePolicy(raw, MainnetVersions())
		if err != nil {
			if !errors.Is(err, ErrBadPolicy) {
				t.Fatalf("error %v does not wrap ErrBadPolicy", err)
			}
			return
		}
		if len(p.Signers) == 0 {
			t.Fatal("a policy without signers")
		}
	})
}
