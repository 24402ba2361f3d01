package lists

import (
	"bytes"
	"cmp"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/zonefile"
	"blockstack/storage/textfile"
	"blockstack/txbuilder/registrar"
)

// wish is one line of a list of names: how a name is to be.
type wish struct {
	Line  int // of the CSV file; the place in a JSON document
	Name  names.Name
	Owner string // number of an identity or an address; empty: any of ours
	URL   string
	File  string
	Renew int32 // renew it when it expires within so many blocks; 0: do not
}

const (
	// namesSchema is the schema of a JSON list of names.
	namesSchema = "blockstack/names/v1"

	maxNamesFile = 4 << 20
	maxWishes    = 100 * registrar.MaxSeries
	blocksPerDay = 144
	maxRenew     = 10 * 365 * blocksPerDay
	// maxListErrors is how many problems of a list are told at once.
	maxListErrors = 20
)

// lineError is a problem with one line of a list.
type lineError struct {
	Line int    `json:"line"`
	Text string `json:"message"`
}

// Error names the line.
func (e lineError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Text) }

// ReadWishes reads the list in a file; - is standard input. Zone files are read relative to the
// folder of the list.
func ReadWishes(e *session.Session, path string) (list []wish, dir string, err error) {
	in := e.In
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, "", fmt.Errorf("list of names: %w", err)
		}
		defer f.Close()
		in, dir = f, filepath.Dir(path)
	}
	raw, err := io.ReadAll(io.LimitReader(textfile.Unmarked(in), maxNamesFile+1))
	if err != nil {
		return nil, "", fmt.Errorf("list of names: %w", err)
	}
	list, bad := ParseWishes(raw)
	return list, dir, listFault(path, bad)
}

// shownErrors is how many problems of a list its message tells; the details of --json have all.
const shownErrors = 20

// listFault tells the problems of a list, the first ones in the message; nil without any.
func listFault(path string, bad []lineError) error {
	if len(bad) == 0 {
		return nil
	}
	bad = slices.Clone(bad)
	slices.SortStableFunc(bad, func(a, b lineError) int { return cmp.Compare(a.Line, b.Line) })
	var told []string
	for i := range bad[:min(len(bad), shownErrors)] {
		if told = append(told, bad[i].Error()); bad[i].Line == 0 {
			told[i] = bad[i].Text
		}
	}
	text := strings.Join(told, "; ")
	if n := len(bad) - len(told); n > 0 {
		text += fmt.Sprintf(" (and %d more)", n)
	}
	return fault.New("malformed", "%s: %s", voice.Clean(path), text).Detail("lines", bad).Hint("docs/formats.md says how names are listed").Because(bad[0])
}

// ParseWishes reads a list of names, at most 4 MiB and 2400 of them. It is JSON when it begins with
// a brace, else CSV.
//
//	CSV:    a header line, then a line for each name (RFC 4180)
//	header: "name", then any of "owner", "profile_url", "zonefile", "renew_within", each once, in any order
//	JSON:   {"schema": "blockstack/names/v1", "names": [{"name": text, "owner": text, "profile_url": text, "zonefile": text,
//	        "renew_within": text}]}
//
//	name         = LABEL.NAMESPACE; it stands in the list once
//	owner        = number of an identity / address; empty: it stays where it is, and a free name goes to an identity with room
//	profile_url  = URL that the zone file says the profile is at; zonefile = path of the zone file, relative to the list.
//	               At most one of the two; neither: the zone file stays as it is
//	renew_within = 1*DIGIT [ "d" / "w" ]: renew when it expires within so many blocks, days of 144 blocks, or weeks
//
// In JSON everything but the name may be left out. Unknown columns and keys are refused.
func ParseWishes(raw []byte) (list []wish, bad []lineError) {
	if len(raw) > maxNamesFile {
		return nil, []lineError{{0, fmt.Sprintf("more than %d bytes", maxNamesFile)}}
	}
	parse := parseWishesCSV
	if bytes.HasPrefix(bytes.TrimSpace(raw), []byte("{")) {
		parse = parseWishesJSON
	}
	list, bad = parse(raw)
	if len(bad) == 0 && (len(list) == 0 || len(list) > maxWishes) {
		bad = append(bad, lineError{0, fmt.Sprintf("%d names, not 1 to %d", len(list), maxWishes)})
	}
	seen := map[names.Name]int{}
	for _, w := range list {
		if first, twice := seen[w.Name]; twice && len(bad) < maxListErrors {
			bad = append(bad, lineError{w.Line, fmt.Sprintf("%s stands in line %d already", w.Name, first)})
		}
		seen[w.Name] = w.Line
	}
	return list, bad
}

// wishColumns are the columns of a CSV list, the first of them required.
func wishColumns() []string {
	return []string{"name", "owner", "profile_url", "zonefile", "renew_within"}
}

// jsonWish is a name in a JSON list.
type jsonWish struct {
	Name  string `json:"name"`
	Owner string `json:"owner"`
	URL   string `json:"profile_url"`
	File  string `json:"zonefile"`
	Renew string `json:"renew_within"`
}

// parseWishesCSV reads the lines of a CSV file.
func parseWishesCSV(raw []byte) (list []wish, bad []lineError) {
	r := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\xef\xbb\xbf"))))
	header, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, []lineError{{1, csvText(err)}}
	}
	at := map[string]int{}
	for i, column := range header {
		if _, twice := at[column]; twice || !slices.Contains(wishColumns(), column) {
			return nil, []lineError{{1, fmt.Sprintf("%s is unknown or there twice; a list has %s", columnInWords(i, column), strings.Join(wishColumns(), ", "))}}
		}
		at[column] = i
	}
	if len(header) == 0 || header[0] != "name" {
		return nil, []lineError{{1, "the first line must name the columns, the first of which is name"}}
	}
	for len(list) <= maxWishes && len(bad) < maxListErrors {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			line := 0
			var syntax *csv.ParseError
			if errors.As(err, &syntax) {
				line = syntax.Line
			}
			return list, append(bad, lineError{line, csvText(err)})
		}
		line, _ := r.FieldPos(0)
		cell := func(column string) string {
			if i, there := at[column]; there {
				return row[i]
			}
			return ""
		}
		w, err := parseWish(line, jsonWish{cell("name"), cell("owner"), cell("profile_url"), cell("zonefile"), cell("renew_within")})
		if err != nil {
			bad = append(bad, lineError{line, err.Error()})
			continue
		}
		list = append(list, w)
	}
	return list, bad
}

// csvText is the reason of an error of the CSV reader, without the line, which stands before it.
func csvText(err error) string {
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return syntax.Err.Error()
	}
	return err.Error()
}

// parseWishesJSON reads a JSON document.
func parseWishesJSON(raw []byte) (list []wish, bad []lineError) {
	var doc struct {
		Schema string            `json:"schema"`
		Names  []json.RawMessage `json:"names"`
	}
	if err := textfile.DecodeStrict(raw, &doc); err != nil {
		return nil, []lineError{{0, err.Error()}}
	}
	if doc.Schema != namesSchema {
		return nil, []lineError{{0, fmt.Sprintf("schema is %.60q, not %q", doc.Schema, namesSchema)}}
	}
	for i, one := range doc.Names {
		if len(list) > maxWishes || len(bad) >= maxListErrors {
			break
		}
		var j jsonWish
		err := textfile.DecodeStrict(one, &j)
		var w wish
		if err == nil {
			w, err = parseWish(i+1, j)
		}
		if err != nil {
			bad = append(bad, lineError{i + 1, err.Error()})
			continue
		}
		list = append(list, w)
	}
	return list, bad
}

// parseWish checks what one line says by itself.
func parseWish(line int, j jsonWish) (w wish, err error) {
	w = wish{Line: line, Owner: j.Owner, URL: j.URL, File: j.File}
	if w.Name, err = names.Parse(j.Name); err != nil {
		return w, err
	}
	switch {
	case j.URL != "" && j.File != "":
		return w, fmt.Errorf("%s: profile_url and zonefile are two ways to say the same; give one of them", w.Name)
	case len(j.Owner) > 100:
		return w, fmt.Errorf("%s: the owner is neither a number nor an address", w.Name)
	case strings.ContainsRune(j.File, 0) || len(j.File) > 4096:
		return w, fmt.Errorf("%s: the zone file has no path of a file", w.Name)
	}
	if j.URL != "" {
		if _, err := zonefile.Make(w.Name, j.URL); err != nil {
			return w, fmt.Errorf("%s: %w", w.Name, err)
		}
	}
	if j.Renew != "" {
		if w.Renew, err = parsePeriod(j.Renew); err != nil {
			return w, fmt.Errorf("%s: renew_within: %w", w.Name, err)
		}
	}
	return w, nil
}

// parsePeriod reads a number of blocks, or of days (60d) or weeks (8w) of 144 blocks a day.
func parsePeriod(text string) (int32, error) {
	digits, unit := text, int64(1)
	if d, ok := strings.CutSuffix(text, "d"); ok {
		digits, unit = d, blocksPerDay
	} else if w, ok := strings.CutSuffix(text, "w"); ok {
		digits, unit = w, 7*blocksPerDay
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil || n == 0 || int64(n)*unit > maxRenew {
		return 0, fmt.Errorf("%.40q is not a number of blocks, of days like 60d or of weeks like 8w, up to ten years", text)
	}
	return int32(int64(n) * unit), nil
}

// zoneFile makes or reads the zone file of a wish; nil: it stays as it is.
func (w *wish) zoneFile(dir string) ([]byte, error) {
	switch {
	case w.URL != "":
		return zonefile.Make(w.Name, w.URL)
	case w.File == "":
		return nil, nil
	}
	path := w.File
	if !filepath.IsAbs(path) {
		path = filepath.Join(dir, path)
	}
	text, err := line.ReadZoneFile(path, nil)
	if err != nil {
		return nil, err
	}
	text = textfile.WithoutMark(text) // it is not on the chain yet
	z, err := zonefile.Parse(text)
	if err == nil {
		_, err = z.ProfileURLs(w.Name)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", voice.Clean(w.File), err)
	}
	return text, nil
}

// columnInWords names a column of a list: by its place when its name is none that a column has; it
// may be the first line of another file, which holds a password.
func columnInWords(i int, column string) string {
	if len(column) > 24 || strings.Trim(column, "abcdefghijklmnopqrstuvwxyz_ ") != "" {
		return "column " + voice.Itoa(int32(i+1))
	}
	return "column " + strconv.Quote(column)
}
