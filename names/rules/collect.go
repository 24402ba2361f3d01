package rules

import (
	"cmp"
	"slices"

	"blockstack/names"
)

// collect writes the rows that the block changed into the outcome, in an order that depends on
// nothing but the rows.
func (w *work) collect(out *Outcome) {
	out.AccountLog = w.ledger.log
	out.Names = collectRows(w.names.rows, func(k string) string { return k })
	out.Spaces = collectRows(w.spaces.rows, func(k string) string { return k })
	out.Rings = collectRows(w.rings.rows, func(k string) string { return k })
	out.Accounts = collectRows(w.ledger.accounts.rows, func(k accountKey) string { return k.address + "\x00" + k.unit })
	out.Preorders = collectRows(w.preorders.rows, func(k names.PreorderHash) string { return string(k[:]) })
}

func collectRows[K comparable, T any](m map[K]*change[T], key func(K) string) []RowChange[T] {
	type keyed struct {
		key string
		RowChange[T]
	}
	var rows []keyed
	for k, c := range m {
		if c.touched && (c.old != nil || c.now != nil) { // not: made and dropped within the block
			rows = append(rows, keyed{key(k), RowChange[T]{c.old, c.now}})
		}
	}
	slices.SortFunc(rows, func(a, b keyed) int { return cmp.Compare(a.key, b.key) })
	out := make([]RowChange[T], len(rows))
	for i, r := range rows {
		out[i] = r.RowChange
	}
	return out
}
