package scenario

import (
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"

	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/names"
	"blockstack/names/index/scan"
)

// legacyFile is what a scenario file of the older form has beside blocks. The rules are those of
// mainnet with another first block.
//
//	legacy = { "first_block": height, "last_block": height, "genesis_accounts": [ row* ],
//	           "blocks": [ { "height": height, "txs": [ tx with "txindex" ] }* ] }
//	row    = { "address": base58, "type": token type, "value": amount, "vesting": { height: amount }, "lock_send": height,
//	           "receive_whitelisted": boolean, "metadata": text or null }
//
// Blocks that are not listed are empty. Headers are made up; so are transactions at indexes that
// are not given.
type legacyFile struct {
	FirstBlock *int32 `json:"first_block"`
	LastBlock  int32  `json:"last_block"`
	Genesis    []struct {
		Address            string                 `json:"address"`
		Type               string                 `json:"type"`
		Value              json.Number            `json:"value"`
		Vesting            map[string]json.Number `json:"vesting"`
		LockSend           int32                  `json:"lock_send"`
		ReceiveWhitelisted *bool                  `json:"receive_whitelisted"`
		Metadata           string                 `json:"metadata"`
	} `json:"genesis_accounts"`
}

// maxLegacyBlocks bounds the made-up blocks of a file.
const maxLegacyBlocks = 1 << 20

func (s *Scenario) readLegacy(f *scenarioFile) error {
	if f.FirstBlock == nil {
		return errors.New("settings: the key is missing")
	}
	s.first = *f.FirstBlock
	count := int64(f.LastBlock) - int64(s.first) + 1
	if s.first < 4 || count < 1 || count > maxLegacyBlocks {
		return fmt.Errorf("blocks %d to %d: not a range of blocks", s.first, f.LastBlock)
	}
	if err := s.legacyParams(f); err != nil {
		return err
	}
	var previous chainhash.Hash
	next := 0
	for height := s.first; height <= f.LastBlock; height++ {
		var txs []scenarioTx
		if next < len(f.Blocks) && f.Blocks[next].Height == height {
			txs = f.Blocks[next].Txs
			next++
		}
		block, err := legacyBlock(height, previous, txs)
		if err != nil {
			return fmt.Errorf("block %d: %w", height, err)
		}
		previous = block.hash
		if err := s.add(block); err != nil {
			return err
		}
	}
	if next != len(f.Blocks) {
		return fmt.Errorf("blocks[%d]: height %d is out of order or out of range", next, f.Blocks[next].Height)
	}
	return nil
}

// legacyParams are mainnet's with another first block and token table.
func (s *Scenario) legacyParams(f *scenarioFile) error {
	p := names.Mainnet()
	p.GenesisUnknown = false // the file has them all
	genesis := p.InitialConsensus[p.FirstBlock-1]
	p.FirstBlock = s.first
	p.InitialConsensus = make(map[int32]names.ConsensusHash)
	for h := s.first - 4; h < s.first; h++ {
		p.InitialConsensus[h] = genesis
	}
	amount := func(n json.Number) (*big.Int, error) {
		v, ok := new(big.Int).SetString(n.String(), 10)
		if !ok || v.Sign() < 0 || v.BitLen() > 128 {
			return nil, fmt.Errorf("%q is not an amount", shortText(n.String()))
		}
		return v, nil
	}
	for i, g := range f.Genesis {
		account := names.GenesisAccount{
			Address: g.Address, Type: g.Type, LockSend: g.LockSend, Metadata: g.Metadata,
			ReceiveWhitelisted: g.ReceiveWhitelisted == nil || *g.ReceiveWhitelisted,
		}
		var err error
		if account.Value, err = amount(g.Value); err != nil {
			return fmt.Errorf("genesis_accounts[%d]: %w", i, err)
		}
		for text, n := range g.Vesting {
			var v names.Vesting
			if _, err = fmt.Sscanf(text, "%d", &v.Height); err == nil {
				v.Amount, err = amount(n)
			}
			if err != nil {
				return fmt.Errorf("genesis_accounts[%d]: vesting: %w", i, err)
			}
			account.Vesting = append(account.Vesting, v)
		}
		p.Genesis = append(p.Genesis, account)
	}
	s.Params = p
	return nil
}

// maxLegacyIndex bounds how many transactions are made up in a block.
const maxLegacyIndex = 10_000

// legacyBlock makes a block with a made-up header. Indexes without a transaction get one that
// spends and pays nothing.
func legacyBlock(height int32, previous chainhash.Hash, txs []scenarioTx) (scenarioBlock, error) {
	var full []scenarioTx
	for _, tx := range txs {
		if tx.TxIndex == nil || *tx.TxIndex < len(full) || *tx.TxIndex > maxLegacyIndex {
			return scenarioBlock{}, errors.New("txindex is missing or out of order")
		}
		for len(full) < *tx.TxIndex {
			full = append(full, filler(height, len(full)))
		}
		full = append(full, tx)
	}
	if len(full) == 0 {
		full = append(full, filler(height, 0))
	}
	header := make([]byte, scan.HeaderLen)
	copy(header[4:], previous[:])
	binary.LittleEndian.PutUint32(header[68:], uint32(height))
	return makeBlock(header, full)
}

// filler is a transaction that means nothing and differs from every other one.
func filler(height int32, index int) scenarioTx {
	script := binary.LittleEndian.AppendUint32([]byte{8}, uint32(height))
	script = binary.LittleEndian.AppendUint32(script, uint32(index))
	var b []byte
	b = append(b, 1, 0, 0, 0, 1)
	b = append(b, make([]byte, chainhash.HashSize)...)
	b = binary.LittleEndian.AppendUint32(b, wire.MaxPrevOutIndex)
	b = append(b, byte(len(script)))
	b = append(b, script...)
	b = append(b, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	return scenarioTx{Hex: hex.EncodeToString(b)}
}
