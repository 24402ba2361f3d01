package scenario

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/index/scan"
)

// ErrBad is wrapped by every error about the content of a scenario file.
var ErrBad = errors.New("not a valid scenario file")

var errNoBlock = errors.New("the scenario has no such block")

// maxScenarioBytes bounds a scenario file.
const maxScenarioBytes = 512 << 20

// Scenario is a small chain out of a file, as a source of blocks. It is made by Read and read-only.
type Scenario struct {
	Params *names.Params
	first  int32
	blocks []scenarioBlock
	height map[chainhash.Hash]int32
}

type scenarioBlock struct {
	hash  chainhash.Hash
	raw   []byte
	spent map[int][]*wire.TxOut // by index of the transaction
}

// scenarioFile is what is read of a scenario file; every other key is left alone, whatever it
// holds: expected answers, final records and notes are for those who compare.
//
//	scenario = { "settings": a registry's settings (names.ParseSettings),
//	             "blocks": [ { "height": height, "hash": block hash, "header": hex of 80 bytes, "txs": [ tx* ] }+ ] }
//	tx       = { "hex": transaction without witness, "hex_witness": with it (optional),
//	             "prevouts": [ { "value": satoshi, "script": hex }* ] }             one per input, in order
//
// Heights begin with the registry's first block and have no gap. There is an older form, see
// legacyFile.
type scenarioFile struct {
	Settings json.RawMessage `json:"settings"`
	Blocks   []struct {
		Height int32        `json:"height"`
		Hash   string       `json:"hash"`
		Header string       `json:"header"`
		Txs    []scenarioTx `json:"txs"`
	} `json:"blocks"`
	legacyFile
}

type scenarioTx struct {
	Hex        string `json:"hex"`
	HexWitness string `json:"hex_witness"`
	TxIndex    *int   `json:"txindex"` // older form only
	Prevouts   []struct {
		Value  int64  `json:"value"`
		Script string `json:"script"`
	} `json:"prevouts"`
}

// Read reads a scenario file. Errors wrap ErrBad, except those of the reader.
func Read(r io.Reader) (*Scenario, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxScenarioBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read scenario: %w", err)
	}
	if len(b) > maxScenarioBytes {
		return nil, fmt.Errorf("%w: larger than %d bytes", ErrBad, maxScenarioBytes)
	}
	s, err := parseScenario(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBad, err)
	}
	return s, nil
}

func parseScenario(b []byte) (*Scenario, error) {
	var f scenarioFile
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, err
	}
	s := &Scenario{height: make(map[chainhash.Hash]int32)}
	if len(f.Settings) == 0 {
		return s, s.readLegacy(&f)
	}
	var err error
	if s.Params, err = names.ParseSettings(f.Settings); err != nil {
		return nil, fmt.Errorf("settings: %w", err)
	}
	s.first = s.Params.FirstBlock
	if len(f.Blocks) == 0 {
		return nil, errors.New("no blocks")
	}
	for i, b := range f.Blocks {
		if want := s.first + int32(i); b.Height != want {
			return nil, fmt.Errorf("blocks[%d]: height %d, want %d: heights must have no gap", i, b.Height, want)
		}
		header, err := hex.DecodeString(b.Header)
		if err == nil && len(header) != scan.HeaderLen {
			err = fmt.Errorf("%d bytes, want %d", len(header), scan.HeaderLen)
		}
		if err != nil {
			return nil, fmt.Errorf("block %d: header: %w", b.Height, err)
		}
		block, err := makeBlock(header, b.Txs)
		if err != nil {
			return nil, fmt.Errorf("block %d: %w", b.Height, err)
		}
		if b.Hash != "" && b.Hash != block.hash.String() {
			return nil, fmt.Errorf("block %d: its header has the hash %s, not %q", b.Height, block.hash, shortText(b.Hash))
		}
		if err := s.add(block); err != nil {
			return nil, fmt.Errorf("block %d: %w", b.Height, err)
		}
	}
	return s, nil
}

// add appends a block to the chain.
func (s *Scenario) add(b scenarioBlock) error {
	if n := len(s.blocks); n > 0 {
		if _, previous, _ := scan.Hashes(b.raw); previous != s.blocks[n-1].hash {
			return fmt.Errorf("it does not follow the block before it: its header says %s", previous)
		}
	}
	s.height[b.hash] = s.first + int32(len(s.blocks))
	s.blocks = append(s.blocks, b)
	return nil
}

// makeBlock puts a raw block together.
func makeBlock(header []byte, txs []scenarioTx) (scenarioBlock, error) {
	b := scenarioBlock{hash: chainhash.DoubleHashH(header), raw: header, spent: make(map[int][]*wire.TxOut)}
	b.raw = appendVarint(b.raw, uint64(len(txs)))
	for i, tx := range txs {
		text := tx.HexWitness
		if text == "" {
			text = tx.Hex
		}
		raw, err := hex.DecodeString(text)
		if err != nil {
			return b, fmt.Errorf("transaction %d: %w", i, err)
		}
		if !scan.IsTx(raw) {
			return b, fmt.Errorf("transaction %d: not a transaction", i)
		}
		b.raw = append(b.raw, raw...)
		if b.spent[i], err = tx.outputs(); err != nil {
			return b, fmt.Errorf("transaction %d: %w", i, err)
		}
	}
	return b, nil
}

func (tx *scenarioTx) outputs() ([]*wire.TxOut, error) {
	outs := make([]*wire.TxOut, len(tx.Prevouts))
	for i, p := range tx.Prevouts {
		script, err := hex.DecodeString(p.Script)
		if err != nil {
			return nil, fmt.Errorf("prevouts[%d]: script: %w", i, err)
		}
		outs[i] = &wire.TxOut{Value: p.Value, PkScript: script}
	}
	return outs, nil
}

// appendVarint appends Bitcoin's number of 1, 3, 5 or 9 bytes.
func appendVarint(b []byte, n uint64) []byte {
	switch {
	case n < 0xfd:
		return append(b, byte(n))
	case n <= 0xffff:
		return append(b, 0xfd, byte(n), byte(n>>8))
	case n <= 0xffffffff:
		return append(b, 0xfe, byte(n), byte(n>>8), byte(n>>16), byte(n>>24))
	}
	b = append(b, 0xff)
	for shift := 0; shift < 64; shift += 8 {
		b = append(b, byte(n>>shift))
	}
	return b
}

// shortText bounds a text from a file for messages.
func shortText(s string) string {
	const limit = 80
	if len(s) > limit {
		return s[:limit] + "…"
	}
	return s
}

// Tip is the last block, as an index asks a source for it.
func (s *Scenario) Tip(context.Context) (int32, chainhash.Hash, error) {
	last := len(s.blocks) - 1
	return s.first + int32(last), s.blocks[last].hash, nil
}

// HashAt is the hash of the block at a height.
func (s *Scenario) HashAt(_ context.Context, height int32) (chainhash.Hash, error) {
	b, err := s.at(height)
	if err != nil {
		return chainhash.Hash{}, err
	}
	return b.hash, nil
}

func (s *Scenario) at(height int32) (*scenarioBlock, error) {
	i := int64(height) - int64(s.first)
	if i < 0 || i >= int64(len(s.blocks)) {
		return nil, fmt.Errorf("%w: %d", errNoBlock, height)
	}
	return &s.blocks[i], nil
}

func (s *Scenario) byHash(hash chainhash.Hash) (*scenarioBlock, error) {
	height, ok := s.height[hash]
	if !ok {
		return nil, fmt.Errorf("%w: no block %s", errNoBlock, hash)
	}
	return s.at(height)
}

// Checked says that blocks are taken as the file has them: those of its older form have no header
// to hold them to.
func (s *Scenario) Checked() bool { return true }

// RawBlock is the bytes of a block.
func (s *Scenario) RawBlock(_ context.Context, hash chainhash.Hash) ([]byte, error) {
	b, err := s.byHash(hash)
	if err != nil {
		return nil, err
	}
	return b.raw, nil
}

// PrevOut finds nothing: a scenario knows spent outputs only by the transaction that spends them,
// see SpentBy.
func (s *Scenario) PrevOut(_ context.Context, op wire.OutPoint) (*wire.TxOut, error) {
	return nil, fmt.Errorf("%w: %s", scan.ErrNoSpentOutput, op)
}

// SpentBy is what the inputs of a transaction spend.
func (s *Scenario) SpentBy(_ context.Context, block chainhash.Hash, txIndex int) ([]*wire.TxOut, error) {
	b, err := s.byHash(block)
	if err != nil {
		return nil, err
	}
	return b.spent[txIndex], nil
}
