package coins

import (
	"context"
	"fmt"
	"strings"

	"blockstack/storage/dbfile"
)

// LabelType is what a label is about, in the words of BIP 329.
type LabelType string

// The types of labels, and what their ref is.
const (
	LabelTx      LabelType = "tx"     // a txid
	LabelAddress LabelType = "addr"   // an address
	LabelOutput  LabelType = "output" // txid:vout
)

// maxLabel is the longest label in bytes; BIP 329 suggests that 255 are enough.
const maxLabel = 1024

// Label is a text about a transaction, an address or an output.
type Label struct {
	Type LabelType
	Ref  string
	Text string
}

// SetLabel labels something; an empty text takes the label away.
func (c *Coins) SetLabel(ctx context.Context, l Label) error {
	return c.SetLabels(ctx, []Label{l})
}

// SetLabels sets all labels of a list, or none. ErrBadLabel: one of them cannot be
// kept.
func (c *Coins) SetLabels(ctx context.Context, list []Label) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkLabels(list); err != nil {
		return err
	}
	return c.book.update(func(tx *dbfile.Tx) error { return putLabels(tx, list) })
}

func checkLabels(list []Label) error {
	for _, l := range list {
		switch l.Type {
		case LabelTx, LabelAddress, LabelOutput:
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
func (c *Coins) Labels(ctx context.Context) ([]Label, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	var out []Label
	err := c.book.view(func(tx *dbfile.Tx) error {
		return tx.Bucket(bucketLabels).ForEach(func(k, v []byte) error {
			typ, ref, ok := strings.Cut(string(k), ":")
			if !ok {
				return fmt.Errorf("%w: label key %q", ErrMalformed, k)
			}
			out = append(out, Label{LabelType(typ), ref, string(v)})
			return nil
		})
	})
	return out, err
}

func labelKey(t LabelType, ref string) []byte { return []byte(string(t) + ":" + ref) }

func getLabel(tx *dbfile.Tx, t LabelType, ref string) string {
	return string(tx.Bucket(bucketLabels).Get(labelKey(t, ref)))
}
