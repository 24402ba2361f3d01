package labels

import (
	"context"
	"fmt"
	"strings"

	"blockstack/storage/dbfile"
)

// Type is what a label is about, in the words of BIP 329.
type Type string

// The types of labels, and what their ref is.
const (
	Tx      Type = "tx"     // a txid
	Address Type = "addr"   // an address
	Output  Type = "output" // txid:vout
)

// maxLabel is the longest label in bytes; BIP 329 suggests that 255 are enough.
const maxLabel = 1024

// Label is a text about a transaction, an address or an output.
type Label struct {
	Type Type
	Ref  string
	Text string
}

// SetLabel labels something; an empty text takes the label away.
func (b *Book) SetLabel(ctx context.Context, l Label) error {
	return b.SetLabels(ctx, []Label{l})
}

// SetLabels sets all labels of a list, or none. ErrBadLabel: one of them cannot be kept.
func (b *Book) SetLabels(ctx context.Context, list []Label) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkLabels(list); err != nil {
		return err
	}
	return b.Update(func(tx *dbfile.Tx) error { return putLabels(tx, list) })
}

func checkLabels(list []Label) error {
	for _, l := range list {
		switch l.Type {
		case Tx, Address, Output:
		default:
			return fmt.Errorf("%w: unknown type %.40q", ErrBadLabel, l.Type)
		}
		if l.Ref == "" || len(l.Ref) > 200 || len(l.Text) > maxLabel {
			return fmt.Errorf("%w of %.40q: it must have a ref and at most %d bytes of text", ErrBadLabel, l.Ref, maxLabel)
		}
	}
	return nil
}

func putLabels(tx *dbfile.Tx, list []Label) error {
	for _, l := range list {
		if l.Text == "" {
			if err := tx.Bucket(bucketLabels).Delete(labelKey(l.Type, l.Ref)); err != nil {
				return err
			}
			continue
		}
		if err := tx.Bucket(bucketLabels).Put(labelKey(l.Type, l.Ref), []byte(l.Text)); err != nil {
			return err
		}
	}
	return nil
}

// Labels lists all labels.
func (b *Book) Labels(ctx context.Context) ([]Label, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out []Label
	err := b.View(func(tx *dbfile.Tx) error {
		return tx.Bucket(bucketLabels).ForEach(func(k, v []byte) error {
			typ, ref, ok := strings.Cut(string(k), ":")
			if !ok {
				return fmt.Errorf("%w: label key %q", ErrMalformed, k)
			}
			out = append(out, Label{Type(typ), ref, string(v)})
			return nil
		})
	})
	return out, err
}

func labelKey(t Type, ref string) []byte { return []byte(string(t) + ":" + ref) }

// Of is the text about something; empty: there is none.
func Of(tx *dbfile.Tx, t Type, ref string) string {
	return string(tx.Bucket(bucketLabels).Get(labelKey(t, ref)))
}
