package wallets

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/commands/line"
	"blockstack/wallet/labels"
)

const (
	maxLabelsFile = 16 << 20
	maxLabelLine  = 64 << 10
)

// labelsFile is what a file of labels says.
type labelsFile struct {
	Labels    []labels.Label
	Spendable map[wire.OutPoint]bool // false: frozen
	LeftOut   int                    // records of types that this wallet has no place for
}

// ReadLabels reads the format of BIP 329: lines, each a JSON object
//
//	{"type": "tx" / "addr" / "output" / …, "ref": text, "label": text, "spendable": bool}
//
// where label and spendable may be absent and other keys are for others to understand. At most 16 MiB in all and 64 KiB
// a line; empty lines are skipped.
func ReadLabels(raw []byte) (labelsFile, error) {
	f := labelsFile{Spendable: map[wire.OutPoint]bool{}}
	if len(raw) > maxLabelsFile {
		return f, fmt.Errorf("more than %d bytes", maxLabelsFile)
	}
	for n := 1; len(raw) > 0; n++ {
		var line []byte
		line, raw, _ = bytes.Cut(raw, []byte("\n"))
		if line = bytes.TrimSpace(line); len(line) == 0 {
			continue
		}
		if len(line) > maxLabelLine {
			return f, fmt.Errorf("line %d: more than %d bytes", n, maxLabelLine)
		}
		var v labelView
		if err := json.Unmarshal(line, &v); err != nil {
			return f, fmt.Errorf("line %d: %w", n, err)
		}
		if err := f.add(v); err != nil {
			return f, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return f, nil
}

// add takes one record.
func (f *labelsFile) add(v labelView) error {
	l := labels.Label{Type: labels.Type(v.Type), Ref: v.Ref, Text: v.Label}
	switch l.Type {
	case "":
		return fmt.Errorf("type is missing")
	case labels.Tx:
		hash, err := line.ParseTxid(v.Ref)
		if err != nil {
			return err
		}
		l.Ref = hash.String()
	case labels.Output:
		op, err := line.ParseOutPoint(v.Ref)
		if err != nil {
			return err
		}
		l.Ref = op.String()
		if v.Spendable != nil {
			f.Spendable[op] = *v.Spendable
		}
	case labels.Address:
		if v.Ref == "" || len(v.Ref) > 100 {
			return fmt.Errorf("%.40q is not an address", v.Ref)
		}
	default:
		f.LeftOut++
		return nil
	}
	if v.Label != "" {
		f.Labels = append(f.Labels, l)
	}
	return nil
}

// writeLabels writes what ReadLabels reads: labels in their order, then frozen coins without one.
func writeLabels(list []labels.Label, frozen map[string]bool) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	said := map[string]bool{}
	no := false
	for _, l := range list {
		v := viewLabel(l)
		if l.Type == labels.Output && frozen[l.Ref] {
			v.Spendable, said[l.Ref] = &no, true
		}
		if err := enc.Encode(v); err != nil {
			return nil, err
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(frozen)) {
		if !said[ref] {
			if err := enc.Encode(labelView{Type: string(labels.Output), Ref: ref, Spendable: &no}); err != nil {
				return nil, err
			}
		}
	}
	return b.Bytes(), nil
}
