package record

import (
	"bytes"
	"encoding/json"
	"math/big"
	"testing"

	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/index"
)

func parsed(t *testing.T, name string) names.Name {
	t.Helper()
	n, err := names.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestOf: the keys of a name as programs see it; what an available name does not have is null, and
// is there.
func TestOf(t *testing.T) {
	full := names.Record{Name: parsed(t, "alice.id"), Status: names.Registered, OwnerAddress: "1J", Owner: []byte{0x76, 0xa9}, FirstRegistered: 5, RenewedAt: 7,
		ExpiresAt: 100, GraceEnds: 110, HasZoneFile: true, Height: 9}
	for _, c := range []struct {
		change func(r *names.Record)
		want   string
	}{
		{func(*names.Record) {}, `"status":"registered","owner_address":"1J","owner_script":"76a9","zonefile_hash":"0000000000000000000000000000000000000000",` +
			`"first_registered_height":5,"renewed_at_height":7,"expires_at_height":100,"grace_ends_at_height":110,`},
		{func(r *names.Record) { r.HasZoneFile = false }, `"status":"registered","owner_address":"1J","owner_script":"76a9","zonefile_hash":null,` +
			`"first_registered_height":5,"renewed_at_height":7,"expires_at_height":100,"grace_ends_at_height":110,`},
		{func(r *names.Record) { r.ExpiresAt, r.GraceEnds = 0, 0 }, `"status":"registered","owner_address":"1J","owner_script":"76a9",` +
			`"zonefile_hash":"0000000000000000000000000000000000000000","first_registered_height":5,"renewed_at_height":7,"expires_at_height":null,`},
		{func(r *names.Record) { r.GraceEnds = 100 }, `"status":"registered","owner_address":"1J","owner_script":"76a9",` +
			`"zonefile_hash":"0000000000000000000000000000000000000000","first_registered_height":5,"renewed_at_height":7,"expires_at_height":100,`},
	} {
		r := full
		c.change(&r)
		b, err := json.Marshal(Of(r))
		want := `{"name":"alice.id",` + c.want + `"last_txid":"0000000000000000000000000000000000000000000000000000000000000000","height":9,"consensus_hash":"00000000000000000000000000000000"}`
		if err != nil || string(b) != want {
			t.Errorf("%v\n%s, want\n%s", err, b, want)
		}
	}
	r := full
	r.Status = names.Available
	b, err := json.Marshal(Of(r))
	if want := `{"name":"alice.id","status":"available","owner_address":null,"owner_script":null,"zonefile_hash":null,"first_registered_height":null,"renewed_at_height":null,` +
		`"expires_at_height":null,"last_txid":null,"height":9,"consensus_hash":"00000000000000000000000000000000"}`; err != nil || string(b) != want {
		t.Errorf("%v\n%s, want\n%s", err, b, want)
	}
}

// TestWrite: a name for ever says never, one that nobody has says nothing.
func TestWrite(t *testing.T) {
	write := func(r names.Record) string {
		var out bytes.Buffer
		p := voice.New(&out, &out)
		v := Of(r)
		if err := p.Result("name.show", v, func(t *voice.Text) { Write(t, v) }); err != nil {
			t.Fatal(err)
		}
		if err := p.Commit(); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	n := parsed(t, "alice.id")
	for _, c := range []struct {
		record     names.Record
		has, lacks string
	}{
		{names.Record{Name: n, Status: names.Registered, OwnerAddress: "1J"}, "expires\tnever\n", "expires at\t"},
		{names.Record{Name: n, Status: names.Registered, OwnerAddress: "1J", ExpiresAt: 100, GraceEnds: 110}, "expires at\tblock 100\ncan be renewed until\tblock 110\n", "never"},
		{names.Record{Name: n, Status: names.Available}, "owner\t\n", "never"},
	} {
		got := write(c.record)
		if !bytes.Contains([]byte(got), []byte(c.has)) || bytes.Contains([]byte(got), []byte(c.lacks)) {
			t.Errorf("%+v:\n%s", c.record, got)
		}
	}
}

// TestViewNamespace: numbers are numbers, one that is not open yet has no height of opening, and
// one for ever says so.
func TestViewNamespace(t *testing.T) {
	ns := names.Namespace{ID: "id", Status: names.NamespaceRevealed, Version: 1, Lifetime: names.InfiniteLifetime, RevealHeight: 7, Coeff: 250, Base: 4}
	ns.Buckets[15] = 9
	v := ViewNamespace(ns)
	if !v.Infinite || v.LifetimeText() != "for ever" || v.ReadyHeight != nil || v.Coefficient != 250 || len(v.Buckets) != 16 || v.Buckets[15] != 9 {
		t.Errorf("%+v", v)
	}
	ns.Lifetime, ns.ReadyHeight = 52595, 8
	if v := ViewNamespace(ns); v.Infinite || v.LifetimeText() != "52595 blocks" || v.ReadyHeight == nil || *v.ReadyHeight != 8 {
		t.Errorf("%+v", v)
	}
}

// TestPrices: each unit has its own key and its own text, so that none is taken for the other.
func TestPrices(t *testing.T) {
	for _, c := range []struct {
		unit      names.Unit
		key, text string
	}{
		{names.Satoshi, "price_sat", "0.00001234 BTC"}, {names.MicroStacks, "price_ustacks", "0.001234 STACKS"},
	} {
		doc := map[string]any{}
		SetPrice(doc, c.unit, big.NewInt(1234))
		if len(doc) != 2 || doc["unit"] != c.unit || doc[c.key].(*big.Int).Int64() != 1234 {
			t.Errorf("%v", doc)
		}
		if got := FormatUnits(big.NewInt(1234), c.unit); got != c.text {
			t.Errorf("%s: %s", c.unit, got)
		}
	}
}

// TestCertain: an answer says how far it is certain only where that is not as far as it goes.
func TestCertain(t *testing.T) {
	for _, c := range []struct {
		tip  index.Tip
		want any
	}{{index.Tip{Height: 9, ExactUntil: 9}, nil}, {index.Tip{Height: 9, ExactUntil: 10}, nil}, {index.Tip{Height: 9, ExactUntil: 8}, int32(8)}} {
		doc := map[string]any{}
		SetExact(doc, Certain(c.tip))
		if doc["exact_until_height"] != c.want {
			t.Errorf("%+v: %v", c.tip, doc)
		}
	}
}
