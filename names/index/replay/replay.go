package replay

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"blockstack/names"
	"blockstack/names/index"
	"blockstack/names/index/scenario"
	"blockstack/names/state"
)

// Document is what the index made of a scenario file. Its JSON form is the document of "index
// replay".
type Document struct {
	Blocks     []Block     `json:"blocks"`
	Names      []Name      `json:"names"`
	Namespaces []Namespace `json:"namespaces"`
	Accounts   []Account   `json:"accounts"`
}

// Block is a block and its operations in block order.
type Block struct {
	Height        int32  `json:"height"`
	ConsensusHash string `json:"consensus_hash"`
	OpsHash       string `json:"ops_hash"`
	Ops           []Op   `json:"ops"`
}

// Op is a transaction with the registry's magic bytes and a known opcode.
type Op struct {
	Txid       string `json:"txid"`
	VtxIndex   int32  `json:"vtxindex"`
	Status     string `json:"status"`
	Opcode     string `json:"opcode"`
	Serialized string `json:"serialized,omitempty"` // what is hashed; absent for announcements and for what did not count
	Reason     string `json:"reason,omitempty"`
}

// Name is a name's record after the last block.
type Name struct {
	Name            string  `json:"name"`
	OwnerAddress    string  `json:"owner_address"`
	OwnerScript     string  `json:"owner_script"`
	ZoneFileHash    *string `json:"zonefile_hash"`
	Revoked         bool    `json:"revoked"`
	Namespace       string  `json:"namespace"`
	FirstRegistered int32   `json:"first_registered_height"`
	RenewedAt       int32   `json:"renewed_at_height"`
	LastTxid        string  `json:"last_txid"`
	Status          string  `json:"status"`
}

// Namespace is a namespace after the last block. ReadyHeight is 0 while it is not ready.
type Namespace struct {
	Namespace    string `json:"namespace"`
	Version      int    `json:"version"`
	Status       string `json:"status"`
	RevealHeight int32  `json:"reveal_height"`
	ReadyHeight  int32  `json:"ready_height"`
	Lifetime     uint32 `json:"lifetime"`
}

// Account is a token account after the last block.
type Account struct {
	Address string `json:"address"`
	Token   string `json:"token"`
	Balance string `json:"balance"` // decimal
}

// Run feeds a scenario file through an index of its own, block by block as from a node, and tells
// what became of it.
func Run(ctx context.Context, r io.Reader) (replayed *Document, err error) {
	s, err := scenario.Read(r)
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "blockstack-replay-")
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer func() {
		if removeErr := os.RemoveAll(dir); err == nil && removeErr != nil {
			err = fmt.Errorf("replay: %w", removeErr)
		}
	}()
	x, err := index.Open(filepath.Join(dir, "index.db"), s.Params, index.Options{})
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	defer func() {
		if closeErr := x.Close(); err == nil && closeErr != nil {
			err = fmt.Errorf("replay: %w", closeErr)
		}
	}()
	if err := x.Follow(ctx, s, nil); err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	out, err := describe(ctx, x)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return out, nil
}

// describe writes down a whole index.
func describe(ctx context.Context, x *index.Index) (*Document, error) {
	out := &Document{
		Blocks: []Block{}, Names: []Name{}, Namespaces: []Namespace{}, Accounts: []Account{},
	}
	tip, err := x.Tip(ctx)
	if err != nil {
		return nil, err
	}
	for h := x.Params().FirstBlock; h <= tip.Height; h++ {
		b, err := replayedBlock(ctx, x, h)
		if err != nil {
			return nil, err
		}
		out.Blocks = append(out.Blocks, b)
	}
	err = x.AccountsAndPatches(ctx, func(r state.AccountRow) error {
		out.Accounts = append(out.Accounts, Account{r.Address, r.Unit, r.Balance().String()})
		return nil
	})
	if err != nil {
		return nil, err
	}
	err = x.Export(ctx, func(rec names.Record) error {
		out.Names = append(out.Names, replayedName(&rec))
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(out.Names, func(a, b Name) int { return strings.Compare(a.Name, b.Name) })
	spaces, err := x.Namespaces(ctx)
	for _, ns := range spaces {
		out.Namespaces = append(out.Namespaces, Namespace{
			string(ns.ID), ns.Version, string(ns.Status), ns.RevealHeight, ns.ReadyHeight, ns.Lifetime,
		})
	}
	return out, err
}

func replayedBlock(ctx context.Context, x *index.Index, height int32) (Block, error) {
	block, ops, err := x.Block(ctx, height)
	if err != nil {
		return Block{}, err
	}
	b := Block{Height: height, ConsensusHash: block.Consensus.String(), OpsHash: block.OpsHash.String(), Ops: []Op{}}
	for i := range ops {
		op := &ops[i]
		r := Op{
			Txid: op.At.Txid.String(), VtxIndex: op.At.Index, Status: op.Status.String(), Opcode: op.OpName,
			Serialized: string(op.Serialize(x.Params())),
		}
		if err := op.Err(); err != nil {
			r.Reason = err.Error()
		}
		b.Ops = append(b.Ops, r)
	}
	return b, nil
}

func replayedName(rec *names.Record) Name {
	r := Name{
		Name: rec.Name.String(), OwnerAddress: rec.OwnerAddress, OwnerScript: hex.EncodeToString(rec.Owner),
		Revoked: rec.Revoked, Namespace: string(rec.Name.Namespace()), FirstRegistered: rec.FirstRegistered,
		RenewedAt: rec.RenewedAt, LastTxid: rec.LastTx.String(), Status: string(rec.Status),
	}
	if rec.HasZoneFile {
		text := rec.ZoneFile.String()
		r.ZoneFileHash = &text
	}
	return r
}
