package commands

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"reflect"
	"slices"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/storage/textfile"
	"blockstack/txbuilder"
	"blockstack/wallet/labels"
)

// bill is one line of what is to be paid.
type bill struct {
	Target string // address or name
	Amount btcutil.Amount
	All    bool // everything there is
	Label  string
}

// paymentsSchema is the schema of a JSON file of payments.
const paymentsSchema = "blockstack/payments/v1"

const (
	maxPaymentsFile = 1 << 20
	maxPayments     = 2500 // a transaction of as many outputs is about as large as nodes relay
)

// readBills reads what is to be paid from the arguments, or from the file.
func (e *Env) readBills(o payOptions) ([]bill, error) {
	if o.File == "" {
		b, err := readBill(o.Target, o.Amount)
		if err == nil && b.All && o.SubtractFee {
			err = fault.Usage("max takes the fee out of the amount anyway; leave --subtract-fee away")
		}
		return []bill{b}, err
	}
	in := e.In
	if o.File != "-" {
		f, err := os.Open(o.File)
		if err != nil {
			return nil, fmt.Errorf("payments: %w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(textfile.Unmarked(in), maxPaymentsFile+1))
	if err != nil {
		return nil, fmt.Errorf("payments: %w", err)
	}
	bills, err := parsePayments(raw)
	if err != nil {
		return nil, fault.New("malformed", "%s: %v", o.File, err).Because(err).Hint("docs/formats.md says how payments are listed")
	}
	return bills, nil
}

// readBill reads TARGET and AMOUNT. A payment URI may bring the amount, which AMOUNT must not contradict.
func readBill(target, amount string) (bill, error) {
	b := bill{Target: target}
	if txbuilder.IsURI(target) {
		u, err := txbuilder.ParseURI(target)
		if err != nil {
			return b, err
		}
		b.Target, b.Amount, b.Label = u.Address, u.Amount, u.Message
		if b.Label == "" {
			b.Label = u.Label
		}
		if amount == "" && b.Amount > 0 {
			return b, nil
		}
	}
	if amount == "" {
		return b, fault.Usage("blockstack pay: missing AMOUNT").Hint("usage: blockstack pay TARGET AMOUNT")
	}
	given, all, err := parsePayAmount(amount)
	if err == nil && b.Amount > 0 && (all || given != b.Amount) {
		err = fault.Usage("the payment URI asks for %s, and AMOUNT is %s", voice.BTC(b.Amount), amount)
	}
	b.Amount, b.All = given, all
	return b, err
}

// parsePayments reads a list of payments, at most 1 MiB and 2500 of them. It is JSON when it begins with a brace, else CSV.
//
//	CSV:   header line "target,amount_btc" or "target,amount_btc,label", then a line for each payment (RFC 4180)
//	JSON:  {"schema": "blockstack/payments/v1", "payments": [{"target": text, "amount_btc": text / "amount_sat": number, "label": text}]}
//
// A target is an address or a name and stands in the list once; an amount is a decimal number of BTC, or a whole one of
// satoshi; a label may be left out.
func parsePayments(raw []byte) ([]bill, error) {
	if len(raw) > maxPaymentsFile {
		return nil, fmt.Errorf("more than %d bytes", maxPaymentsFile)
	}
	parse := parsePaymentsCSV
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		parse = parsePaymentsJSON
	}
	bills, err := parse(raw)
	if err != nil {
		return nil, err
	}
	if len(bills) == 0 || len(bills) > maxPayments {
		return nil, fmt.Errorf("%d payments, not 1 to %d", len(bills), maxPayments)
	}
	seen := map[string]bool{}
	for i, b := range bills {
		switch {
		case b.Target == "":
			return nil, fmt.Errorf("payment %d: the target is missing", i+1)
		case b.Amount == 0:
			return nil, fmt.Errorf("payment %d: the amount is 0", i+1)
		case txbuilder.IsURI(b.Target):
			return nil, fmt.Errorf("payment %d: a list has addresses and names, no URIs", i+1)
		case seen[b.Target]:
			return nil, fmt.Errorf("payment %d: %.100s is in the list already", i+1, b.Target)
		case len(b.Label) > 255:
			return nil, fmt.Errorf("payment %d: the label has more than 255 bytes", i+1)
		}
		seen[b.Target] = true
	}
	return bills, nil
}

// parsePaymentsCSV reads the lines of a CSV file.
func parsePaymentsCSV(raw []byte) ([]bill, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	header, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	columns := []string{"target", "amount_btc", "label"}
	if len(header) < 2 || !slices.Equal(header, columns[:min(len(header), 3)]) {
		return nil, errors.New("the first line must be target,amount_btc or target,amount_btc,label")
	}
	var bills []bill
	for len(bills) <= maxPayments {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return bills, nil
		}
		if err != nil {
			return nil, err
		}
		b := bill{Target: row[0]}
		if b.Amount, err = txbuilder.ParseAmount(row[1]); err != nil {
			return nil, fmt.Errorf("payment %d: %w", len(bills)+1, err)
		}
		if len(row) > 2 {
			b.Label = row[2]
		}
		bills = append(bills, b)
	}
	return bills, nil
}

// jsonBill is a payment in a JSON document.
type jsonBill struct {
	Target    string  `json:"target"`
	AmountBTC *string `json:"amount_btc"`
	AmountSat *int64  `json:"amount_sat"`
	Label     string  `json:"label"`
}

// parsePaymentsJSON reads a JSON document.
func parsePaymentsJSON(raw []byte) ([]bill, error) {
	var doc struct {
		Schema   string            `json:"schema"`
		Payments []json.RawMessage `json:"payments"`
	}
	if err := strictJSON(raw, &doc); err != nil {
		return nil, err
	}
	if doc.Schema != paymentsSchema {
		return nil, fmt.Errorf("schema is %.60q, not %q", doc.Schema, paymentsSchema)
	}
	var bills []bill
	for i, one := range doc.Payments {
		var p jsonBill
		if err := strictJSON(one, &p); err != nil {
			return nil, fmt.Errorf("payment %d: %w", i+1, err)
		}
		b := bill{Target: p.Target, Label: p.Label}
		switch {
		case (p.AmountBTC == nil) == (p.AmountSat == nil):
			return nil, fmt.Errorf("payment %d: give amount_btc or amount_sat", i+1)
		case p.AmountSat != nil:
			if *p.AmountSat < 0 || *p.AmountSat > btcutil.MaxSatoshi {
				return nil, fmt.Errorf("payment %d: %d satoshi are no amount", i+1, *p.AmountSat)
			}
			b.Amount = btcutil.Amount(*p.AmountSat)
		default:
			var err error
			if b.Amount, err = txbuilder.ParseAmount(*p.AmountBTC); err != nil {
				return nil, fmt.Errorf("payment %d: %w", i+1, err)
			}
		}
		bills = append(bills, b)
	}
	return bills, nil
}

// strictJSON decodes one JSON object that has no unknown and no repeated keys.
func strictJSON(raw []byte, v any) error {
	if err := textfile.UniqueKeys(raw); err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.DisallowUnknownFields()
	if err := dec.Decode(v); err != nil {
		var kind *json.UnmarshalTypeError
		if errors.As(err, &kind) {
			return fmt.Errorf("%s: a %s stands where a %s belongs", kind.Field, kind.Value, jsonKind(kind.Type))
		}
		return errors.New(strings.TrimPrefix(err.Error(), "json: "))
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("something follows the JSON object")
	}
	return nil
}

// jsonKind is what JSON calls the values of a type.
func jsonKind(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "string"
	case reflect.Bool:
		return "boolean"
	case reflect.Slice, reflect.Array:
		return "array"
	case reflect.Struct, reflect.Map:
		return "object"
	}
	return "number"
}

// findPayees finds out who is paid. Two targets that lead to the same address are refused: it is more likely a slip.
func (e *Env) findPayees(ctx context.Context, bills []bill, o payOptions) ([]payee, error) {
	var payees []payee
	at := map[string]string{}
	for _, b := range bills {
		o.Target = b.Target
		q, err := e.findPayee(ctx, o)
		if err != nil {
			if len(bills) > 1 {
				err = fmt.Errorf("%.100s: %w", b.Target, err)
			}
			return nil, err
		}
		if other, twice := at[string(q.Script)]; twice {
			return nil, fault.Usage("%.100s and %.100s are paid at the same address", other, b.Target).Hint("put the amounts together")
		}
		at[string(q.Script)] = b.Target
		q.Amount, q.Label = b.Amount, b.Label
		if q.Before, err = e.paidBefore(ctx, q); err != nil {
			return nil, err
		}
		payees = append(payees, q)
	}
	return payees, nil
}

// paidBefore says where a name was paid last, when that was elsewhere.
func (e *Env) paidBefore(ctx context.Context, q payee) (*labels.Payee, error) {
	if q.Name.IsZero() {
		return nil, nil
	}
	w, err := e.Wallet(ctx)
	if err != nil {
		return nil, err
	}
	last, found, err := w.LastPayee(ctx, q.Name.String())
	if err != nil || !found || last.Address == q.Address {
		return nil, err
	}
	return &last, nil
}

// warnOfNewPayees says which names are paid elsewhere than last time.
func (e *Env) warnOfNewPayees(payees []payee) {
	for _, q := range payees {
		if q.Before != nil {
			e.Out.Warn("%s IS PAID AT ANOTHER ADDRESS THAN LAST TIME: now %s, on %s it was %s; if this surprises you, ask its owner another way before you pay",
				q.Name, q.words(), voice.Time(q.Before.Time), q.Before.Address)
		}
	}
}
