package jobports

import (
	"context"
	"os"

	"blockstack/names"
	"blockstack/names/resolver"
)

// Folder publishes to the folder of one's own zone files; from there `zonefile publish` takes them further.
type Folder struct{ Dir string }

// Publish writes a zone file, and waits until it is on disk.
func (p Folder) Publish(_ context.Context, _ names.Name, zoneFile []byte) ([]string, error) {
	if err := os.MkdirAll(p.Dir, 0o700); err != nil {
		return nil, err
	}
	path, err := resolver.PublishZoneFile(p.Dir, zoneFile)
	if err != nil {
		return nil, err
	}
	return []string{path}, nil
}
