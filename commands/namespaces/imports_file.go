package namespaces

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/session"
	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/txbuilder/registrar"
)

// The bounds of a list of names to import.
const (
	maxImportsFile = 16 << 20
	maxImports     = 50_000
)

// importRow is one line of a list of names to import. The list's grammar is RFC 4180; its first
// line is the schema:
//
//	list   = header *row                     at least one row
//	header = "name,owner,profile_url"        a zone file is made that says where the profile is
//	       / "name,owner,zonefile_hash"      40 hex digits; the zone file itself is published by somebody else
//	row    = NAME "," ( ADDRESS / IDENTITY ) "," ( URL / HASH )
type importRow struct {
	Name  names.Name
	Owner string // an address, or the number of an identity of ours
	URL   string
	Hash  names.ZoneFileHash
}

// ParseImports reads a list of names to import into a namespace.
func ParseImports(b []byte, id names.NamespaceID) ([]importRow, error) {
	if len(b) > maxImportsFile {
		return nil, fmt.Errorf("larger than %d bytes", maxImportsFile)
	}
	r := csv.NewReader(bytes.NewReader(b))
	r.ReuseRecord = true
	header, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	kind := strings.Join(header, ",")
	if kind != "name,owner,profile_url" && kind != "name,owner,zonefile_hash" {
		return nil, fmt.Errorf("line 1 is %.60q, not name,owner,profile_url or name,owner,zonefile_hash", kind)
	}
	var rows []importRow
	seen := map[names.Name]int{}
	for {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		line, _ := r.FieldPos(0)
		row, err := parseImport(fields, kind == "name,owner,profile_url")
		if err == nil && row.Name.Namespace() != id {
			err = fmt.Errorf("%s is not in namespace %s", row.Name, id)
		}
		if first := seen[row.Name]; err == nil && first > 0 {
			err = fmt.Errorf("%s stands in line %d already", row.Name, first)
		}
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		seen[row.Name] = line
		if rows = append(rows, row); len(rows) > maxImports {
			return nil, fmt.Errorf("more than %d names", maxImports)
		}
	}
	if len(rows) == 0 {
		return nil, errors.New("no names")
	}
	return rows, nil
}

// parseImport reads the fields of a row.
func parseImport(fields []string, isURL bool) (row importRow, err error) {
	if row.Name, err = names.Parse(fields[0]); err != nil {
		return row, err
	}
	if row.Owner = strings.Clone(fields[1]); row.Owner == "" {
		return row, errors.New("no owner")
	}
	if !isURL {
		row.Hash, err = names.ParseZoneFileHash(fields[2])
		return row, err
	}
	row.URL = strings.Clone(fields[2])
	_, err = zonefile.Make(row.Name, row.URL)
	return row, err
}

// importsOf turns rows into what is imported: owners into scripts, URLs into zone files.
func importsOf(ctx context.Context, e *session.Session, rows []importRow) ([]registrar.Import, error) {
	list := make([]registrar.Import, len(rows))
	for i, row := range rows {
		in := registrar.Import{Name: row.Name, Hash: row.Hash}
		var err error
		if in.Owner, err = session.OwnerScript(ctx, e, row.Owner); err != nil {
			return nil, fmt.Errorf("%s: owner: %w", row.Name, err)
		}
		if row.URL != "" {
			if in.ZoneFile, err = zonefile.Make(row.Name, row.URL); err != nil {
				return nil, fmt.Errorf("%s: %w", row.Name, err)
			}
			in.Hash = names.HashZoneFile(in.ZoneFile)
		}
		list[i] = in
	}
	return list, nil
}

// readImports reads a list of names; - is standard input.
func readImports(e *session.Session, path string, id names.NamespaceID) ([]importRow, error) {
	b, err := session.ReadFileOrStdin(e, path, maxImportsFile)
	if err != nil {
		return nil, fmt.Errorf("names to import: %w", err)
	}
	rows, err := ParseImports(b, id)
	if err != nil {
		return nil, fault.New("bad_config", "%s: %v", path, err).Because(err).Hint("its grammar and an example are in docs/formats.md")
	}
	return rows, nil
}
