package snv

import (
	"bytes"
	"fmt"

	"github.com/btcsuite/btcd/chainhash/v2"

	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// Statement is what a proof shows. Record, Consensus and Block are the verifier's own results, but
// without Ownership the record is only what the proof says: nothing that is trusted supports it.
type Statement struct {
	Record     names.Record
	Consensus  names.ConsensusHash // of Height
	Height     int32               // of the anchor
	Block      chainhash.Hash      // at Height; nothing supports it without Inclusion
	Ownership  bool                // Record is proven by a trusted consensus hash
	Inclusion  bool                // Operations are in the chain of a trusted block
	From       int32               // height of the last operation on the name
	Blocks     int32               // From to Height: all of their operations were looked at
	Ops        int                 // operations in these blocks
	Operations []Operation         // on the name, oldest first; the last one made the record
}

// Operation is one operation on the name, whose transaction the proof holds. Of preorders and
// updates before the last operation nothing shows that they are about this name: they hold a hash
// of more than the name.
type Operation struct {
	OpName   string // NAME_UPDATE, …
	Txid     chainhash.Hash
	Height   int32
	Index    int32 // position in the block
	Accepted bool  // by the name rules, as Statement.Ownership proves; the earlier ones are not shown to be
}

// backs checks that the transaction of the record's operation says what its serialization says.
func backs(p *names.Params, in *included, op *operation, height int32) error {
	bad := func(what string) error {
		return fmt.Errorf("%w: transaction %s does not have the %s of its operation", ErrRefused, in.txid, what)
	}
	if in.txid.String() != string(op.value("txid")) {
		return bad("txid")
	}
	if in.index != op.at || in.height != height {
		return bad("position")
	}
	said, err := in.op(p)
	if err != nil {
		return err
	}
	if said.Opcode() != op.opcode {
		return bad("opcode")
	}
	name, owner, value := string(op.value("name")), fromHex(op.value("sender")), op.value("value_hash")
	act := state.Action(op.value("op"))
	recipient := func() bool { return len(in.tx.TxOut) > 1 && bytes.Equal(in.tx.TxOut[1].PkScript, owner) }
	sets := func(h names.ZoneFileHash) bool { return h.String() == string(value) }
	switch said := said.(type) {
	case nameop.NameRegistration:
		if said.Name != name || act != state.ActRegister || !recipient() || said.HasZoneFile != (len(value) > 0) || said.HasZoneFile && !sets(said.ZoneFile) {
			return bad("name, owner or zone-file hash")
		}
	case nameop.NameRenewal:
		if said.Name != name || act != state.ActRenew || !recipient() || said.HasZoneFile && !sets(said.ZoneFile) {
			return bad("name, owner or zone-file hash")
		}
	case nameop.NameUpdate:
		if said.NameConsensus.String() != string(op.value("name_consensus_hash")) || !sets(said.ZoneFile) {
			return bad("name or zone-file hash")
		}
	case nameop.NameTransfer:
		keeps := act == state.ActTransferKeep
		if said.NameHash != nameop.NameHash(name) || said.Keep != keeps || !recipient() || !keeps && len(value) > 0 {
			return bad("name, owner or zone-file hash")
		}
	case nameop.NameRevoke:
		if said.Name != name || len(value) > 0 {
			return bad("name")
		}
	case nameop.NameImport:
		if said.Name != name || !recipient() || !carries(in, value) {
			return bad("name, owner or zone-file hash")
		}
	default:
		return bad("opcode")
	}
	return nil
}

// carries reports whether output 2 of an import holds the zone-file hash.
func carries(in *included, value []byte) bool {
	if len(in.tx.TxOut) < 3 {
		return false
	}
	_, hash := names.ScriptHash160(in.tx.TxOut[2].PkScript)
	return hash != nil && string(toHex(hash)) == string(value)
}

// nameRow is the record that an operation leaves. The operation is one on a name.
func nameRow(op *operation) (*state.NameRow, error) {
	row := &state.NameRow{
		Name: string(op.value("name")), Owner: fromHex(op.value("sender")), Act: state.Action(op.value("op")),
		Revoked: string(op.value("revoked")) == "True",
	}
	value := fromHex(op.value("value_hash"))
	switch len(value) {
	case 0:
	case len(row.Value):
		row.Value, row.HasValue = names.ZoneFileHash(value), true
	default:
		return nil, fmt.Errorf("%w: zone-file hash of %d bytes", ErrRefused, len(value))
	}
	txid, err := chainhash.NewHashFromStr(string(op.value("txid")))
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	row.At = state.Place{Index: op.at, Txid: *txid}
	if row.FirstRegistered, err = op.height("first_registered"); err != nil {
		return nil, err
	}
	row.LastRenewed, err = op.height("last_renewed")
	return row, err
}

// spaceRow is what an operation on a namespace says about the life of its names.
func spaceRow(op *operation) (*state.NamespaceRow, error) {
	row := &state.NamespaceRow{ID: string(op.value("namespace_id")), Act: state.Action(op.value("op"))}
	lifetime := op.number("lifetime")
	if row.Lifetime = uint32(lifetime); uint64(row.Lifetime) != lifetime {
		return nil, fmt.Errorf("%w: lifetime %d", ErrRefused, lifetime)
	}
	var err error
	if row.RevealedAt, err = op.height("reveal_block"); err != nil || !row.Ready() {
		return row, err
	}
	row.ReadyAt, err = op.height("ready_block")
	return row, err
}

// height is the value of a field that holds a block height.
func (op *operation) height(name string) (int32, error) {
	n := op.number(name)
	if n > 1<<31-1 {
		return 0, fmt.Errorf("%w: %s is %d", ErrRefused, name, n)
	}
	return int32(n), nil
}
