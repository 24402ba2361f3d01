package nameop

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
)

// randomText is 1 to max characters of a name.
func randomText(r *rand.Rand, limit int) string {
	const chars = "abcdefghijklmnopqrstuvwxyz0123456789-_"
	b := make([]byte, 1+r.IntN(limit))
	for i := range b {
		b[i] = chars[r.IntN(len(chars))]
	}
	return string(b)
}

func randomName(r *rand.Rand) string {
	space := randomText(r, names.MaxNamespaceLen)
	return randomText(r, names.MaxNameLen-1-len(space)) + "." + space
}

// randomBytes fills an array.
func randomBytes[A ~[16]byte | ~[20]byte](r *rand.Rand) A {
	var a A
	for i := range len(a) {
		a[i] = byte(r.Uint32())
	}
	return a
}

// randomOp is any operation of epoch 5 with the number of outputs that goes with it.
func randomOp(r *rand.Rand) (Op, int) {
	hash, consensus := randomBytes[names.PreorderHash](r), randomBytes[names.ConsensusHash](r)
	zoneFile := randomBytes[names.ZoneFileHash](r)
	flip := func() bool { return r.IntN(2) == 0 }
	switch r.IntN(12) {
	case 0:
		op := NamePreorder{Hash: hash, Consensus: consensus}
		if flip() {
			op.HasTokens, op.Tokens, op.TokenUnit = true, r.Uint64(), strings.ToUpper(randomText(r, tokenUnitLen))
		}
		return op, 3
	case 1:
		op := NameRegistration{Name: randomName(r)}
		if flip() {
			op.ZoneFile, op.HasZoneFile, op.HasTokens = zoneFile, true, flip()
		}
		return op, 3
	case 2:
		op := NameRenewal{Name: randomName(r)}
		if flip() {
			op.ZoneFile, op.HasZoneFile, op.HasTokens, op.Tokens = zoneFile, true, true, r.Uint64()
		}
		return op, 5
	case 3:
		return NameUpdate{NameConsensus: randomBytes[Hash128](r), ZoneFile: zoneFile}, 2
	case 4:
		return NameTransfer{Keep: flip(), NameHash: randomBytes[Hash128](r), Consensus: consensus}, 3
	case 5:
		return NameRevoke{Name: randomName(r)}, 2
	case 6:
		return NameImport{Name: randomName(r)}, 4
	case 7:
		return NamespacePreorder{Hash: hash, Consensus: consensus, HasTokens: true, Tokens: r.Uint64()}, 3
	case 8:
		op := NamespaceReveal{
			ID: randomText(r, names.MaxNamespaceLen), Version: uint16(1 + r.IntN(3)), Lifetime: r.Uint32(), Coeff: byte(r.Uint32()),
			Base: byte(r.Uint32()), NonAlphaDiscount: byte(1 + r.IntN(15)), NoVowelDiscount: byte(1 + r.IntN(15)),
		}
		for i := range op.Buckets {
			op.Buckets[i] = byte(r.IntN(16))
		}
		return op, 3
	case 9:
		return NamespaceReady{ID: randomText(r, names.MaxNamespaceLen)}, 2
	case 10:
		return Announce{Message: randomBytes[[20]byte](r)}, 2
	}
	scratch := make([]byte, r.IntN(maxScratch+1))
	for i := range scratch {
		scratch[i] = byte(r.Uint32())
	}
	return TokenTransfer{Consensus: consensus, TokenType: randomText(r, tokenUnitLen), Amount: r.Uint64(), Scratch: string(scratch)}, 3
}

func TestDecodeReadsWhatPayloadWrites(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	p := names.Mainnet()
	_, epoch := p.Epoch(inEpoch5)
	seen := map[string]bool{}
	for range 20000 {
		op, outputs := randomOp(r)
		seen[op.OpName()] = true
		payload, err := Payload(p.Magic, op)
		if err != nil {
			t.Fatalf("%+v: %v", op, err)
		}
		if back, err := Decode(epoch, payload, outputs); err != nil || back != op {
			t.Fatalf("%+v: %x reads back as %+v, %v", op, payload, back, err)
		}
		script, err := Script(p.Magic, op)
		if err != nil {
			t.Fatal(err)
		}
		tx := wire.NewMsgTx(1)
		tx.AddTxOut(wire.NewTxOut(0, script))
		if found, ok := FindPayload(tx, p.Magic); !ok || !bytes.Equal(found, payload) {
			t.Fatalf("%+v: script %x carries %x", op, script, found)
		}
	}
	if len(seen) != 12 {
		t.Errorf("only %d operations were tried", len(seen))
	}
}

func TestEncodeRefuses(t *testing.T) {
	magic := [2]byte{'i', 'd'}
	for _, op := range []Op{
		NamePreorder{Tokens: 1},
		NamePreorder{TokenUnit: "STACKS"},
		NamePreorder{HasTokens: true},
		NamePreorder{HasTokens: true, TokenUnit: strings.Repeat("S", 20)},
		NamePreorder{HasTokens: true, TokenUnit: "STACKS\x00"},
		NameRegistration{},
		NameRegistration{Name: "Alice.id"},
		NameRegistration{Name: "alice.id", ZoneFile: names.ZoneFileHash{1}},
		NameRegistration{Name: "alice.id", HasTokens: true},
		NameRenewal{Name: "alice.id", Tokens: 1},
		NameRenewal{Name: "alice.id", HasZoneFile: true, Tokens: 1},
		NameRevoke{Name: "alice"},
		NameImport{Name: "alice.id.id"},
		NamespacePreorder{Tokens: 1},
		NamespaceReveal{ID: "id", Version: 4, NonAlphaDiscount: 1, NoVowelDiscount: 1},
		NamespaceReveal{ID: "id", Version: 1, NonAlphaDiscount: 0, NoVowelDiscount: 1},
		NamespaceReveal{ID: "id", Version: 1, NonAlphaDiscount: 1, NoVowelDiscount: 16},
		NamespaceReveal{ID: "", Version: 1, NonAlphaDiscount: 1, NoVowelDiscount: 1},
		NamespaceReveal{ID: "id", Version: 1, NonAlphaDiscount: 1, NoVowelDiscount: 1, Buckets: [16]byte{15: 16}},
		NamespaceReady{ID: "a.b"},
		TokenTransfer{},
		TokenTransfer{TokenType: "STACKS", Scratch: strings.Repeat("x", 35)},
	} {
		if b, err := Payload(magic, op); b != nil || !errors.Is(err, ErrEncode) {
			t.Errorf("%s %+v: %x, %v, want ErrEncode", op.OpName(), op, b, err)
		}
		if b, err := Script(magic, op); b != nil || !errors.Is(err, ErrEncode) {
			t.Errorf("%s %+v: script %x, %v, want ErrEncode", op.OpName(), op, b, err)
		}
	}
	// The longest operation of all fills the relay limit exactly.
	longest := TokenTransfer{TokenType: "STACKS", Scratch: strings.Repeat("x", maxScratch)}
	if b, err := Payload(magic, longest); err != nil || len(b) != MaxPayload {
		t.Errorf("longest token transfer: %d bytes, %v", len(b), err)
	}
}

// TestDecodeByEpoch reads forms that only some epochs know.
func TestDecodeByEpoch(t *testing.T) {
	magic := [2]byte{'i', 'd'}
	extended := func(tokens bool) []byte {
		b, err := Payload(magic, NameRenewal{Name: "alice.id", HasZoneFile: true, HasTokens: tokens})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	with := func(op Op) []byte {
		b, err := Payload(magic, op)
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	registersTokens := binary.BigEndian.AppendUint64(extended(false), 1)
	for _, c := range []struct {
		what    string
		payload []byte
		outputs int
		epochs  string // in which it is read
	}{
		{"bare registration", []byte("id:alice.id"), 3, "12345"},
		{"bare renewal", []byte("id:alice.id"), 4, "12345"},
		{"registration with hash", extended(false), 3, "345"},
		{"registration with hash and tokens", extended(true), 3, "45"},
		{"registration that burns", registersTokens, 3, ""},
		{"renewal with hash", extended(false), 4, "3"},
		{"renewal with hash and tokens", extended(true), 4, "45"},
		{"renewal that burns", registersTokens, 4, "45"},
		{"padded name without hash", append([]byte("id:alice.id"), make([]byte, 29)...), 3, ""},
		{"name of 37 bytes", []byte("id:" + strings.Repeat("a", 34) + ".id"), 3, "12345"},
		{"name of 38 bytes", []byte("id:" + strings.Repeat("a", 35) + ".id"), 3, ""},
		{"name with a line feed", []byte("id:alice.id\n"), 3, "12345"},
		{"preorder", with(NamePreorder{}), 3, "12345"},
		{"preorder with tokens", with(NamePreorder{HasTokens: true, TokenUnit: "STACKS"}), 3, "45"},
		{"namespace preorder", with(NamespacePreorder{}), 3, "123"},
		{"namespace preorder with tokens", with(NamespacePreorder{HasTokens: true}), 3, "45"},
		{"token transfer", with(TokenTransfer{TokenType: "STACKS"}), 3, "45"},
		{"version 3 reveal", with(NamespaceReveal{ID: "id", Version: 3, NonAlphaDiscount: 1, NoVowelDiscount: 1}), 3, "12345"},
		{"short update", with(NameUpdate{})[:38], 2, ""},
		{"unknown disposition", append([]byte("id>x"), make([]byte, 32)...), 2, ""},
		{"ready without dot", []byte("id!id"), 2, ""},
		{"ready without id", []byte("id!."), 2, ""},
		{"reveal without id", append([]byte("id&"), make([]byte, 17)...), 3, ""},
		{"nothing after the opcode", []byte("id?"), 3, ""},
	} {
		got := ""
		for i := range names.Mainnet().Epochs {
			_, err := Decode(&names.Mainnet().Epochs[i], c.payload, c.outputs)
			var unparsed *Unparsed
			switch {
			case err == nil:
				got += string(rune('1' + i))
			case !errors.As(err, &unparsed) || unparsed.Reason == "":
				t.Errorf("%s in epoch %d: error %v", c.what, i+1, err)
			}
		}
		if got != c.epochs {
			t.Errorf("%s: read in epochs %q, want %q", c.what, got, c.epochs)
		}
	}
	for _, payload := range []string{"", "id", "idx", "id@alice.id"} {
		if _, err := Decode(&names.Mainnet().Epochs[4], []byte(payload), 3); !errors.Is(err, ErrNotOurs) {
			t.Errorf("%q: %v, want ErrNotOurs", payload, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	r := rand.New(rand.NewPCG(3, 4))
	p := names.Mainnet()
	for range 60 {
		op, outputs := randomOp(r)
		payload, err := Payload(p.Magic, op)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(payload, uint8(outputs))
	}
	long, err := Payload(p.Magic, TokenTransfer{TokenType: "STACKS", Scratch: strings.Repeat("x", maxScratch)})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(append(long, 'x'), uint8(3)) // a block may hold it
	f.Fuzz(func(t *testing.T, payload []byte, outputs uint8) {
		for i := range p.Epochs {
			op, err := Decode(&p.Epochs[i], payload, int(outputs))
			if err != nil {
				var unparsed *Unparsed
				if op != nil || !errors.Is(err, ErrNotOurs) && !errors.As(err, &unparsed) {
					t.Errorf("%x: %+v, %v", payload, op, err)
				}
				continue
			}
			// What was read is written the same, up to where units are padded; reading that gives
			// the same operation. Units that cannot be written are refused, and scratch areas that
			// no node relays.
			again, err := Payload([2]byte(payload), op)
			if err != nil {
				transfer, _ := op.(TokenTransfer)
				if !errors.Is(err, ErrEncode) || !hasOddUnit(op) && len(transfer.Scratch) <= maxScratch {
					t.Errorf("%x: %+v cannot be encoded: %v", payload, op, err)
				}
				continue
			}
			if back, err := Decode(&p.Epochs[i], again, int(outputs)); err != nil || back != op {
				t.Errorf("%x: encoded again %x reads as %+v, %v, want %+v", payload, again, back, err, op)
			}
			if !bytes.Equal(again, payload) && !hasUnit(op) {
				t.Errorf("%x: encoded again %x", payload, again)
			}
		}
	})
}

// hasUnit reports whether an operation has a token unit, which may be padded in several ways.
func hasUnit(op Op) bool {
	switch op := op.(type) {
	case NamePreorder:
		return op.HasTokens
	case TokenTransfer:
		return true
	}
	return false
}

// hasOddUnit reports whether an operation's token unit is empty.
func hasOddUnit(op Op) bool {
	switch op := op.(type) {
	case NamePreorder:
		return op.HasTokens && op.TokenUnit == ""
	case TokenTransfer:
		return op.TokenType == ""
	}
	return false
}

func FuzzClassify(f *testing.F) {
	f.Add(ownerScript(1))
	f.Add([]byte{scriptReturn, 0x4c, 3, 'i', 'd', '~'})
	f.Add([]byte{0x51, 1, 2, 0x51, scriptCheckMultiSig})
	f.Add([]byte{0x4e, 255, 255, 255, 255, scriptCheckSig})
	p := names.Mainnet()
	f.Fuzz(func(t *testing.T, script []byte) {
		kind := Classify(script)
		_, err := p.ScriptAddress(script)
		if hasAddress := kind == names.PubKeyHash || kind == names.ScriptHash; (err == nil) != hasAddress {
			t.Errorf("%x: %s, but its address: %v", script, kind, err)
		}
		if (kind == names.NullData) != (len(script) > 0 && script[0] == scriptReturn) {
			t.Errorf("%x: %s", script, kind)
		}
		total := 0
		for rest := script; len(rest) > 0; total++ {
			var tok token
			before := len(rest)
			tok, rest = nextToken(rest)
			if len(rest) >= before || len(tok.data)+len(rest) >= before {
				t.Fatalf("%x: token %x leaves %d of %d bytes", script, tok.data, len(rest), before)
			}
		}
	})
}

func FuzzFromTx(f *testing.F) {
	r := rand.New(rand.NewPCG(5, 6))
	p := names.Mainnet()
	for range 40 {
		op, outputs := randomOp(r)
		tx := opTx(f, p, op)
		for i := 1; i < outputs; i++ {
			tx.AddTxOut(wire.NewTxOut(int64(i), ownerScript(byte(i))))
		}
		var b bytes.Buffer
		if err := tx.Serialize(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes(), ownerScript(7), int32(inEpoch5))
	}
	f.Fuzz(func(t *testing.T, raw, prev []byte, height int32) {
		tx := new(wire.MsgTx)
		if err := tx.Deserialize(bytes.NewReader(raw)); err != nil {
			return
		}
		l, err := FromTx(p, height, 1, tx, spends(prev))
		var unparsed *Unparsed
		if err != nil {
			if l != nil || !errors.Is(err, ErrNotOurs) && !errors.As(err, &unparsed) {
				t.Errorf("%+v, %v", l, err)
			}
			return
		}
		if l.SenderAddress == "" || !bytes.Equal(l.Sender, prev) || l.Txid != tx.TxHash() {
			t.Errorf("%+v", l)
		}
	})
}

func BenchmarkFindPayload(b *testing.B) {
	tx := wire.NewMsgTx(1)
	for i := range 3 {
		tx.AddTxOut(wire.NewTxOut(1, ownerScript(byte(i))))
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := FindPayload(tx, [2]byte{'i', 'd'}); ok {
			b.Fatal("found")
		}
	}
}

func BenchmarkFromTx(b *testing.B) {
	p := names.Mainnet()
	tx := opTx(b, p, NamePreorder{}, wire.NewTxOut(1, ownerScript(1)), wire.NewTxOut(1, ownerScript(2)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := FromTx(p, inEpoch5, 1, tx, spends(ownerScript(1))); err != nil {
			b.Fatal(err)
		}
	}
}
