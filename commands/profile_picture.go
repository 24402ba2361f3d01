package commands

import (
	"context"
	"net/http"

	"blockstack/commands/fault"
	"blockstack/profile/publish"
	"blockstack/wallet"
)

// picture is a picture file that goes beside a profile.
type picture struct {
	Path string // at the place
	URL  string // as the profile names it
	Data []byte
}

// openPicture reads a picture for image.KIND. It is published beside the profile, as KIND-0, as old clients did, so both the place and
// the URL of the profile must be known.
func (e *Env) openPicture(d *draft, o placeOptions, kind, path string) (picture, error) {
	beside := d.URL
	if o.URL != "" {
		beside = o.URL
	}
	if !o.given() || beside == "" {
		return picture{}, pictureNeedsPlace(kind)
	}
	data, err := readBounded(expandHome(path), e.In)
	if err != nil {
		return picture{}, err
	}
	switch kind := http.DetectContentType(data); kind {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
	default:
		return picture{}, fault.New("malformed", "%s is not a PNG, JPEG, GIF or WebP picture", path)
	}
	if len(data) > maxPicture {
		return picture{}, fault.New("malformed", "%s is larger than %d bytes", path, maxPicture)
	}
	name := kind + "-0"
	return picture{Path: sibling(o.As, name), URL: sibling(beside, name), Data: data}, nil
}

// pictureNeedsPlace is the fault of a picture file that would be published nowhere.
func pictureNeedsPlace(kind string) *fault.Fault {
	return fault.Usage("a picture file is published beside a profile, so say the name and where to: profile set NAME image.%s=@FILE --to DIR", kind).
		Hint("or give the picture's address: image.%s=https://…", kind)
}

// maxPicture bounds a picture in bytes; people load it on slow lines.
const maxPicture = 1 << 20

// publishPicture puts a picture in place and reads it back. It goes before the profile that names it.
func (e *Env) publishPicture(ctx context.Context, o placeOptions, owner wallet.Address, p picture) error {
	place, err := e.openPlace(ctx, o, owner)
	if err != nil {
		return err
	}
	return publish.PutFile(ctx, place, p.Path, p.Data)
}
