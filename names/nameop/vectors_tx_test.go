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

func TestVectorsFullTransactions(t *testing.T) {
	const file = "protocol/full_transactions.json"
	v := readVectors[struct {
		Transactions []struct {
			Op    string
			Error string
			Tx    hexBytes
			Txid  string
			Args  struct {
				Name         string
				NamespaceID  string             `json:"namespace_id"`
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
	}](t, file)
	p := names.Mainnet()
	words := map[string]string{
		"makePreorder": "NAME_PREORDER", "makeRegister": "NAME_REGISTRATION", "makeUpdate": "NAME_UPDATE", "makeTransfer": "NAME_TRANSFER",
		"makeRenewal": "NAME_RENEWAL", "makeRevoke": "NAME_REVOKE", "makeNamespacePreorder": "NAMESPACE_PREORDER",
		"makeNamespaceReveal": "NAMESPACE_REVEAL", "makeNamespaceReady": "NAMESPACE_READY", "makeNameImport": "NAME_IMPORT",
		"makeAnnounce": "ANNOUNCE", "makeTokenTransfer": "TOKEN_TRANSFER", "makeBitcoinSpend": "",
	}
	cases := 0
	for i, c := range v.Transactions {
		if c.Error != "" {
			continue // about the choice of coins
		}
		cases++
		what := fmt.Sprintf("%d %s", i, c.Op)
		tx := parseTx(t, c.Tx)
		prev := func(i int) (*wire.TxOut, error) {
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
		make, _, _ := strings.Cut(c.Op, " ")
		word, known := words[make]
		height, l := int32(inEpoch5), (*Located)(nil)
		l, err := FromTx(p, height, 7, tx, prev)
		if unparsed := new(Unparsed); errors.As(err, &unparsed) { // a form of earlier epochs
			height = inEpoch3
			l, err = FromTx(p, height, 7, tx, prev)
		}
		if word == "" {
			if !known || !errors.Is(err, ErrNotOurs) {
				t.Errorf("%s: %v, want ErrNotOurs", what, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", what, err)
			continue
		}
		payer := c.Args.PayerAddress
		recipient := map[string]string{
			"NAME_REGISTRATION": c.Args.OwnerAddress, "NAME_RENEWAL": c.Args.OwnerAddress, "NAME_TRANSFER": c.Args.DestAddress,
			"NAMESPACE_REVEAL": c.Args.RevealAddr, "NAME_IMPORT": c.Args.DestAddress, "TOKEN_TRANSFER": c.Args.DestAddress,
		}[word]
		if c.Op == "makeRenewal (zone file)" {
			recipient = c.Args.DestAddress // it transfers the name, too
		}
		if word != "NAME_PREORDER" && word != "NAME_REGISTRATION" && !strings.HasPrefix(word, "NAMESPACE") && word != "NAME_IMPORT" && word != "ANNOUNCE" {
			payer = c.Args.OwnerAddress // the owner's coin is input 0
		}
		if word == "TOKEN_TRANSFER" && strings.Contains(c.Op, "single key") || word == "ANNOUNCE" {
			payer = l.SenderAddress
		}
		payload, err := Payload(p.Magic, l.Op)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		}
		data, _ := FindPayload(tx, p.Magic)
		switch {
		case l.Op.OpName() != word:
			t.Errorf("%s: read as %s", what, l.Op.OpName())
		case l.Txid.String() != c.Txid || l.Height != height || l.Index != 7:
			t.Errorf("%s: %s at %d/%d", what, l.Txid, l.Height, l.Index)
		case !bytes.Equal(payload, data):
			t.Errorf("%s: payload %x, encoded again %x", what, data, payload)
		case l.SenderAddress != payer:
			t.Errorf("%s: sender %s, want %s", what, l.SenderAddress, payer)
		case l.SenderPubKey == nil:
			t.Errorf("%s: no public key", what)
		case l.RecipientAddress != recipient:
			t.Errorf("%s: recipient %s, want %s", what, l.RecipientAddress, recipient)
		}
		switch op := l.Op.(type) {
		case NamePreorder:
			want, err := HashPreorder(c.Args.Name, l.Sender, c.Args.OwnerAddress)
			if err != nil || op.Hash != want || l.BurnAddress != c.Args.BurnAddress {
				t.Errorf("%s: hash %s, want %s, %v; burn address %s", what, op.Hash, want, err, l.BurnAddress)
			}
			if c.Args.NamePrice.Units == names.Satoshi && l.Burned != btcutil.Amount(c.Args.NamePrice.Amount) {
				t.Errorf("%s: burned %d, want %d", what, l.Burned, c.Args.NamePrice.Amount)
			}
		case NameImport:
			if op.ZoneFile != c.Args.ZoneFileHash {
				t.Errorf("%s: zone-file hash %s, want %s", what, op.ZoneFile, c.Args.ZoneFileHash)
			}
		}
	}
	testdata.Cases(t, file, cases)
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
			Hex, OpReturn hexBytes
			Return        hexBytes `json:"op_return"`
			Txid          string
			Note          string `json:"note_in_source"`
		} `json:"raw_transactions"`
	}](t, file)
	p := names.Mainnet()
	cases := 0

	id := v.NamespaceID
	checkPreorderHash(t, id.Parameters.ID, id.Preorder.Sender, id.Parameters.Revealer, id.Preorder.PreorderHash)
	preorder, registration := v.Patrick.History["445838"][0], v.Patrick.History["445851"][0]
	checkPreorderHash(t, registration.Name, preorder.Sender, registration.Address, preorder.PreorderHash)
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

// TestSegwitRecipientIsRefused reads a reveal whose revealer is native segwit: it must not be an operation.
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
