package nameop

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"blockstack/names"
	"blockstack/testdata"
)

// vectorOutput is an output as vectors give it.
type vectorOutput struct {
	Script hexBytes
	Value  int64
}

// vectorPayload is one case of payloads.json; each operation uses some of the fields.
type vectorPayload struct {
	Name            string
	NamespaceID     string `json:"namespace_id"`
	Outputs         []vectorOutput
	OpReturn        hexBytes            `json:"op_return"`
	Consensus       names.ConsensusHash `json:"consensus_hash"`
	ZoneFileHash    *names.ZoneFileHash `json:"zonefile_hash"`
	PayerAddress    string              `json:"payer_address"`
	OwnerAddress    string              `json:"owner_address"`
	NewOwner        string              `json:"new_owner_address"`
	Recipient       string              `json:"recipient_address"`
	Reveal          string              `json:"reveal_address"`
	BurnAddress     string              `json:"burn_address"`
	BurnAmount      decimal             `json:"burn_amount"`
	BurnUnits       names.Unit          `json:"burn_units"`
	KeepZoneFile    bool                `json:"keep_zonefile"`
	AcceptedIn45    *bool               `json:"accepted_in_epoch_4_5"`
	Message         hexBytes            `json:"message_hash"`
	Lifetime        uint32
	Coeff, Base     byte
	Buckets         []int
	NoVowelDiscount byte `json:"no_vowel_discount"`
	NonAlpha        byte `json:"nonalpha_discount"`
	Version         uint16
	TokenType       string `json:"token_type"`
	Amount          decimal
	Scratch         string `json:"scratch_area"`
}

// tokens gives the token fields of an operation that burns.
func (c *vectorPayload) tokens() (has bool, amount uint64) {
	if c.BurnUnits == names.MicroStacks {
		return true, uint64(c.BurnAmount)
	}
	return false, 0
}

func (c *vectorPayload) zoneFile() (names.ZoneFileHash, bool) {
	if c.ZoneFileHash == nil {
		return names.ZoneFileHash{}, false
	}
	return *c.ZoneFileHash, true
}

// op makes the operation that a case of a list describes.
func (c *vectorPayload) op(t *testing.T, p *names.Params, list string) Op {
	t.Helper()
	payer := func() []byte {
		script, err := p.AddressScript(c.PayerAddress)
		if err != nil {
			t.Fatal(err)
		}
		return script
	}
	hash := func(x, owner string) names.PreorderHash {
		h, err := HashPreorder(x, payer(), owner)
		if err != nil {
			t.Fatal(err)
		}
		return h
	}
	zoneFile, hasZoneFile := c.zoneFile()
	hasTokens, tokens := c.tokens()
	switch list {
	case "announce":
		return Announce{Message: [20]byte(c.Message)}
	case "name_import":
		return NameImport{Name: c.Name, ZoneFile: zoneFile}
	case "namespace_preorder":
		return NamespacePreorder{Hash: hash(c.NamespaceID, c.Reveal), Consensus: c.Consensus, HasTokens: hasTokens, Tokens: tokens}
	case "namespace_ready":
		return NamespaceReady{ID: c.NamespaceID}
	case "namespace_reveal":
		op := NamespaceReveal{
			ID: c.NamespaceID, Version: c.Version, Lifetime: c.Lifetime, Coeff: c.Coeff, Base: c.Base,
			NonAlphaDiscount: c.NonAlpha, NoVowelDiscount: c.NoVowelDiscount,
		}
		for i, b := range c.Buckets {
			op.Buckets[i] = byte(b)
		}
		return op
	case "preorder":
		op := NamePreorder{Hash: hash(c.Name, c.OwnerAddress), Consensus: c.Consensus, HasTokens: hasTokens, Tokens: tokens}
		if hasTokens {
			op.TokenUnit = string(names.MicroStacks)
		}
		return op
	case "register":
		return NameRegistration{Name: c.Name, ZoneFile: zoneFile, HasZoneFile: hasZoneFile}
	case "renew":
		// With tokens the extended form is needed, its hash zero where none is given.
		return NameRenewal{Name: c.Name, ZoneFile: zoneFile, HasZoneFile: hasZoneFile || hasTokens, HasTokens: hasTokens, Tokens: tokens}
	case "revoke":
		return NameRevoke{Name: c.Name}
	case "token_transfer":
		return TokenTransfer{Consensus: c.Consensus, TokenType: c.TokenType, Amount: uint64(c.Amount), Scratch: c.Scratch}
	case "transfer":
		return NameTransfer{Keep: c.KeepZoneFile, NameHash: NameHash(c.Name), Consensus: c.Consensus}
	case "update":
		return NameUpdate{NameConsensus: UpdateHash(c.Name, c.Consensus), ZoneFile: zoneFile}
	}
	t.Fatalf("unknown operation %s", list)
	return nil
}

func TestVectorsPayloads(t *testing.T) {
	const file = "protocol/payloads.json"
	lists := readVectors[map[string]payloadList](t, file)
	p := names.Mainnet()
	cases := 0
	for list, payloads := range lists {
		for i := range payloads {
			cases++
			checkPayload(t, p, list, &payloads[i])
		}
	}
	testdata.Cases(t, file, cases)
}

// payloadList is a list of cases; the object that describes the file reads as none.
type payloadList []vectorPayload

func (l *payloadList) UnmarshalJSON(b []byte) error {
	if bytes.HasPrefix(b, []byte("{")) {
		return nil
	}
	return unmarshal(b, (*[]vectorPayload)(l))
}

func checkPayload(t *testing.T, p *names.Params, list string, c *vectorPayload) {
	t.Helper()
	op := c.op(t, p, list)
	payload, err := Payload(p.Magic, op)
	if err != nil || !bytes.Equal(payload, c.OpReturn) {
		t.Errorf("%s %+v: payload %x, %v, want %s", list, op, payload, err, c.OpReturn)
	}
	script, err := Script(p.Magic, op)
	if err != nil || !bytes.Equal(script, c.Outputs[0].Script) {
		t.Errorf("%s: script %x, %v, want %s", list, script, err, c.Outputs[0].Script)
	}
	if data := nullData(c.Outputs[0].Script); !bytes.Equal(data, c.OpReturn) {
		t.Errorf("%s: data of %s is %x, want %s", list, c.Outputs[0].Script, data, c.OpReturn)
	}

	// Reading it back in an epoch that knows the form gives the same operation; a renewal that
	// epochs 4 and 5 refuse is refused.
	want := op
	if imported, ok := want.(NameImport); ok {
		imported.ZoneFile = names.ZoneFileHash{} // stands in an output
		want = imported
	}
	_, epoch5 := p.Epoch(inEpoch5)
	got, err := Decode(epoch5, c.OpReturn, len(c.Outputs))
	var unparsed *Unparsed
	needsEpoch3 := list == "namespace_preorder" && c.BurnUnits == names.Satoshi || c.AcceptedIn45 != nil && !*c.AcceptedIn45
	switch {
	case needsEpoch3 && !errors.As(err, &unparsed):
		t.Errorf("%s %s in epoch 5: %v, %v, want it refused", list, c.OpReturn, got, err)
	case !needsEpoch3 && (err != nil || got != want):
		t.Errorf("%s %s in epoch 5: %+v, %v, want %+v", list, c.OpReturn, got, err, want)
	}
	if needsEpoch3 {
		_, epoch3 := p.Epoch(inEpoch3)
		if got, err := Decode(epoch3, c.OpReturn, len(c.Outputs)); err != nil || got != want {
			t.Errorf("%s %s in epoch 3: %+v, %v, want %+v", list, c.OpReturn, got, err, want)
		}
	}
	checkVectorOutputs(t, p, list, c)
}

// checkVectorOutputs compares the outputs that the protocol looks at with the addresses of the
// case.
func checkVectorOutputs(t *testing.T, p *names.Params, list string, c *vectorPayload) {
	t.Helper()
	want := map[string]string{
		"name_import": c.Recipient, "namespace_reveal": c.Reveal, "register": c.OwnerAddress, "renew": c.NewOwner,
		"token_transfer": c.Recipient, "transfer": c.NewOwner,
	}[list]
	if want != "" {
		if got, err := p.ScriptAddress(c.Outputs[1].Script); err != nil || got != want {
			t.Errorf("%s: output 1 pays %s, %v, want %s", list, got, err, want)
		}
	}
	if zoneFile, _ := c.zoneFile(); list == "name_import" {
		if got := c.Outputs[2].Script; !slices.Equal(got, names.PubKeyHashScript(zoneFile)) {
			t.Errorf("%s: output 2 is %s, want the hash %s", list, got, zoneFile)
		}
	}
}
