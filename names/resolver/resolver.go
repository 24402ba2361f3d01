package resolver

import (
	"context"
	"fmt"

	"blockstack/names"
	"blockstack/names/zonefile"
)

// Records knows the records of names. A free name is a record with status available, or an error
// that wraps names.ErrNotFound.
type Records interface {
	Record(ctx context.Context, n names.Name) (names.Record, error)
}

// Resolver finds out what is known about names. Both parts must be set.
type Resolver struct {
	Records   Records
	ZoneFiles ZoneFiles
}

// Resolution is what is known about a name, and how.
type Resolution struct {
	Name   names.Name
	Record names.Record
	Height int32 // block height at which the record is true

	Text     []byte             // the zone file as its hash commits to it; nil: the record has none
	Source   string             // where the zone file came from: "cache", a folder, a URL
	ZoneFile *zonefile.ZoneFile // nil when there is none or it cannot be read
	URLs     []string           // where the profile may be, in the order to try
	DataKeys []string           // texts of the form pubkey:data:<hex>: keys that sign the profile in the owner's place
	// Problem says why there is no URL although there is a zone file; nil: all is well. A name with
	// a broken zone file still has an owner, so this is no error of Resolve.
	Problem error
}

// Resolve finds out what is known about a name. A name that nobody has gives an error that wraps
// names.ErrNotFound; a zone file that cannot be had gives one that wraps ErrNoZoneFile, together
// with the resolution as far as it came.
func (r *Resolver) Resolve(ctx context.Context, n names.Name) (*Resolution, error) {
	rec, err := r.Records.Record(ctx, n)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", n, err)
	}
	if rec.Status == names.Available {
		return nil, fmt.Errorf("%s: no such name at block %d: %w", n, rec.Height, names.ErrNotFound)
	}
	res := &Resolution{Name: n, Record: rec, Height: rec.Height}
	if !rec.HasZoneFile {
		return res, nil
	}
	res.Text, res.Source, err = r.ZoneFiles.ZoneFile(ctx, rec.ZoneFile)
	if err != nil {
		return res, fmt.Errorf("%s: %w", n, err)
	}
	if err := checkZoneFile(res.Text, rec.ZoneFile); err != nil {
		return res, fmt.Errorf("%s: zone file from %s: %w", n, res.Source, err)
	}
	zf, err := zonefile.Parse(res.Text)
	if err != nil {
		res.Problem = fmt.Errorf("zone file of %s: %w", n, err)
		return res, nil
	}
	res.ZoneFile = zf
	res.DataKeys = DataKeys(zf)
	res.URLs, err = zf.ProfileURLs(n)
	if err != nil {
		res.Problem = fmt.Errorf("zone file of %s: %w", n, err)
	}
	return res, nil
}

// DataKeys gives the data keys that a zone file publishes, see zonefile.DataKeys.
func DataKeys(zf *zonefile.ZoneFile) []string { return zf.DataKeys() }
