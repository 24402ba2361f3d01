package index

import (
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"testing"

	bolt "go.etcd.io/bbolt"

	"blockstack/names"
	"blockstack/names/index/store"
	"blockstack/names/nameop"
	"blockstack/names/state"
)

// compareFields compares the fields of a record of the reference.
func compareFields(t *testing.T, what string, got map[string]string, want map[string]any) {
	t.Helper()
	for field, w := range want {
		g, known := got[field]
		if fee, err := strconv.ParseFloat(text(w), 64); err == nil && field == "op_fee" {
			w = strconv.FormatFloat(fee, 'g', -1, 64)
		}
		if !known {
			t.Errorf("%s: field %s is not compared", what, field)
		} else if g != text(w) {
			t.Errorf("%s: %s is %q, want %q", what, field, g, text(w))
		}
	}
}

func number[T ~int32 | ~int64 | ~int | ~uint32 | ~uint64 | ~uint16 | ~byte](n T) string {
	return fmt.Sprint(n)
}

func flag(b bool) string {
	if b {
		return "1"
	}
	return "0"
}

func hexIf(there bool, b []byte) string {
	if !there {
		return ""
	}
	return hex.EncodeToString(b)
}

// feeField is op_fee as a JSON number in the shortest form that reads back the same.
func feeField(f state.Fee) string {
	if f.IsFloat {
		return strconv.FormatFloat(f.Float, 'g', -1, 64)
	}
	return strconv.FormatFloat(float64(f.Sat), 'g', -1, 64)
}

func nameFields(p *names.Params, r *state.NameRow) map[string]string {
	creation := "?"
	if r.Imported {
		creation = ";"
	}
	hash := nameop.NameHash(r.Name)
	return map[string]string{
		"name": r.Name, "address": state.AddressOf(p, r.Owner), "sender": hex.EncodeToString(r.Owner),
		"sender_pubkey": hex.EncodeToString(r.PubKey), "value_hash": hexIf(r.HasValue, r.Value[:]),
		"block_number": number(r.CreatedAt), "preorder_block_number": number(r.PreorderedAt),
		"first_registered": number(r.FirstRegistered), "last_renewed": number(r.LastRenewed), "revoked": flag(r.Revoked),
		"op": string(r.Act), "txid": r.At.Txid.String(), "vtxindex": number(r.At.Index), "op_fee": feeField(r.Fee),
		"importer": hex.EncodeToString(r.Importer), "importer_address": state.AddressOf(p, r.Importer),
		"consensus_hash": hexIf(r.HasConsensus, r.Consensus[:]), "last_creation_op": creation,
		"preorder_hash": r.PreorderHash.String(), "namespace_id": r.Space(), "name_hash128": hash.String(),
		"namespace_block_number": number(r.SpaceCreatedAt), "token_fee": r.Tokens.String(),
	}
}

func compareNames(t *testing.T, x *Index, want *expectedChain) (cases int) {
	listed, err := x.Names(t.Context(), "", names.Name{}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if len(listed) != len(want.Final.Names) {
		t.Errorf("%d names, want %d", len(listed), len(want.Final.Names))
	}
	for _, w := range want.Final.Names {
		cases++
		what := text(w.Record["name"])
		n, err := names.Parse(what)
		if err != nil {
			t.Fatal(err)
		}
		var row *state.NameRow
		err = x.query(t.Context(), func(v *store.Reader, _ Tip) (err error) {
			row, err = v.Name(what)
			return err
		})
		if err != nil || row == nil {
			t.Errorf("%s: not there (%v)", what, err)
			continue
		}
		compareFields(t, what, nameFields(x.p, row), w.Record)
		rec, err := x.Record(t.Context(), n)
		if err != nil {
			t.Fatal(err)
		}
		compareState(t, &rec, w.State)
		compareHistory(t, x, what, w.History)
		past, err := x.RecordAt(t.Context(), n, want.Final.LastBlock)
		if err != nil || past.Status != rec.Status || past.LastTx != rec.LastTx || past.ExpiresAt != rec.ExpiresAt {
			t.Errorf("%s: record at the tip's height is %+v (%v), want %+v", what, past, err, rec)
		}
		compareOwned(t, x, &rec)
	}
	return cases
}

func compareOwned(t *testing.T, x *Index, rec *names.Record) {
	t.Helper()
	owned, err := x.NamesOf(t.Context(), rec.Owner)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range owned {
		if r.Name == rec.Name {
			return
		}
	}
	t.Errorf("%s: not among the names of its owner", rec.Name)
}

func compareState(t *testing.T, rec *names.Record, want map[string]any) {
	t.Helper()
	got := map[string]string{
		"current_at_last_block":    flag(rec.Status != names.Expired),
		"expired_at_last_block":    flag(rec.Status == names.Expired),
		"in_grace_at_last_block":   flag(rec.Status == names.Grace),
		"registered_at_last_block": flag(rec.Status == names.Registered || rec.Status == names.Grace),
		"expire_block":             number(rec.ExpiresAt),
		"renewal_deadline":         number(rec.GraceEnds),
	}
	if rec.ExpiresAt == 0 { // heights that no chain reaches
		delete(got, "expire_block")
		delete(got, "renewal_deadline")
		delete(want, "expire_block")
		delete(want, "renewal_deadline")
	}
	compareFields(t, rec.Name.String()+" state", got, want)
}

func compareHistory(t *testing.T, x *Index, what string, want []histOp) {
	t.Helper()
	got, err := x.HistoryFrom(t.Context(), what, HistoryQuery{})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != len(want) {
		t.Errorf("%s: history of %d operations, want %d", what, len(got), len(want))
		return
	}
	for i, w := range want {
		g, act, value := got[i], "", ""
		switch {
		case g.Name != nil:
			act, value = string(g.Name.Act), hexIf(g.Name.HasValue, g.Name.Value[:])
		case g.Space != nil:
			act = string(g.Space.Act)
		default:
			act = string(rune(g.Opcode))
		}
		if g.At.Height != w.BlockID || g.At.Index != w.VtxIndex || g.At.Txid.String() != w.Txid || act != w.Op ||
			value != text(w.Value) || g.OpName != w.Opcode {
			t.Errorf("%s: history %d is %s %s at %d/%d, want %s %s at %d/%d", what, i, g.OpName, act, g.At.Height, g.At.Index,
				w.Opcode, w.Op, w.BlockID, w.VtxIndex)
		}
	}
}

func spaceFields(p *names.Params, r *state.NamespaceRow) map[string]string {
	sender := r.Payer
	if r.Ready() {
		sender = r.Recipient
	}
	return map[string]string{
		"namespace_id": r.ID, "preorder_hash": r.PreorderHash.String(), "version": number(r.Version),
		"sender": hex.EncodeToString(sender), "sender_pubkey": hex.EncodeToString(r.PubKey), "address": state.AddressOf(p, r.Payer),
		"recipient": hex.EncodeToString(r.Recipient), "recipient_address": state.AddressOf(p, r.Recipient),
		"block_number": number(r.CreatedAt), "reveal_block": number(r.RevealedAt), "ready_block": number(r.ReadyAt),
		"op": string(r.Act), "op_fee": feeField(state.Fee{Sat: r.Fee}), "txid": r.At.Txid.String(), "vtxindex": number(r.At.Index),
		"lifetime": number(r.Lifetime), "coeff": number(r.Coeff), "base": number(r.Base), "buckets": exponents(r.Buckets),
		"nonalpha_discount": number(r.NonAlpha), "no_vowel_discount": number(r.NoVowel), "token_fee": number(r.Tokens),
	}
}

// exponents are a namespace's prices by length as the reference prints them.
func exponents(buckets [16]byte) string {
	return strings.ReplaceAll(fmt.Sprint(buckets), " ", ", ")
}

func compareNamespaces(t *testing.T, x *Index, want *expectedChain) (cases int) {
	listed, err := x.Namespaces(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(listed) != len(want.Final.Namespaces) {
		t.Errorf("%d namespaces, want %d", len(listed), len(want.Final.Namespaces))
	}
	for _, w := range want.Final.Namespaces {
		cases++
		what := text(w.Record["namespace_id"])
		var row *state.NamespaceRow
		err := x.query(t.Context(), func(v *store.Reader, _ Tip) (err error) {
			row, err = v.Namespace(what)
			return err
		})
		if err != nil || row == nil {
			t.Errorf("%s: not there (%v)", what, err)
			continue
		}
		compareFields(t, what, spaceFields(x.p, row), w.Record)
		ns, err := x.Namespace(t.Context(), names.NamespaceID(what))
		if err != nil {
			t.Fatal(err)
		}
		compareFields(t, what+" state", map[string]string{
			"ready":    flag(ns.Status == names.NamespaceIsReady),
			"revealed": flag(ns.Status == names.NamespaceRevealed),
		}, w.State)
		compareHistory(t, x, what, w.History)
	}
	return cases
}

func comparePreorders(t *testing.T, x *Index, want *expectedChain) (cases int) {
	open := make(map[string]state.PreorderRow)
	count := 0
	err := x.read(func(tx *bolt.Tx) error {
		v := store.NewReader(x.p, tx)
		return tx.Bucket([]byte("preorders")).ForEach(func(key, _ []byte) error {
			set, err := v.Preorders(names.PreorderHash(key))
			if err != nil {
				return err
			}
			for _, r := range set.Open {
				open[r.At.Txid.String()] = r
				count++
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if count != len(want.Final.Preorders) {
		t.Errorf("%d outstanding preorders, want %d", count, len(want.Final.Preorders))
	}
	for _, w := range want.Final.Preorders {
		cases++
		what := "preorder " + text(w["txid"])
		r, ok := open[text(w["txid"])]
		if !ok {
			t.Errorf("%s: not there", what)
			continue
		}
		unit, op := "BTC", "?"
		if r.PaidTokens {
			unit = "STACKS"
		}
		if r.Namespace {
			op = "*"
		}
		compareFields(t, what, map[string]string{
			"preorder_hash": r.Hash.String(), "consensus_hash": r.Consensus.String(), "sender": hex.EncodeToString(r.Sender),
			"sender_pubkey": hex.EncodeToString(r.PubKey), "address": state.AddressOf(x.p, r.Sender), "op_fee": feeField(state.Fee{Sat: r.Fee}),
			"block_number": number(r.At.Height), "txid": r.At.Txid.String(), "vtxindex": number(r.At.Index), "op": op,
			"burn_address": r.BurnAddress, "token_fee": number(r.Tokens), "token_units": unit,
		}, w)
		bySender, err := x.PreordersBySender(t.Context(), r.Sender)
		if err != nil || len(bySender) == 0 {
			t.Errorf("%s: not found by its sender (%v)", what, err)
		}
	}
	return cases
}

func compareAccounts(t *testing.T, x *Index, have map[string]string, want *expectedChain) (cases int) {
	for address, tokens := range want.Final.Accounts.Balances {
		for token, balance := range tokens {
			if token == state.UnitGenesis {
				continue
			}
			cases++
			key := address + " " + token
			if have[key] != balance {
				t.Errorf("account %s: balance %q, want %q", key, have[key], balance)
			}
			delete(have, key)
		}
	}
	for key := range have {
		t.Errorf("account %s: nobody expects it", key)
	}
	logs := make(map[string][]state.AccountRow)
	for _, w := range want.Final.Accounts.Transactions {
		address, unit := text(w["address"]), text(w["type"])
		if unit == state.UnitGenesis {
			continue
		}
		key := address + " " + unit
		if _, read := logs[key]; !read {
			var rows []state.AccountRow
			err := x.query(t.Context(), func(v *store.Reader, _ Tip) error {
				return v.AccountLog(address, unit, func(r *state.AccountRow) (bool, error) {
					rows = append(rows, *r)
					return true, nil
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			logs[key] = rows
		}
		cases++
		if len(logs[key]) == 0 {
			t.Errorf("account %s: too few states", key)
			continue
		}
		r := logs[key][0]
		logs[key] = logs[key][1:]
		compareFields(t, "account "+key, map[string]string{
			"address": r.Address, "type": r.Unit, "credit_value": r.Credit.String(), "debit_value": r.Debit.String(),
			"lock_transfer_block_id": number(r.LockSend), "receive_whitelisted": flag(r.MayReceive), "metadata": r.Metadata,
			"block_id": number(r.At.Height), "vtxindex": number(r.At.Index), "txid": r.At.Txid.String(),
		}, w)
	}
	for key, rows := range logs {
		if len(rows) > 0 {
			t.Errorf("account %s: %d states too many", key, len(rows))
		}
	}
	return cases
}
