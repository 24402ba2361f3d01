package backup

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"slices"

	"blockstack/storage"
)

// The zone files of one's own names stand in the folder NETWORK/zonefiles, and in an archive as one
// tar file of files HASH.txt. The chain has only their hashes, and whoever reads one compares it
// with the hash.
const (
	zoneFolder  = "zonefiles"
	maxZoneFile = 64 << 10
	maxZones    = 1 << 20
)

var zoneName = regexp.MustCompile(`^[0-9a-f]{40}\.txt$`)

// packZones reads the zone files of a place; nil: there is none.
func packZones(ctx context.Context, in interface {
	storage.Getter
	storage.Lister
}) ([]byte, error) {
	files := map[string][]byte{}
	err := in.List(ctx, storage.Listing{Shallow: true}, func(f storage.Info) error {
		if !zoneName.MatchString(f.Name) || f.Size > maxZoneFile { // no zone file is as large
			return nil
		}
		zone, err := storage.Read(ctx, in, f.Name, maxZoneFile)
		files[f.Name] = zone.Data
		return err
	})
	if err != nil || len(files) == 0 {
		return nil, err
	}
	return writeZones(files)
}

// writeZones is the tar file.
func writeZones(files map[string][]byte) ([]byte, error) {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	var out bytes.Buffer
	w := tar.NewWriter(&out)
	for _, name := range names {
		h := &tar.Header{Typeflag: tar.TypeReg, Name: name, Size: int64(len(files[name])), Mode: 0o600, Format: tar.FormatUSTAR}
		if err := w.WriteHeader(h); err != nil {
			return nil, fmt.Errorf("pack zone files: %w", err)
		}
		if _, err := w.Write(files[name]); err != nil {
			return nil, fmt.Errorf("pack zone files: %w", err)
		}
	}
	if err := w.Close(); err != nil {
		return nil, fmt.Errorf("pack zone files: %w", err)
	}
	return out.Bytes(), nil
}

// readZones reads what writeZones wrote, and what somebody else who knows the password might have.
func readZones(b []byte) (map[string][]byte, error) {
	r := tar.NewReader(bytes.NewReader(b))
	files := map[string][]byte{}
	for {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return files, nil
		}
		if err != nil {
			return nil, fmt.Errorf("%w: the zone files: %w", ErrMalformed, err)
		}
		if _, twice := files[h.Name]; twice || h.Typeflag != tar.TypeReg || !zoneName.MatchString(h.Name) || h.Size < 0 || h.Size > maxZoneFile || len(files) == maxZones {
			return nil, fmt.Errorf("%w: the zone file %.60q is there twice, too large or has no place", ErrMalformed, h.Name)
		}
		data := make([]byte, h.Size)
		if _, err := io.ReadFull(r, data); err != nil {
			return nil, fmt.Errorf("%w: the zone file %s is cut off", ErrMalformed, h.Name)
		}
		files[h.Name] = data
	}
}

// ZoneFileCount is how many zone files an archive has.
func (a *Archive) ZoneFileCount() (n int, err error) {
	for name, b := range a.Files {
		if filepath.Base(name) != ZoneFiles {
			continue
		}
		files, err := readZones(b)
		if err != nil {
			return 0, err
		}
		n += len(files)
	}
	return n, nil
}
