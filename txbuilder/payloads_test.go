package txbuilder

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/testdata"
)

const payloads = "protocol/payloads.json"

// payloadCase is any case of payloads.json; each list uses the fields it needs.
type payloadCase struct {
	Name             string
	NamespaceID      string  `json:"namespace_id"`
	Owner            string  `json:"owner_address"`
	NewOwner         string  `json:"new_owner_address"`
	Payer            string  `json:"payer_address"`
	Recipient        string  `json:"recipient_address"`
	Reveal           string  `json:"reveal_address"`
	BurnAddress      string  `json:"burn_address"`
	BurnAmount       string  `json:"burn_amount"`
	BurnUnits        string  `json:"burn_units"`
	ConsensusHash    string  `json:"consensus_hash"`
	ZoneFileHash     *string `json:"zonefile_hash"`
	Keep             bool    `json:"keep_zonefile"`
	MessageHash      string  `json:"message_hash"`
	Amount           string
	Scratch          string `json:"scratch_area"`
	Version          uint16
	Lifetime         uint32
	Coeff, Base      byte
	Buckets          [16]byte
	NoVowelDiscount  byte `json:"no_vowel_discount"`
	NonAlphaDiscount byte `json:"nonalpha_discount"`
	Outputs          []struct {
		Script string
		Value  int64
	}
}

func (c *payloadCase) script(t *testing.T, addr string) []byte {
	t.Helper()
	s, err := names.Mainnet().AddressScript(addr)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (c *payloadCase) consensus(t *testing.T) (h names.ConsensusHash) {
	t.Helper()
	if err := h.UnmarshalText([]byte(c.ConsensusHash)); err != nil {
		t.Fatal(err)
	}
	return h
}

func (c *payloadCase) zoneFile(t *testing.T) (h names.ZoneFileHash, has bool) {
	t.Helper()
	if c.ZoneFileHash == nil {
		return h, false
	}
	h, err := names.ParseZoneFileHash(*c.ZoneFileHash)
	if err != nil {
		t.Fatal(err)
	}
	return h, true
}

func (c *payloadCase) price(t *testing.T) Price {
	t.Helper()
	n, ok := new(big.Int).SetString(c.BurnAmount, 10)
	if !ok {
		t.Fatalf("burn amount %q", c.BurnAmount)
	}
	return Price{Unit: names.Unit(c.BurnUnits), Amount: n}
}

// layout is the case in our layouts; owner outputs that the vectors leave to the funding step are
// dropped by want.
func (c *payloadCase) layout(t *testing.T, list string) (*Layout, error) {
	p := names.Mainnet()
	var name names.Name
	if c.Name != "" {
		var err error
		if name, err = names.Parse(c.Name); err != nil {
			return nil, err
		}
	}
	zf, hasZF := c.zoneFile(t)
	switch list {
	case "preorder":
		return preorderLayout(p, PreorderRequest{Name: name, Owner: c.script(t, c.Owner), Consensus: c.consensus(t),
			Price: c.price(t), Payee: c.script(t, c.BurnAddress)}, c.script(t, c.Payer))
	case "register":
		return registerLayout(p, RegisterRequest{Name: name, Owner: c.script(t, c.Owner), ZoneFile: zf, HasZoneFile: hasZF})
	case "renew":
		op := nameop.NameRenewal{Name: c.Name, ZoneFile: zf, HasZoneFile: hasZF}
		r := RenewRequest{Name: name, NewOwner: c.script(t, c.NewOwner), Price: c.price(t), Payee: c.script(t, c.BurnAddress)}
		if r.Price.Unit == names.MicroStacks {
			op.HasZoneFile, op.HasTokens, op.Tokens = true, true, r.Price.Amount.Uint64()
		}
		return renewLayout(p, op, r, c.script(t, c.Owner), oldDust)
	case "update":
		return updateLayout(p, UpdateRequest{Name: name, Consensus: c.consensus(t), ZoneFile: zf}, nil, 0)
	case "transfer":
		return transferLayout(p, TransferRequest{Name: name, NewOwner: c.script(t, c.NewOwner), Consensus: c.consensus(t), Keep: c.Keep}, nil, 0)
	case "revoke":
		return revokeLayout(p, RevokeRequest{Name: name}, nil, 0)
	case "name_import":
		return importLayout(p, ImportRequest{Name: name, Owner: c.script(t, c.Recipient), ZoneFile: zf})
	case "namespace_preorder":
		price := c.price(t)
		return namespacePreorderLayout(p, NamespacePreorderRequest{ID: names.NamespaceID(c.NamespaceID), Revealer: c.script(t, c.Reveal),
			Consensus: c.consensus(t), Price: price, Burn: c.script(t, p.BurnAddress)}, price.Unit == names.MicroStacks, c.script(t, c.Payer))
	case "namespace_reveal":
		return revealLayout(p, RevealRequest{Revealer: c.script(t, c.Reveal), Op: nameop.NamespaceReveal{ID: c.NamespaceID, Version: c.Version,
			Lifetime: c.Lifetime, Coeff: c.Coeff, Base: c.Base, Buckets: c.Buckets, NonAlphaDiscount: c.NonAlphaDiscount, NoVowelDiscount: c.NoVowelDiscount}}, oldDust, nil)
	case "namespace_ready":
		return readyLayout(p, ReadyRequest{ID: names.NamespaceID(c.NamespaceID)})
	case "announce":
		raw, err := hex.DecodeString(c.MessageHash)
		if err != nil {
			return nil, err
		}
		return announceLayout(p, AnnounceRequest{Message: [20]byte(raw)})
	case "token_transfer":
		amount, err := strconv.ParseUint(c.Amount, 10, 64)
		if err != nil {
			return nil, err
		}
		return tokenTransferLayout(p, TokenTransferRequest{Recipient: c.script(t, c.Recipient), Consensus: c.consensus(t), Amount: amount, Memo: c.Scratch}, nil, 0)
	}
	return nil, fmt.Errorf("unknown list %q", list)
}

// TestVectorsPayloads holds the outputs of every layout to those of the old library, before change
// was added to them.
func TestVectorsPayloads(t *testing.T) {
	var lists map[string]json.RawMessage
	if err := json.Unmarshal(testdata.Vectors(t, payloads), &lists); err != nil {
		t.Fatal(err)
	}
	n := 0
	for list, raw := range lists {
		if list == "_meta" {
			continue
		}
		var cases []payloadCase
		if err := json.Unmarshal(raw, &cases); err != nil {
			t.Fatal(err)
		}
		for i, c := range cases {
			n++
			t.Run(fmt.Sprintf("%s %d", list, i), func(t *testing.T) {
				l, err := c.layout(t, list)
				if err != nil {
					t.Fatal(err)
				}
				l.settle(func([]byte) btcutil.Amount { return oldDust })
				if l.Change >= 0 {
					l.Outputs[l.Change].Value = oldDust
				}
				if len(l.Outputs) < len(c.Outputs) {
					t.Fatalf("%d outputs, want %d", len(l.Outputs), len(c.Outputs))
				}
				for j, o := range l.Outputs {
					if j >= len(c.Outputs) {
						if o.Role != RoleChange && o.Role != RoleOwnerChange {
							t.Errorf("output %d (%s) is too many", j, o.Role)
						}
						continue
					}
					want := c.Outputs[j]
					if got := hex.EncodeToString(o.Script); got != want.Script || int64(o.Value) != want.Value {
						t.Errorf("output %d: %d to %s, want %d to %s", j, o.Value, got, want.Value, want.Script)
					}
				}
			})
		}
	}
	testdata.Cases(t, payloads, n)
}
