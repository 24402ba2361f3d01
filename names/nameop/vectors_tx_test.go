package nameop

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/testdata"
)

func parseTx(t *testing.T, raw []byte) *wire.MsgTx {
	t.Helper()
	tx := new(wire.MsgTx)
	if err := tx.Deserialize(bytes.NewReader(raw)); err != nil {
		t.Fatal(err)
	}
	return tx
}

// vectorTransaction is one case of full_transactions.json.
type vectorTransaction struct {
	Op    string
	Error string
	Tx    hexBytes
	Txid  string
	Args  struct {
		Name         string
		DestAddress  string             `json:"dest_address"`
		OwnerAddress string             `json:"owner_address"`
		PayerAddress string             `json:"payer_address"`
		RevealAddr   string             `json:"reveal_address"`
		BurnAddress  string             `json:"burn_address"`
		ZoneFileHash names.ZoneFileHash `json:"zonefile_hash"`
		NamePrice    struct {
			Amount decimal
			Units  names.Unit
		} `json:"name_price"`
	}
	UTXOs map[string][]struct {
		Hash  string `json:"tx_hash"`
		Index uint32 `json:"tx_output_n"`
		Value int64
	}
}

func TestVectorsFullTransactions(t *testing.T) {
	const file = "protocol/full_transactions.json"
	v := readVectors[struct{ Transactions []vectorTransaction }](t, file)
	p := names.Mainnet()
	cases := 0
	for i := range v.Transactions {
		c := &v.Transactions[i]
		if c.Error != "" {
			continue // about the choice of coins
		}
		cases++
		t.Run(fmt.Sprintf("%d %s", i, c.Op), func(t *testing.T) { c.check(t, p) })
	}
	testdata.Cases(t, file, cases)
}

// prev gives the output that an input spends, out of the coins of the case.
func (c *vectorTransaction) prev(p *names.Params, tx *wire.MsgTx) func(int) (*wire.TxOut, error) {
	return func(i int) (*wire.TxOut, error) {
		in := tx.TxIn[i].PreviousOutPoint
		for owner, coins := range c.UTXOs {
			for _, coin := range coins {
				if coin.Hash == in.Hash.String() && coin.Index == in.Index {
					script, err := p.AddressScript(owner)
					return wire.NewTxOut(coin.Value, script), err
				}
			}
		}
		return nil, fmt.Errorf("no coin %s", in)
	}
}

// expected gives the operation, the sender and the recipient of a case.
func (c *vectorTransaction) expected(t *testing.T) (word, sender, recipient string) {
	t.Helper()
	a := &c.Args
	switch function, _, _ := strings.Cut(c.Op, " "); function {
	case "makeBitcoinSpend":
		return "", "", ""
	case "makePreorder":
		return "NAME_PREORDER", a.PayerAddress, ""
	case "makeRegister":
		return "NAME_REGISTRATION", a.PayerAddress, a.OwnerAddress
	case "makeRenewal":
		if c.Op == "makeRenewal (zone file)" { // it transfers the name, too
			return "NAME_RENEWAL", a.OwnerAddress, a.DestAddress
		}
		return "NAME_RENEWAL", a.OwnerAddress, a.OwnerAddress
	case "makeUpdate":
		return "NAME_UPDATE", a.OwnerAddress, ""
	case "makeTransfer":
		return "NAME_TRANSFER", a.OwnerAddress, a.DestAddress
	case "makeRevoke":
		return "NAME_REVOKE", a.OwnerAddress, ""
	case "makeNameImport":
		return "NAME_IMPORT", a.PayerAddress, a.DestAddress
	case "makeNamespacePreorder":
		return "NAMESPACE_PREORDER", a.PayerAddress, ""
	case "makeNamespaceReveal":
		return "NAMESPACE_REVEAL", a.PayerAddress, a.RevealAddr
	case "makeNamespaceReady":
		return "NAMESPACE_READY", a.PayerAddress, ""
	case "makeAnnounce":
		return "ANNOUNCE", a.PayerAddress, ""
	case "makeTokenTransfer":
		if c.Op == "makeTokenTransfer (separate funder)" {
			return "TOKEN_TRANSFER", a.OwnerAddress, a.DestAddress
		}
		return "TOKEN_TRANSFER", a.PayerAddress, a.DestAddress
	}
	t.Fatalf("unknown function %s", c.Op)
	return "", "", ""
}

func (c *vectorTransaction) check(t *testing.T, p *names.Params) {
	tx := parseTx(t, c.Tx)
	height := int32(inEpoch5)
	l, err := FromTx(p, height, 7, tx, c.prev(p, tx))
	if unparsed := new(Unparsed); errors.As(err, &unparsed) { // a form of earlier epochs
		height = inEpoch3
		l, err = FromTx(p, height, 7, tx, c.prev(p, tx))
	}
	word, sender, recipient := c.expected(t)
	if word == "" {
		if !errors.Is(err, ErrNotOurs) {
			t.Errorf("%v, want ErrNotOurs", err)
		}
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	payload, err := Payload(p.Magic, l.Op)
	data, _ := FindPayload(tx, p.Magic)
	switch {
	case err != nil:
		t.Error(err)
	case l.Op.OpName() != word:
		t.Errorf("read as %s", l.Op.OpName())
	case l.Txid.String() != c.Txid || l.Height != height || l.Index != 7:
		t.Errorf("%s at %d/%d", l.Txid, l.Height, l.Index)
	case !bytes.Equal(payload, data):
		t.Errorf("payload %x, encoded again %x", data, payload)
	case l.SenderAddress != sender || l.SenderPubKey == nil:
		t.Errorf("sender %s with key %x, want %s", l.SenderAddress, l.SenderPubKey, sender)
	case l.RecipientAddress != recipient:
		t.Errorf("recipient %s, want %s", l.RecipientAddress, recipient)
	}
	switch op := l.Op.(type) {
	case NamePreorder:
		want, err := HashPreorder(c.Args.Name, l.Sender, c.Args.OwnerAddress)
		if err != nil || op.Hash != want || l.BurnAddress != c.Args.BurnAddress {
			t.Errorf("hash %s, want %s, %v; burn address %s", op.Hash, want, err, l.BurnAddress)
		}
		if c.Args.NamePrice.Units == names.Satoshi && l.Burned != btcutil.Amount(c.Args.NamePrice.Amount) {
			t.Errorf("burned %d, want %d", l.Burned, c.Args.NamePrice.Amount)
		}
	case NameImport:
		if op.ZoneFile != c.Args.ZoneFileHash {
			t.Errorf("zone-file hash %s, want %s", op.ZoneFile, c.Args.ZoneFileHash)
		}
	}
}

func TestVectorsMainnet(t *testing.T) {
	const file = "protocol/mainnet.json"
	type record struct {
		Address      string
		Sender       hexBytes
		PubKey       *hexBytes `json:"sender_pubkey"`
		Name         string
		NameHash128  *string `json:"name_hash128"`
		PreorderHash string  `json:"preorder_hash"`
		Op           string
	}
	v := readVectors[struct {
		NamespaceID struct {
			Preorder   record
			Parameters struct {
				ID       string `json:"namespace_id"`
				Revealer string `json:"revealer_address"`
			}
		} `json:"namespace_id"`
		Muneeb struct {
			Name        string
			NameHash128 string `json:"name_hash128"`
			ZoneFile    struct {
				Hash, Text string
			}
		} `json:"history_muneeb_id"`
		Patrick struct {
			History map[string][]record
		} `json:"history_patrickstanley_id"`
		Block struct {
			Operations []record
		} `json:"operations_in_block_462592"`
		Raw []struct {
			Hex    hexBytes
			Return hexBytes `json:"op_return"`
			Txid   string
			Note   string `json:"note_in_source"`
		} `json:"raw_transactions"`
	}](t, file)
	p := names.Mainnet()
	cases := 0

	id := v.NamespaceID
	checkPreorderHash(t, id.Parameters.ID, id.Preorder.Sender, id.Parameters.Revealer, id.Preorder.PreorderHash)
	preorders, registrations := v.Patrick.History["445838"], v.Patrick.History["445851"]
	if len(preorders) == 0 || len(registrations) == 0 {
		t.Fatal("the history of patrickstanley.id is not there")
	}
	checkPreorderHash(t, registrations[0].Name, preorders[0].Sender, registrations[0].Address, preorders[0].PreorderHash)
	if got := names.HashZoneFile([]byte(v.Muneeb.ZoneFile.Text)).String(); got != v.Muneeb.ZoneFile.Hash {
		t.Errorf("zone-file hash %s, want %s", got, v.Muneeb.ZoneFile.Hash)
	}
	if got := NameHash(v.Muneeb.Name).String(); got != v.Muneeb.NameHash128 {
		t.Errorf("name hash %s, want %s", got, v.Muneeb.NameHash128)
	}
	cases += 4

	records := append([]record{id.Preorder}, v.Block.Operations...)
	for _, list := range v.Patrick.History {
		records = append(records, list...)
	}
	for _, r := range records {
		cases++
		if got, err := p.ScriptAddress(r.Sender); err != nil || got != r.Address {
			t.Errorf("address of %s: %s, %v, want %s", r.Sender, got, err, r.Address)
		}
		if script, err := p.AddressScript(r.Address); err != nil || !bytes.Equal(script, r.Sender) {
			t.Errorf("script of %s: %x, %v, want %s", r.Address, script, err, r.Sender)
		}
		if r.NameHash128 != nil && NameHash(r.Name).String() != *r.NameHash128 {
			t.Errorf("name hash of %s: %s, want %s", r.Name, NameHash(r.Name), *r.NameHash128)
		}
	}

	for _, c := range v.Raw {
		cases++
		tx := parseTx(t, c.Hex)
		payload, ok := FindPayload(tx, p.Magic)
		if !ok || !bytes.Equal(payload, c.Return) {
			t.Errorf("%s: payload %x, want %s", c.Txid, payload, c.Return)
		}
		if got := tx.TxHash().String(); got != c.Txid {
			t.Errorf("txid %s, want %s", got, c.Txid)
		}
		_, epoch := p.Epoch(inEpoch3)
		op, err := Decode(epoch, payload, len(tx.TxOut))
		if err != nil {
			t.Errorf("%s: %v", c.Txid, err)
			continue
		}
		if again, err := Payload(p.Magic, op); err != nil || !bytes.Equal(again, payload) {
			t.Errorf("%s: encoded again %x, %v, want %x", c.Txid, again, err, payload)
		}
		if word, _, _ := strings.Cut(c.Note, " "); strings.HasPrefix(word, "NAME") && op.OpName() != word {
			t.Errorf("%s: read as %s, want %s", c.Txid, op.OpName(), word)
		}
	}
	testdata.Cases(t, file, cases)
}

// TestSegwitRecipientIsRefused reads a reveal whose revealer is native segwit: it must not be an
// operation.
func TestSegwitRecipientIsRefused(t *testing.T) {
	p := names.Mainnet()
	payload, err := hex.DecodeString("6964260000cd73fa046543210000000000aa000174657374")
	if err != nil {
		t.Fatal(err)
	}
	op, err := Decode(&p.Epochs[2], payload, 3)
	if err != nil {
		t.Fatal(err)
	}
	tx := opTx(t, p, op, wire.NewTxOut(5500, append([]byte{0, 20}, make([]byte, 20)...)), wire.NewTxOut(5500, ownerScript(1)))
	_, err = FromTx(p, inEpoch3, 1, tx, spends(ownerScript(2)))
	var unparsed *Unparsed
	if !errors.As(err, &unparsed) || unparsed.Reason != "output 1 is p2wpkh" {
		t.Errorf("error %v", err)
	}
}
