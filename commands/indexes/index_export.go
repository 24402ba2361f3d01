package indexes

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strconv"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/record"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/state"
)

// indexExportCommand is `index export`.
func indexExportCommand() *cli.Command {
	return &cli.Command{
		Name:  "export",
		Usage: "write all names, or all namespaces or accounts, as JSON lines or CSV",
		Description: "Every line is written as it is read, so any size will do. The first line of CSV names the columns.\n\n" + line.Examples(
			"blockstack index export > names.jsonl",
			"blockstack index export --what namespaces --format csv"),
		Flags: []cli.Flag{
			&cli.StringFlag{Name: "what", Value: "names", Usage: "`WHAT`: names, namespaces, accounts"},
			&cli.StringFlag{Name: "format", Value: "jsonl", Usage: "`FORMAT`: jsonl, csv"},
		},
		Action: line.Verb(func(c *cli.Context) (exportOptions, error) {
			o := exportOptions{What: c.String("what"), Format: c.String("format")}
			switch {
			case o.What != "names" && o.What != "namespaces" && o.What != "accounts":
				return o, fault.Usage("--what is %.40q, not names, namespaces or accounts", o.What)
			case o.Format != "jsonl" && o.Format != "csv":
				return o, fault.Usage("--format is %.40q, not jsonl or csv", o.Format)
			case o.Format == "csv" && c.Bool("json"):
				return o, fault.Usage("--json and --format csv contradict each other")
			}
			return o, nil
		}, runIndexExport),
	}
}

// exportOptions say what is written how.
type exportOptions struct{ What, Format string }

// exporter writes rows one by one.
type exporter struct {
	env    *session.Session
	schema string
	csv    bool
	header []string
}

// row writes one row, in CSV after the header.
func (e *exporter) row(doc any, columns, cells []string) error {
	if !e.csv {
		b, err := voice.Document(e.schema, doc)
		if err != nil {
			return err
		}
		return e.env.Out.WriteNow(b)
	}
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	if e.header == nil {
		e.header = columns
		if err := w.Write(columns); err != nil {
			return err
		}
	}
	for i := range cells {
		cells[i] = voice.Clean(cells[i])
	}
	if err := w.Write(cells); err != nil {
		return err
	}
	w.Flush()
	return e.env.Out.WriteNow(b.Bytes())
}

// runIndexExport streams the index.
func runIndexExport(ctx context.Context, env *session.Session, o exportOptions) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	e := &exporter{env: env, schema: "index.export", csv: o.Format == "csv"}
	switch o.What {
	case "namespaces":
		list, err := x.Namespaces(ctx)
		if err != nil {
			return err
		}
		for _, ns := range list {
			if err := e.namespace(record.ViewNamespace(ns)); err != nil {
				return err
			}
		}
		return nil
	case "accounts":
		return x.Accounts(ctx, e.account)
	}
	return x.Export(ctx, e.name)
}

// name writes a name.
func (e *exporter) name(r names.Record) error {
	number := func(h int32) string {
		if h == 0 {
			return ""
		}
		return strconv.Itoa(int(h))
	}
	hash := ""
	if r.HasZoneFile {
		hash = r.ZoneFile.String()
	}
	return e.row(record.Of(r),
		[]string{"name", "status", "owner_address", "owner_script", "zonefile_hash", "first_registered_height", "renewed_at_height", "expires_at_height", "last_txid"},
		[]string{r.Name.String(), string(r.Status), r.OwnerAddress, voice.Hex(r.Owner), hash, number(r.FirstRegistered), number(r.RenewedAt), number(r.ExpiresAt), r.LastTx.String()})
}

// namespace writes a namespace.
func (e *exporter) namespace(v record.NamespaceView) error {
	ready := ""
	if v.ReadyHeight != nil {
		ready = strconv.Itoa(int(*v.ReadyHeight))
	}
	return e.row(v,
		[]string{"namespace", "version", "status", "reveal_height", "ready_height", "lifetime_blocks", "coefficient", "base", "buckets", "no_vowel_discount", "non_alpha_discount", "revealer_address", "payer_address"},
		[]string{string(v.Namespace), strconv.Itoa(v.Version), string(v.Status), strconv.Itoa(int(v.RevealHeight)), ready, strconv.FormatUint(uint64(v.Lifetime), 10),
			strconv.Itoa(v.Coefficient), strconv.Itoa(v.Base), fmt.Sprint(v.Buckets), strconv.Itoa(v.NoVowelDiscount), strconv.Itoa(v.NonAlphaDiscount), v.Revealer, v.Payer})
}

// account writes a token account.
func (e *exporter) account(a state.AccountRow) error {
	balance := a.Balance().String()
	return e.row(map[string]any{"address": a.Address, "token": a.Unit, "balance": balance, "lock_send_height": a.LockSend},
		[]string{"address", "token", "balance", "lock_send_height"},
		[]string{a.Address, a.Unit, balance, strconv.Itoa(int(a.LockSend))})
}
