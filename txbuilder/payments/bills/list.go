package bills

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/storage/textfile"
	"blockstack/txbuilder"
)

// Schema is the schema of a JSON file of payments.
const Schema = "blockstack/payments/v1"

const (
	// MaxList is the longest list in bytes.
	MaxList     = 1 << 20
	maxPayments = 2500 // a transaction of as many outputs is about as large as nodes relay
)

// ParseList reads a list of payments, at most 1 MiB and 2500 of them. It is JSON when it begins
// with a brace, else CSV.
//
//	CSV:   header line "target,amount_btc" or "target,amount_btc,label", then a line for each payment (RFC 4180)
//	JSON:  {"schema": "blockstack/payments/v1", "payments": [{"target": text, "amount_btc": text / "amount_sat": number, "label": text}]}
//
// A target is an address or a name and stands in the list once; an amount is a decimal number of
// BTC, or a whole one of satoshi; a label may be left out.
func ParseList(raw []byte) ([]Bill, error) {
	if len(raw) > MaxList {
		return nil, fmt.Errorf("more than %d bytes", MaxList)
	}
	parse := parseCSV
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		parse = parseJSON
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

// parseCSV reads the lines of a CSV file.
func parseCSV(raw []byte) ([]Bill, error) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	header, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	columns := []string{"target", "amount_btc", "label"}
	if len(header) < 2 || !slices.Equal(header, columns[:min(len(header), 3)]) {
		return nil, errors.New("the first line must be target,amount_btc or target,amount_btc,label")
	}
	var bills []Bill
	for len(bills) <= maxPayments {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return bills, nil
		}
		if err != nil {
			return nil, err
		}
		b := Bill{Target: row[0]}
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

// jsonPayment is a payment in a JSON document.
type jsonPayment struct {
	Target    string  `json:"target"`
	AmountBTC *string `json:"amount_btc"`
	AmountSat *int64  `json:"amount_sat"`
	Label     string  `json:"label"`
}

// parseJSON reads a JSON document.
func parseJSON(raw []byte) ([]Bill, error) {
	var doc struct {
		Schema   string            `json:"schema"`
		Payments []json.RawMessage `json:"payments"`
	}
	if err := textfile.DecodeStrict(raw, &doc); err != nil {
		return nil, err
	}
	if doc.Schema != Schema {
		return nil, fmt.Errorf("schema is %.60q, not %q", doc.Schema, Schema)
	}
	var bills []Bill
	for i, one := range doc.Payments {
		var p jsonPayment
		if err := textfile.DecodeStrict(one, &p); err != nil {
			return nil, fmt.Errorf("payment %d: %w", i+1, err)
		}
		b := Bill{Target: p.Target, Label: p.Label}
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
