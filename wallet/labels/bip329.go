package labels

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/btcsuite/btcd/wire/v2"
)

// MaxFile is the most bytes of a file of labels.
const MaxFile = 16 << 20

// maxLine is the longest line of one.
const maxLine = 64 << 10

// File is what a file of labels says.
type File struct {
	Labels    []Label
	Spendable map[wire.OutPoint]bool // false: frozen
	LeftOut   int                    // records of types that this wallet has no place for
}

// Line is a line of BIP 329.
type Line struct {
	Type      string `json:"type"`
	Ref       string `json:"ref"`
	Label     string `json:"label,omitempty"`
	Spendable *bool  `json:"spendable,omitempty"`
}

// LineOf is a label as BIP 329 writes it.
func LineOf(l Label) Line { return Line{Type: string(l.Type), Ref: l.Ref, Label: l.Text} }

// ReadFile reads the format of BIP 329: lines, each a JSON object
//
//	{"type": "tx" / "addr" / "output" / …, "ref": text, "label": text, "spendable": bool}
//
// where label and spendable may be absent and other keys are for others to understand. At most 16
// MiB in all and 64 KiB a line; empty lines are skipped.
func ReadFile(raw []byte) (File, error) {
	f := File{Spendable: map[wire.OutPoint]bool{}}
	if len(raw) > MaxFile {
		return f, fmt.Errorf("more than %d bytes", MaxFile)
	}
	for n := 1; len(raw) > 0; n++ {
		var text []byte
		text, raw, _ = bytes.Cut(raw, []byte("\n"))
		if text = bytes.TrimSpace(text); len(text) == 0 {
			continue
		}
		if len(text) > maxLine {
			return f, fmt.Errorf("line %d: more than %d bytes", n, maxLine)
		}
		var v Line
		if err := json.Unmarshal(text, &v); err != nil {
			return f, fmt.Errorf("line %d: %w", n, err)
		}
		if err := f.add(v); err != nil {
			return f, fmt.Errorf("line %d: %w", n, err)
		}
	}
	return f, nil
}

// add takes one record.
func (f *File) add(v Line) error {
	l := Label{Type: Type(v.Type), Ref: v.Ref, Text: v.Label}
	switch l.Type {
	case "":
		return fmt.Errorf("type is missing")
	case Tx:
		hash, err := ParseTxid(v.Ref)
		if err != nil {
			return err
		}
		l.Ref = hash.String()
	case Output:
		op, err := ParseOutPoint(v.Ref)
		if err != nil {
			return err
		}
		l.Ref = op.String()
		if v.Spendable != nil {
			f.Spendable[op] = *v.Spendable
		}
	case Address:
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

// WriteFile writes what ReadFile reads: labels in their order, then frozen coins without one.
func WriteFile(list []Label, frozen map[string]bool) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	said := map[string]bool{}
	no := false
	for _, l := range list {
		v := LineOf(l)
		if l.Type == Output && frozen[l.Ref] {
			v.Spendable, said[l.Ref] = &no, true
		}
		if err := enc.Encode(v); err != nil {
			return nil, err
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(frozen)) {
		if !said[ref] {
			if err := enc.Encode(Line{Type: string(Output), Ref: ref, Spendable: &no}); err != nil {
				return nil, err
			}
		}
	}
	return b.Bytes(), nil
}
