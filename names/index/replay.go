package index

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
	"blockstack/names/state"
)

// Replayed is what the index made of a scenario file. Its JSON form is the document of "index replay".
type Replayed struct {
	Blocks     []ReplayedBlock     `json:"blocks"`
	Names      []ReplayedName      `json:"names"`
	Namespaces []ReplayedNamespace `json:"namespaces"`
	Accounts   []ReplayedAccount   `json:"accounts"`
}

// ReplayedBlock is a block and its operations in block order.
type ReplayedBlock struct {
	Height        int32        `json:"height"`
	ConsensusHash string       `json:"consensus_hash"`
	OpsHash       string       `json:"ops_hash"`
	Ops           []ReplayedOp `json:"ops"`
}

// ReplayedOp is a transaction with the registry's magic bytes and a known opcode.
type ReplayedOp struct {
	Txid       string `json:"txid"`
	VtxIndex   int32  `json:"vtxindex"`
	Status     string `json:"status"`
	Opcode     string `json:"opcode"`
	Serialized string `json:"serialized,omitempty"` // what is hashed; absent for announcements and for what did not count
	Reason     string `json:"reason,omitempty"`
}

// ReplayedName is a name's record after the last block.
type ReplayedName struct {
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

// ReplayedNamespace is a namespace after the last block. ReadyHeight is 0 while it is not ready.
type ReplayedNamespace struct {
	Namespace    string `json:"namespace"`
	Version      int    `json:"version"`
	Status       string `json:"status"`
	RevealHeight int32  `json:"reveal_height"`
	ReadyHeight  int32  `json:"ready_height"`
	Lifetime     uint32 `json:"lifetime"`
}

// ReplayedAccount is a token account after the last block.
type ReplayedAccount struct {
	Address string `json:"address"`
	Token   string `json:"token"`
	Balance string `json:"balance"` // decimal
}

// Replay feeds a scenario file through an index of its own, block by block as from a node, and tells what became of it.
func Replay(ctx context.Context, r io.Reader) (replayed *Replayed, err error) {
	s, err := ReadScenario(r)
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
	x, err := Open(filepath.Join(dir, "index.db"), s.Params, Options{})
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
	out, err := x.replayed(ctx)
	if err != nil {
		return nil, fmt.Errorf("replay: %w", err)
	}
	return out, nil
}

// replayed writes down the whole index.
func (x *Index) replayed(ctx context.Context) (*Replayed, error) {
	out := &Replayed{
		Blocks: []ReplayedBlock{}, Names: []ReplayedName{}, Namespaces: []ReplayedNamespace{}, Accounts: []ReplayedAccount{},
	}
	err := x.query(ctx, func(v *view, tip Tip) error {
		for h := x.p.FirstBlock; h <= tip.Height; h++ {
			b, err := v.replayedBlock(h)
			if err != nil {
				return err
			}
			out.Blocks = append(out.Blocks, b)
		}
		return v.rows.each(bAccounts, nil, func(key, value []byte) (bool, error) {
			r, err := accountOfKey(key, value)
			if err == nil && r.Unit != state.UnitGenesis {
				out.Accounts = append(out.Accounts, ReplayedAccount{r.Address, r.Unit, r.Balance().String()})
			}
			return err == nil, err
		})
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
	slices.SortFunc(out.Names, func(a, b ReplayedName) int { return strings.Compare(a.Name, b.Name) })
	spaces, err := x.Namespaces(ctx)
	for _, ns := range spaces {
		out.Namespaces = append(out.Namespaces, ReplayedNamespace{
			string(ns.ID), ns.Version, string(ns.Status), ns.RevealHeight, ns.ReadyHeight, ns.Lifetime,
		})
	}
	return out, err
}

func (v *view) replayedBlock(height int32) (ReplayedBlock, error) {
	b := ReplayedBlock{Height: height, Ops: []ReplayedOp{}}
	row, err := v.block(height)
	if err == nil && row == nil {
		err = fmt.Errorf("%w: block at height %d is missing", ErrCorrupt, height)
	}
	if err != nil {
		return b, err
	}
	b.ConsensusHash, b.OpsHash = row.Consensus.String(), row.OpsHash.String()
	ops, err := v.ops(height)
	for i := range ops {
		op := &ops[i]
		r := ReplayedOp{
			Txid: op.At.Txid.String(), VtxIndex: op.At.Index, Status: op.Status.String(), Opcode: op.OpName,
			Serialized: string(op.Serialize(v.p)),
		}
		if err := op.Err(); err != nil {
			r.Reason = err.Error()
		}
		b.Ops = append(b.Ops, r)
	}
	return b, err
}

func replayedName(rec *names.Record) ReplayedName {
	r := ReplayedName{
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
