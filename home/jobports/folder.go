package jobports

import (
	"context"

	"blockstack/names"
	"blockstack/names/resolver"
	"blockstack/storage/local"
)

// Folder publishes to the folder of one's own zone files; from there `zonefile publish` takes them
// further.
type Folder struct{ Dir string }

// Publish writes a zone file, and waits until it is on disk.
func (p Folder) Publish(ctx context.Context, _ names.Name, zoneFile []byte) ([]string, error) {
	dir := local.Private(p.Dir)
	file, err := resolver.PublishZoneFile(ctx, dir, zoneFile)
	if err != nil {
		return nil, err
	}
	return []string{dir.Path(file)}, nil
}
