package store

import (
	"blockstack/names"
	"blockstack/names/state"
)

// The rows as bytes; writer and reader state the forms. Keys hold what identifies a row, so it is
// not repeated in the value.

// actions are numbered by their place here in stored rows: never reordered.
var actions = [...]state.Action{state.ActPreorder, state.ActRegister, state.ActRenew, state.ActUpdate, state.ActTransferKeep, state.ActTransferErase, state.ActRevoke, state.ActImport,
	state.ActNamespacePreorder, state.ActReveal, state.ActReady, state.ActToken, state.ActAnnounce}

func (w *writer) action(a state.Action) {
	for i, known := range actions {
		if known == a {
			w.byte(byte(i))
			return
		}
	}
	panic("bug: unknown action " + string(a))
}

func (r *reader) action() state.Action {
	if i := int(r.byte()); i < len(actions) {
		return actions[i]
	}
	r.fail("unknown action")
	return ""
}

// name-row = flags script(owner) bytes(pubkey) [hash(value)] hash(preorder) 5height fee big(tokens) [script(importer)]
// [hash(consensus)] [hash(updated)] action place
// flags    = has value, revoked, imported, fee is float, has importer, has consensus, has updated
func encodeName(r *state.NameRow) []byte {
	w := writer{b: make([]byte, 0, 256)}
	w.flags(r.HasValue, r.Revoked, r.Imported, r.Fee.IsFloat, r.Importer != nil, r.HasConsensus, r.HasUpdated)
	w.script(r.Owner)
	w.bytes(r.PubKey)
	if r.HasValue {
		w.fixed(r.Value[:])
	}
	w.fixed(r.PreorderHash[:])
	for _, h := range []int32{r.CreatedAt, r.PreorderedAt, r.FirstRegistered, r.LastRenewed, r.SpaceCreatedAt} {
		w.height(h)
	}
	if r.Fee.IsFloat {
		w.float(r.Fee.Float)
	} else {
		w.signed(r.Fee.Sat)
	}
	w.big(r.Tokens)
	if r.Importer != nil {
		w.script(r.Importer)
	}
	if r.HasConsensus {
		w.fixed(r.Consensus[:])
	}
	if r.HasUpdated {
		w.fixed(r.Updated[:])
	}
	w.action(r.Act)
	w.place(r.At)
	return w.b
}

func decodeNameRow(name string, b []byte) (*state.NameRow, error) {
	in, r := reader{b: b}, &state.NameRow{Name: name}
	var hasImporter bool
	in.flags(&r.HasValue, &r.Revoked, &r.Imported, &r.Fee.IsFloat, &hasImporter, &r.HasConsensus, &r.HasUpdated)
	r.Owner = in.script()
	r.PubKey = in.bytes()
	if r.HasValue {
		in.fixed(r.Value[:])
	}
	in.fixed(r.PreorderHash[:])
	for _, h := range []*int32{&r.CreatedAt, &r.PreorderedAt, &r.FirstRegistered, &r.LastRenewed, &r.SpaceCreatedAt} {
		*h = in.height()
	}
	if r.Fee.IsFloat {
		r.Fee.Float = in.float()
	} else {
		r.Fee.Sat = in.signed()
	}
	r.Tokens = in.big()
	if hasImporter {
		r.Importer = in.script()
	}
	if r.HasConsensus {
		in.fixed(r.Consensus[:])
	}
	if r.HasUpdated {
		in.fixed(r.Updated[:])
	}
	r.Act = in.action()
	r.At = in.place()
	if in.err == nil && !state.IsName(name) {
		in.fail("key is not a name")
	}
	return r, in.end()
}

// namespace-row = hash(preorder) number(version) script(payer) bytes(pubkey) script(recipient) 3height number(lifetime) coeff base
// 16byte(buckets) nonalpha novowel number(fee) number(tokens) action place
func encodeNamespace(r *state.NamespaceRow) []byte {
	w := writer{b: make([]byte, 0, 256)}
	w.fixed(r.PreorderHash[:])
	w.number(uint64(r.Version))
	w.script(r.Payer)
	w.bytes(r.PubKey)
	w.script(r.Recipient)
	w.height(r.CreatedAt)
	w.height(r.RevealedAt)
	w.height(r.ReadyAt)
	w.number(uint64(r.Lifetime))
	w.byte(r.Coeff)
	w.byte(r.Base)
	w.fixed(r.Buckets[:])
	w.byte(r.NonAlpha)
	w.byte(r.NoVowel)
	w.signed(r.Fee)
	w.number(r.Tokens)
	w.action(r.Act)
	w.place(r.At)
	return w.b
}

func decodeNamespaceRow(id string, b []byte) (*state.NamespaceRow, error) {
	in, r := reader{b: b}, &state.NamespaceRow{ID: id}
	in.fixed(r.PreorderHash[:])
	r.Version = uint16(in.number())
	r.Payer = in.script()
	r.PubKey = in.bytes()
	r.Recipient = in.script()
	r.CreatedAt, r.RevealedAt, r.ReadyAt = in.height(), in.height(), in.height()
	r.Lifetime = uint32(in.number())
	r.Coeff, r.Base = in.byte(), in.byte()
	in.fixed(r.Buckets[:])
	r.NonAlpha, r.NoVowel = in.byte(), in.byte()
	r.Fee = in.signed()
	r.Tokens = in.number()
	r.Act = in.action()
	r.At = in.place()
	return r, in.end()
}

// preorder-row = flags(namespace, paid in tokens) hash(consensus) script(sender) bytes(pubkey) bytes(burn address) signed(fee)
// number(tokens) place
func (w *writer) preorder(r *state.PreorderRow) {
	w.flags(r.Namespace, r.PaidTokens)
	w.fixed(r.Consensus[:])
	w.script(r.Sender)
	w.bytes(r.PubKey)
	w.text(r.BurnAddress)
	w.signed(r.Fee)
	w.number(r.Tokens)
	w.place(r.At)
}

func (r *reader) preorder(h names.PreorderHash) state.PreorderRow {
	row := state.PreorderRow{Hash: h}
	r.flags(&row.Namespace, &row.PaidTokens)
	r.fixed(row.Consensus[:])
	row.Sender = r.script()
	row.PubKey = r.bytes()
	row.BurnAddress = r.text()
	row.Fee = r.signed()
	row.Tokens = r.number()
	row.At = r.place()
	return row
}

// minPreorder is the least a stored preorder takes.
const minPreorder = 1 + 16 + 1 + 1 + 1 + 1 + 1 + 34

// preorder-set = number *preorder-row number *bytes(carrier)
func encodePreorders(s *state.PreorderSet) []byte {
	w := writer{b: make([]byte, 0, 192)}
	w.number(uint64(len(s.Open)))
	for i := range s.Open {
		w.preorder(&s.Open[i])
	}
	w.number(uint64(len(s.Carriers)))
	for _, c := range s.Carriers {
		w.text(c)
	}
	return w.b
}

func decodePreorderSet(h names.PreorderHash, b []byte) (*state.PreorderSet, error) {
	in, s := reader{b: b}, &state.PreorderSet{Hash: h}
	for range in.count(minPreorder) {
		s.Open = append(s.Open, in.preorder(h))
	}
	for range in.count(1) {
		s.Carriers = append(s.Carriers, in.text())
	}
	return s, in.end()
}

// account-row = flags(may receive, has metadata) big(credit) big(debit) height(lock) bytes(metadata) place
func encodeAccount(r *state.AccountRow) []byte {
	w := writer{b: make([]byte, 0, 96)}
	w.flags(r.MayReceive, r.HasMetadata)
	w.big(r.Credit)
	w.big(r.Debit)
	w.height(r.LockSend)
	w.text(r.Metadata)
	w.place(r.At)
	return w.b
}

func decodeAccountRow(address, unit string, b []byte) (*state.AccountRow, error) {
	in, r := reader{b: b}, &state.AccountRow{Address: address, Unit: unit}
	in.flags(&r.MayReceive, &r.HasMetadata)
	r.Credit, r.Debit = in.big(), in.big()
	r.LockSend = in.height()
	r.Metadata = in.text()
	r.At = in.place()
	return r, in.end()
}

// ring-row = bytes(pubkey) number *hash(20)
func encodeRing(r *state.RingRow) []byte {
	w := writer{b: make([]byte, 0, 40+20*len(r.Hashes))}
	w.bytes(r.PubKey)
	w.number(uint64(len(r.Hashes)))
	for _, h := range r.Hashes {
		w.fixed(h[:])
	}
	return w.b
}

func decodeRingRow(space string, b []byte) (*state.RingRow, error) {
	in, r := reader{b: b}, &state.RingRow{Space: space}
	r.PubKey = in.bytes()
	r.Hashes = make([][20]byte, in.count(20))
	for i := range r.Hashes {
		in.fixed(r.Hashes[i][:])
	}
	return r, in.end()
}
