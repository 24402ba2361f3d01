package labels

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/wire/v2"

	"blockstack/storage/dbfile"
)

// The buckets of payments and of what asked for them; made when they are first written to.
var (
	bucketPayments = []byte("payments")
	bucketRequests = []byte("requests")
)

const (
	// MaxRequestID is the longest id of a request, in bytes.
	MaxRequestID = 200
	// birthdayMargin is how much older than its files a wallet may say that it is, and yet be made
	// with them.
	birthdayMargin = 3 * 24 * time.Hour
	// keepPayments is how long a payment without a request id is remembered.
	keepPayments = 30 * 24 * time.Hour
)

// Target is who a payment was to pay, as it was asked for.
type Target struct {
	Name    string         `json:"name,omitempty"` // empty: an address was given
	Address string         `json:"address"`
	Script  []byte         `json:"script"`
	Amount  btcutil.Amount `json:"amount_sat"`
	Max     bool           `json:"max,omitempty"` // everything there was; Amount is what came of it
	Label   string         `json:"label,omitempty"`
}

// PaymentRecord is what this home remembers of a payment.
type PaymentRecord struct {
	// Request is the id that the user gave; with it the payment is remembered for ever.
	Request     string
	Time        time.Time
	Targets     []Target
	SubtractFee bool
	// Tx is the transaction; of one that is signed elsewhere as it was prepared, until it is sent.
	Tx *wire.MsgTx
	// PSBT is what waits to be signed elsewhere, and Until how long its coins are held; nil: it was
	// signed here.
	PSBT  []byte
	Until time.Time
}

// paymentRow is a payment as labels.db has it.
type paymentRow struct {
	Request     string   `json:"request,omitempty"`
	Time        int64    `json:"time"`
	Targets     []Target `json:"targets"`
	SubtractFee bool     `json:"subtract_fee,omitempty"`
	Tx          []byte   `json:"tx"`
	PSBT        []byte   `json:"psbt,omitempty"`
	Until       int64    `json:"until,omitempty"`
}

// Payments is the memory of the payments of a home.
type Payments struct{ book *Book }

// NewPayments is that of a book.
func NewPayments(b *Book) *Payments { return &Payments{b} }

// Prepare remembers a payment that is signed elsewhere, and holds its coins until p.Until. ErrHeld:
// one of them is held for something else.
func (m *Payments) Prepare(ctx context.Context, p PaymentRecord) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Now()
	return m.book.Update(func(btx *dbfile.Tx) error {
		if err := PutPayment(btx, p, now); err != nil {
			return err
		}
		return hold(btx, p.Tx, HolderOf(p.Tx.TxHash()), p.Until, now)
	})
}

// Renew holds the coins of a prepared payment for longer.
func (m *Payments) Renew(ctx context.Context, p PaymentRecord, until time.Time) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	now := time.Now()
	return m.book.Update(func(btx *dbfile.Tx) error {
		p.Until = until
		if err := replacePayment(btx, p); err != nil {
			return err
		}
		return hold(btx, p.Tx, HolderOf(p.Tx.TxHash()), until, now)
	})
}

// Sent notes that a prepared payment was sent as tx, and ends the holding of its coins. found is
// false when tx is no payment that was prepared here.
func (m *Payments) Sent(ctx context.Context, tx *wire.MsgTx) (p PaymentRecord, found bool, err error) {
	if err := ctx.Err(); err != nil {
		return p, false, err
	}
	list, err := m.List(ctx)
	if err != nil {
		return p, false, err
	}
	i := slices.IndexFunc(list, func(p PaymentRecord) bool { return p.PSBT != nil && SameButSigned(p.Tx, tx) })
	if i < 0 {
		return p, false, nil
	}
	p = list[i]
	holder := HolderOf(p.Tx.TxHash())
	err = m.book.Update(func(btx *dbfile.Tx) error {
		old := p
		p.Tx, p.PSBT, p.Until = tx, nil, time.Time{}
		if err := DropPayment(btx, old); err != nil {
			return err
		}
		if err := PutPayment(btx, p, p.Time); err != nil {
			return err
		}
		return releaseHolder(btx, holder)
	})
	return p, true, err
}

// ByRequest finds the payment that answered a request.
func (m *Payments) ByRequest(ctx context.Context, id string) (p PaymentRecord, found bool, err error) {
	if err := ctx.Err(); err != nil {
		return p, false, err
	}
	err = m.book.View(func(tx *dbfile.Tx) error {
		key := lookIn(tx, bucketRequests, []byte(id))
		if key == nil {
			return nil
		}
		v := lookIn(tx, bucketPayments, key)
		if v == nil {
			return fmt.Errorf("%w: the payment of request %.100q is missing", ErrMalformed, id)
		}
		p, err = readPayment(v)
		found = err == nil
		return err
	})
	return p, found, err
}

// List lists the payments that are remembered, oldest first.
func (m *Payments) List(ctx context.Context) (list []PaymentRecord, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	err = m.book.View(func(tx *dbfile.Tx) error {
		b := tx.Bucket(bucketPayments)
		if b == nil {
			return nil
		}
		return b.ForEach(func(_, v []byte) error {
			p, err := readPayment(v)
			list = append(list, p)
			return err
		})
	})
	slices.SortStableFunc(list, func(a, b PaymentRecord) int { return a.Time.Compare(b.Time) })
	return list, err
}

// PutPayment writes a payment under the id of its transaction, and forgets old ones that nobody
// asks about. ErrKnownRequest: its request was answered already.
func PutPayment(btx *dbfile.Tx, p PaymentRecord, now time.Time) error {
	if len(p.Request) > MaxRequestID {
		return fmt.Errorf("the request id has more than %d bytes", MaxRequestID)
	}
	b, err := btx.CreateBucketIfNotExists(bucketPayments)
	if err != nil {
		return err
	}
	if err := forgetOld(b, now); err != nil {
		return err
	}
	key := paymentKey(p)
	if p.Request != "" {
		requests, err := btx.CreateBucketIfNotExists(bucketRequests)
		if err != nil {
			return err
		}
		if other := requests.Get([]byte(p.Request)); other != nil && !bytes.Equal(other, key) {
			return fmt.Errorf("request %.100q: %w", p.Request, ErrKnownRequest)
		}
		if err := requests.Put([]byte(p.Request), key); err != nil {
			return err
		}
	}
	raw, err := writePayment(p)
	if err != nil {
		return err
	}
	return b.Put(key, raw)
}

// replacePayment writes a payment that is there already.
func replacePayment(btx *dbfile.Tx, p PaymentRecord) error {
	b, key := btx.Bucket(bucketPayments), paymentKey(p)
	if b == nil || b.Get(key) == nil {
		return fmt.Errorf("%w: the payment is not remembered", ErrUnknownTx)
	}
	raw, err := writePayment(p)
	if err != nil {
		return err
	}
	return b.Put(key, raw)
}

// DropPayment takes a payment out, and its request, which may be asked again then.
func DropPayment(btx *dbfile.Tx, p PaymentRecord) error {
	b, key := btx.Bucket(bucketPayments), paymentKey(p)
	if b == nil {
		return nil
	}
	v := b.Get(key)
	if v == nil {
		return nil
	}
	old, err := readPayment(v)
	if err != nil {
		return err
	}
	if requests := btx.Bucket(bucketRequests); old.Request != "" && requests != nil {
		if err := requests.Delete([]byte(old.Request)); err != nil {
			return err
		}
	}
	return b.Delete(key)
}

// Drop forgets a prepared payment that can never be mined, and lets its request be asked again.
func (m *Payments) Drop(ctx context.Context, p PaymentRecord) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	return m.book.Update(func(btx *dbfile.Tx) error {
		if err := DropPayment(btx, p); err != nil {
			return err
		}
		return releaseHolder(btx, HolderOf(p.Tx.TxHash()))
	})
}

// forgetOld takes payments out that are old and answer no request.
func forgetOld(b *dbfile.Bucket, now time.Time) error {
	var old [][]byte
	err := b.ForEach(func(k, v []byte) error {
		p, err := readPayment(v)
		if err == nil && p.Request == "" && now.Sub(p.Time) > keepPayments && now.After(p.Until) {
			old = append(old, bytes.Clone(k))
		}
		return err
	})
	for _, k := range old {
		err = errors.Join(err, b.Delete(k))
	}
	return err
}

// paymentKey is the txid under which a payment is kept.
func paymentKey(p PaymentRecord) []byte {
	hash := p.Tx.TxHash()
	return hash[:]
}

func writePayment(p PaymentRecord) ([]byte, error) {
	var raw bytes.Buffer
	if err := p.Tx.Serialize(&raw); err != nil {
		return nil, err
	}
	row := paymentRow{Request: p.Request, Time: p.Time.Unix(), Targets: p.Targets, SubtractFee: p.SubtractFee, Tx: raw.Bytes(), PSBT: p.PSBT}
	if !p.Until.IsZero() {
		row.Until = p.Until.Unix()
	}
	return json.Marshal(row)
}

func readPayment(v []byte) (PaymentRecord, error) {
	var row paymentRow
	if err := json.Unmarshal(v, &row); err != nil {
		return PaymentRecord{}, fmt.Errorf("%w: a payment: %w", ErrMalformed, err)
	}
	p := PaymentRecord{Request: row.Request, Time: time.Unix(row.Time, 0).UTC(), Targets: row.Targets, SubtractFee: row.SubtractFee, PSBT: row.PSBT, Tx: new(wire.MsgTx)}
	if row.Until != 0 {
		p.Until = time.Unix(row.Until, 0).UTC()
	}
	if err := p.Tx.Deserialize(bytes.NewReader(row.Tx)); err != nil && !unsignedTx(p.Tx, row.Tx) {
		return PaymentRecord{}, fmt.Errorf("%w: the transaction of a payment: %w", ErrMalformed, err)
	}
	if len(p.Tx.TxIn) == 0 {
		return PaymentRecord{}, fmt.Errorf("%w: the transaction of a payment spends nothing", ErrMalformed)
	}
	return p, nil
}

// unsignedTx reads a transaction without witnesses.
func unsignedTx(tx *wire.MsgTx, raw []byte) bool {
	return tx.DeserializeNoWitness(bytes.NewReader(raw)) == nil
}

// Begins is when this memory begins; whole says that no payment of the wallet can be older: it was
// made then, and not restored.
func (m *Payments) Begins(ctx context.Context) (at time.Time, whole bool, err error) {
	if err := ctx.Err(); err != nil {
		return at, false, err
	}
	err = m.book.View(func(tx *dbfile.Tx) error {
		meta, ok := MetaOf(tx), false
		if at, ok = meta.since(); !ok {
			whole = true // of a version that took no request ids
			return nil
		}
		whole = at.Sub(meta.Birthday()) < birthdayMargin
		return nil
	})
	return at, whole, err
}
