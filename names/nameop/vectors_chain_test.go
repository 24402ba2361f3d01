package nameop

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/testdata"
)

// vectorChain is a recorded chain with what the reference read from each transaction.
type vectorChain struct {
	Settings json.RawMessage
	Blocks   []struct {
		Height int32
		Txs    []struct {
			Txid     string
			Hex      hexBytes
			Witness  hexBytes `json:"hex_witness"`
			Prevouts []struct {
				Script hexBytes
				Value  int64
			}
		}
		Expected struct {
			Ops []struct {
				Txid    string
				Status  string
				Opcode  string
				Byte    string `json:"opcode_byte"`
				Payload hexBytes
				Index   int `json:"vtxindex"`
				Parsed  map[string]any
			}
		}
	}
}

// TestVectorsChain compares what every transaction of the recorded chains is read as.
func TestVectorsChain(t *testing.T) {
	for _, pattern := range []string{"chain/*.json", "blockfiles/scenario.json"} {
		t.Run(pattern, func(t *testing.T) {
			for _, file := range testdata.Files(t, pattern) {
				t.Run(file, func(t *testing.T) { checkChain(t, file) })
			}
		})
	}
}

func checkChain(t *testing.T, file string) {
	chain := readVectors[vectorChain](t, file)
	p, err := names.ParseSettings(chain.Settings)
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	for _, block := range chain.Blocks {
		expected := block.Expected.Ops
		for i, vtx := range block.Txs {
			tx := parseTx(t, vtx.Hex)
			l, err := FromTx(p, block.Height, i, tx, func(i int) (*wire.TxOut, error) {
				return wire.NewTxOut(vtx.Prevouts[i].Value, vtx.Prevouts[i].Script), nil
			})
			if len(expected) == 0 || expected[0].Txid != vtx.Txid {
				if !errors.Is(err, ErrNotOurs) {
					t.Errorf("%d/%d: plain money is read as %+v, %v", block.Height, i, l, err)
				}
				continue
			}
			cases++
			want := expected[0]
			expected = expected[1:]
			var unparsed *Unparsed
			switch {
			case want.Status == "ignored":
				if !errors.Is(err, ErrNotOurs) {
					t.Errorf("%d/%d: %+v, %v, want ErrNotOurs", block.Height, i, l, err)
				}
			case want.Status == "unparsed":
				if !errors.As(err, &unparsed) || string(rune(unparsed.Opcode)) != want.Byte {
					t.Errorf("%d/%d: %+v, %v, want Unparsed %s", block.Height, i, l, err, want.Byte)
				}
			case err != nil:
				t.Errorf("%d/%d: %s: %v", block.Height, i, want.Opcode, err)
			default:
				if l.Op.OpName() != want.Opcode || l.Txid.String() != vtx.Txid || l.Index != want.Index {
					t.Errorf("%d/%d: read as %s, want %s", block.Height, i, l.Op.OpName(), want.Opcode)
				}
				if payload, _ := FindPayload(tx, p.Magic); fmt.Sprintf("%x", payload[headerLen:]) != want.Payload.String() {
					t.Errorf("%d/%d: payload %x, want %s", block.Height, i, payload[headerLen:], want.Payload)
				}
				compareParsed(t, fmt.Sprintf("%d/%d %s", block.Height, i, want.Opcode), l, want.Parsed)
			}
			if len(vtx.Witness) > 0 && err == nil {
				if got := parseTx(t, vtx.Witness).TxHash(); got != l.Txid {
					t.Errorf("%d/%d: txid %s with witness, %s without", block.Height, i, got, l.Txid)
				}
			}
		}
		if len(expected) > 0 {
			t.Errorf("%d: %s was not met", block.Height, expected[0].Txid)
		}
	}
	testdata.Cases(t, file, cases)
}

// compareParsed compares an operation with the fields of the reference.
func compareParsed(t *testing.T, what string, l *Located, want map[string]any) {
	t.Helper()
	got := parsedFields(l)
	for key, value := range want {
		have, known := got[key]
		if !known {
			continue // a height, or a constant
		}
		text := ""
		switch v := value.(type) {
		case nil:
		case float64:
			text = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			text = strings.TrimPrefix(fmt.Sprint(v), "hex:")
		}
		if have != text {
			t.Errorf("%s: %s is %q, want %q", what, key, have, text)
		}
	}
}

// parsedFields gives the fields of an operation under the names of the reference.
func parsedFields(l *Located) map[string]string {
	f := map[string]string{
		"sender": fmt.Sprintf("%x", l.Sender), "address": l.SenderAddress, "sender_pubkey": fmt.Sprintf("%x", l.SenderPubKey),
		"recipient": fmt.Sprintf("%x", l.Recipient), "recipient_address": l.RecipientAddress,
		"op_fee": strconv.FormatInt(int64(l.Burned), 10), "burn_address": l.BurnAddress,
	}
	zoneFile := func(h names.ZoneFileHash, has bool) {
		f["value_hash"] = ""
		if has {
			f["value_hash"] = h.String()
		}
	}
	tokens := func(n uint64, has bool) {
		f["token_fee"] = ""
		if has {
			f["token_fee"] = strconv.FormatUint(n, 10)
		}
	}
	switch op := l.Op.(type) {
	case NamePreorder:
		f["preorder_hash"], f["consensus_hash"] = op.Hash.String(), op.Consensus.String()
		tokens(op.Tokens, op.HasTokens)
		f["token_units"] = op.TokenUnit
		if !op.HasTokens {
			delete(f, "token_units")
		}
	case NameRegistration:
		f["name"] = op.Name
		zoneFile(op.ZoneFile, op.HasZoneFile)
	case NameRenewal:
		f["name"] = op.Name
		zoneFile(op.ZoneFile, op.HasZoneFile)
		f["token_fee"] = strconv.FormatUint(op.Tokens, 10)
	case NameUpdate:
		f["name_consensus_hash"] = op.NameConsensus.String()
		zoneFile(op.ZoneFile, true)
	case NameTransfer:
		f["name_hash128"], f["consensus_hash"], f["keep_data"] = op.NameHash.String(), op.Consensus.String(), strconv.FormatBool(op.Keep)
	case NameRevoke:
		f["name"] = op.Name
	case NameImport:
		f["name"] = op.Name
		zoneFile(op.ZoneFile, true)
	case NamespacePreorder:
		f["preorder_hash"], f["consensus_hash"] = op.Hash.String(), op.Consensus.String()
		tokens(op.Tokens, op.HasTokens)
	case NamespaceReveal:
		f["namespace_id"], f["version"] = op.ID, strconv.Itoa(int(op.Version))
		f["lifetime"], f["coeff"], f["base"] = strconv.FormatUint(uint64(op.Lifetime), 10), strconv.Itoa(int(op.Coeff)), strconv.Itoa(int(op.Base))
		f["buckets"] = fmt.Sprint(op.Buckets[:])
		f["nonalpha_discount"], f["no_vowel_discount"] = strconv.Itoa(int(op.NonAlphaDiscount)), strconv.Itoa(int(op.NoVowelDiscount))
		if hash, err := HashPreorder(op.ID, l.Sender, l.RecipientAddress); err == nil {
			f["preorder_hash"] = hash.String()
		}
	case NamespaceReady:
		f["namespace_id"] = op.ID
	case Announce:
		f["message_hash"] = fmt.Sprintf("%x", op.Message)
	case TokenTransfer:
		f["consensus_hash"], f["token_units"], f["scratch_area"] = op.Consensus.String(), op.TokenType, fmt.Sprintf("%x", op.Scratch)
		tokens(op.Amount, true)
	}
	return f
}
