package names

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"strings"
	"testing"
)

const testAddress = "mfWxJ45yp2SFn7UciZyNpvDKrzbhyfKrY8"

// fullParams uses every field of a registry.
func fullParams() *Params {
	p := Mainnet()
	p.Network = "regtest"
	p.PubKeyHashVersion, p.ScriptHashVersion, p.BurnAddress = regtestPubKeyHash, regtestScriptHash, regtestBurn
	p.GenesisUnknown = false
	p.Genesis = []GenesisAccount{
		{
			Address: testAddress, Type: "STACKS", Value: big.NewInt(0).Lsh(big.NewInt(1), 100), LockSend: 700, ReceiveWhitelisted: true,
			Vesting: []Vesting{{Height: 5, Amount: big.NewInt(7)}, {Height: 40, Amount: big.NewInt(9)}}, Metadata: "first",
		},
		{Address: "treasury", Type: "OTHER", Value: big.NewInt(1)},
	}
	p.GenesisPatches = map[int32]GenesisPatch{690: {Add: p.Genesis[:1], Delete: p.Genesis[1:]}}
	rules := p.Epochs[2].Namespaces[AnyNamespace]
	rules.LifetimeMultiplier = 1
	p.Epochs[2].Namespaces["test"] = rules
	p.Epochs[2].NamespacePrices[5] = FloatNumber(0.1)
	p.Epochs[3].NamespacePricesStacks[5] = IntegerNumber(new(big.Int).Lsh(big.NewInt(3), 90))
	return p
}

func registryText(t testing.TB, p *Params) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteRegistry(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestRegistryRoundTrip(t *testing.T) {
	for _, p := range []*Params{Mainnet(), Sandbox(testAddress, big.NewInt(1e15)), Sandbox("", nil), fullParams()} {
		text := registryText(t, p)
		back, err := ReadRegistry(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(p, back) || p.Fingerprint() != back.Fingerprint() {
			t.Errorf("reads back differently:\n%+v\n%+v", p, back)
		}
		if again := registryText(t, back); again != text {
			t.Error("written again it differs")
		}
	}
}

func TestRegistryReadsSettings(t *testing.T) {
	text := registryText(t, fullParams())
	settings := strings.Replace(text, `"schema": "blockstack/registry/v1",`, `"reference_env": {"X": "1"}, "announcers": "judecn.id,muneeb.id,shea256.id",`, 1)
	settings = strings.Replace(settings, `"genesis": {`, `"genesis": {"history": [{"x": [1, {}]}],`, 1)
	p, err := ParseSettings([]byte(settings))
	if err != nil || !reflect.DeepEqual(p, fullParams()) {
		t.Errorf("%+v, %v", p, err)
	}
	// An address may be written in c32, an amount as a number; the sum of the vesting amounts may
	// be there if it is right.
	c32, err := Base58ToC32(testAddress)
	if err != nil {
		t.Fatal(err)
	}
	settings = strings.ReplaceAll(settings, `"address": "`+testAddress+`"`, `"vesting_total": 16, "address": "`+c32+`"`)
	if p, err = ParseSettings([]byte(settings)); err != nil || !reflect.DeepEqual(p, fullParams()) {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestRegistryRefuses(t *testing.T) {
	good := registryText(t, fullParams())
	for _, c := range []struct{ old, new, want string }{
		{`"schema": "blockstack/registry/v1"`, `"schema": "blockstack/registry/v2"`, `schema: "blockstack/registry/v2" is not known`},
		{`"schema": "blockstack/registry/v1",`, ``, `schema: the key is missing`},
		{`"network": "regtest",`, ``, `network: the key is missing`},
		{`"network": "regtest"`, `"network": 5`, `network: number does not fit, want text`},
		{`"network": "regtest"`, `"network": "regtest", "colour": "red"`, `colour: unknown key`},
		{`"network": "regtest"`, `"network": "regtest", "network": "mainnet"`, `network: the key is there twice`},
		{`"network": "regtest"`, `"Network": "regtest"`, `Network: unknown key`},
		{`"network": "regtest"`, `"network": "regtest", "announcers": "a.id"`, `announcers: differs from constants.announcers`},
		{`"first_block": 373601,`, ``, `constants.first_block: the key is missing`},
		{`"first_block": 373601`, `"first_block": null`, `constants.first_block: null is not allowed`},
		{`"first_block": 373601`, `"first_block": "5"`, `constants.first_block: string does not fit, want a whole number of at most 32 bits`},
		{`"first_block": 373601`, `"first_block": 1.5`, `constants.first_block: number 1.5 does not fit`},
		{`"first_block": 373601`, `"first_block": 99999999999`, `constants.first_block: number 99999999999 does not fit`},
		{`"first_block": 373601`, `"first_block": 0`, `constants.first_block: 0 is not within`},
		{`"first_block": 373601`, `"first_block": 373600`, `height 373600 is not before the first block`},
		{`"magic_bytes": "id"`, `"magic_bytes": "idx"`, `constants.magic_bytes: "idx" has not two characters`},
		{`"magic_bytes": "id"`, `"magic_bytes": "\u0000d"`, `constants.magic_bytes: want two printable`},
		{`"373600": "17ac`, `"x": "17ac`, `constants.initial_consensus_hashes: "x" is not a block height`},
		{`"373600": "17ac`, `"0373600": "17ac`, `"0373600" is not a block height`},
		{`"373600": "17ac`, `"373600": "zzac`, `constants.initial_consensus_hashes.373600: not a valid hash`},
		{`"consensus_hash_window": 24`, `"consensus_hash_window": 0`, `constants.consensus_hash_window: 0 is not within`},
		{`"max_names_per_sender": 25`, `"max_names_per_sender": -1`, `constants.max_names_per_sender: -1 is not within`},
		{`"name_cost_unit_satoshis": 100`, `"name_cost_unit_satoshis": 0`, `constants.name_cost_unit_satoshis: 0 is not within`},
		{`"p2pkh_version": 111`, `"p2pkh_version": 256`, `constants.p2pkh_version: number 256 does not fit, want a whole number from 0 to 255`},
		{`"p2pkh_version": 111`, `"p2pkh_version": 196`, `constants.p2sh_version: equal to p2pkh_version`},
		{`"burn_address": "` + regtestBurn, `"burn_address": "` + mainnetBurn, `constants.burn_address: not a valid address`},
		{`"muneeb.id"`, `"Muneeb.id"`, `constants.announcers: "Muneeb.id": not a valid name`},
		{`"end_block": -1`, `"end_block": 700000`, `constants.epochs[4].end_block: the last epoch must have no end`},
		{`"end_block": 488500`, `"end_block": 436650`, `constants.epochs[1].end_block: 436650 is not after`},
		{`"BLOCKSTACK_INT_DIVISION"`, `"BLOCKSTACK_FOO"`, `constants.epochs[3].features: "BLOCKSTACK_FOO" is not known`},
		{`"namespace_price_units": "STACKS"`, `"namespace_price_units": "DOGE"`, `constants.epochs[3].namespace_price_units: "DOGE"`},
		{`40000000000.0`, `-1.0`, `a price is below zero`},
		{`40000000000.0`, `"x"`, `is not a number`},
		{`40000000000.0`, `1e999`, `value out of range`},
		{`"*": {`, `"other": {`, `constants.epochs[0].namespaces: no entry "*"`},
		{`"test": {`, `"Test": {`, `constants.epochs[2].namespaces: "Test": not a valid namespace id`},
		{`"PRICE_DIVISOR": 10`, `"PRICE_DIVISOR": 0`, `PRICE_DIVISOR, PRICE_DIVISOR_STACKS: must be above zero`},
		{`"PRICE_MULTIPLIER": 0.1`, `"PRICE_MULTIPLIER": null`, `PRICE_MULTIPLIER, PRICE_MULTIPLIER_STACKS: must be within`},
		{`"NAMESPACE_LIFETIME_GRACE_PERIOD": 5000`, `"NAMESPACE_LIFETIME_GRACE_PERIOD": -1`, `NAMESPACE_LIFETIME_GRACE_PERIOD: -1`},
		{`"p2sh-p2wsh"`, `"p2xx"`, `constants.epochs[2].script_types: "p2xx" is not known`},
		{`"value": "1"`, `"value": "-1"`, `"-1" is not an amount`},
		{`"value": "1"`, `"value": "1.5"`, `"1.5" is not an amount`},
		{`"value": "1"`, `"value": null`, `genesis.rows[1].value: null is not allowed`},
		{`"40": "9"`, `"040": "9"`, `genesis.rows[0].vesting: "040" is not a block height`},
		{`"40": "9"`, `"40": "9"}, "vesting_total": {"x": "15"`, `is not an amount`},
		{`"lock_send": 700`, `"lock_send": -1`, `genesis.rows[0].lock_send: -1 is below zero`},
		{`"address": "treasury"`, `"address": ""`, `genesis.rows[1].address: it is empty`},
		{`"type": "OTHER"`, `"type": ""`, `genesis.rows[1].type: ""`},
		{`"690": {`, `"-5": {`, `genesis_patches: "-5" is not a block height`},
		{`"epochs": [`, `"epochs": [[]`, `constants.epochs[0]: want an object`},
		{`"genesis": {`, `"genesis": {"unknown": true,`, `genesis.unknown: there are rows or patches`},
		{`"genesis": {`, `"genesis": [`, `genesis: want an object`},
		{"\n}\n", "\n}\n{}", `there is text after the end of the object`},
		{"\n}\n", "\n", `the text ends too early`},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Errorf("%q is not in the text", c.old)
			continue
		}
		p, err := ReadRegistry(strings.NewReader(text))
		if p != nil || !errors.Is(err, ErrBadRegistry) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q for %q: %v, want %q", c.new, c.old, err, c.want)
		}
	}
	for _, text := range []string{"", "null", "[]", "5", `"x"`, strings.Repeat("[", 100000), `{"reference_env":` + strings.Repeat("[", 1000)} {
		if p, err := ReadRegistry(strings.NewReader(text)); p != nil || !errors.Is(err, ErrBadRegistry) {
			t.Errorf("%.20q: %v", text, err)
		}
	}
	if _, err := ReadRegistry(&endless{}); !errors.Is(err, ErrBadRegistry) || !strings.Contains(err.Error(), "larger than") {
		t.Errorf("endless file: %v", err)
	}
}

// endless is a reader without an end.
type endless struct{}

func (*endless) Read(b []byte) (int, error) { return len(b), nil }

// TestFingerprintSeesEveryField changes every field of the params, one at a time.
func TestFingerprintSeesEveryField(t *testing.T) {
	want := fullParams().Fingerprint()
	if fullParams().Fingerprint() != want {
		t.Fatal("equal params have different fingerprints")
	}
	changes := 0
	var walk func(path string, at func(p *Params) reflect.Value)
	walk = func(path string, at func(p *Params) reflect.Value) {
		v := at(fullParams())
		switch v.Type() {
		case reflect.TypeFor[*big.Int]():
			p := fullParams()
			at(p).Interface().(*big.Int).SetInt64(987654)
			changes++
			if p.Fingerprint() == want {
				t.Errorf("%s: the fingerprint does not see it", path)
			}
			return
		case reflect.TypeFor[Number]():
			if v.Interface().(Number).IsZero() {
				return
			}
			p := fullParams()
			at(p).Set(reflect.ValueOf(FloatNumber(123456.5)))
			changes++
			if p.Fingerprint() == want {
				t.Errorf("%s: the fingerprint does not see it", path)
			}
			return
		}
		switch v.Kind() {
		case reflect.Struct:
			for i := range v.NumField() {
				walk(path+"."+v.Type().Field(i).Name, func(p *Params) reflect.Value { return at(p).Field(i) })
			}
		case reflect.Slice, reflect.Array:
			for i := range v.Len() {
				walk(path+"[]", func(p *Params) reflect.Value { return at(p).Index(i) })
			}
			if v.Kind() == reflect.Slice && v.Len() > 1 {
				p := fullParams()
				at(p).SetLen(v.Len() - 1)
				changes++
				if p.Fingerprint() == want {
					t.Errorf("%s: the fingerprint does not see a missing element", path)
				}
			}
		case reflect.Map:
			for _, key := range v.MapKeys() {
				p := fullParams()
				at(p).SetMapIndex(key, reflect.Zero(v.Type().Elem()))
				changes++
				if p.Fingerprint() == want {
					t.Errorf("%s[%v]: the fingerprint does not see it", path, key)
				}
			}
		default:
			p := fullParams()
			x := at(p)
			switch x.Kind() {
			case reflect.String:
				x.SetString(x.String() + "x")
			case reflect.Bool:
				x.SetBool(!x.Bool())
			case reflect.Float64:
				x.SetFloat(x.Float() + 1)
			case reflect.Uint8, reflect.Uint16, reflect.Uint32:
				x.SetUint(x.Uint() ^ 1<<1)
			default:
				x.SetInt(x.Int() + 1)
			}
			changes++
			if p.Fingerprint() == want {
				t.Errorf("%s: the fingerprint does not see it", path)
			}
		}
	}
	walk("Params", func(p *Params) reflect.Value { return reflect.ValueOf(p).Elem() })
	if changes < 100 {
		t.Errorf("only %d changes were tried", changes)
	}
}

func FuzzReadRegistry(f *testing.F) {
	small := Sandbox(testAddress, big.NewInt(5)) // the smaller the seeds, the less time goes into making them smaller
	small.InitialConsensus, small.Announcers, small.Epochs[0].NamespacePricesStacks = nil, nil, nil
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(registryText(f, small))); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes())
	f.Add([]byte(`{"schema":"blockstack/registry/v1","network":"x","constants":{"epochs":[{"namespace_prices":[1e3,null,-0.5]}]},"genesis":{}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := ReadRegistry(bytes.NewReader(b))
		if err != nil {
			if p != nil || !errors.Is(err, ErrBadRegistry) {
				t.Errorf("%v", err)
			}
			return
		}
		text := registryText(t, p)
		back, err := ReadRegistry(strings.NewReader(text))
		if err != nil {
			t.Fatalf("does not read back: %v\n%s", err, text)
		}
		if back.Fingerprint() != p.Fingerprint() {
			t.Errorf("reads back differently: %s", text)
		}
	})
}
