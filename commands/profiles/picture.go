package profiles

import (
	"fmt"
	"io"

	"blockstack/commands/fault"
	"blockstack/profile/publish"
)

// openPicture reads a picture for image.KIND. It is published beside the profile, so both the place
// and the URL of the profile must be known.
func (d *change) openPicture(in io.Reader, o placeOptions, kind, path string) (*publish.Picture, error) {
	beside := d.URL
	if o.URL != "" {
		beside = o.URL
	}
	if !o.given() || beside == "" {
		return nil, pictureNeedsPlace(kind)
	}
	data, err := readBounded(expandHome(path), in)
	if err != nil {
		return nil, err
	}
	p, err := publish.NewPicture(kind, o.As, beside, data)
	if err != nil {
		return nil, fmt.Errorf("%s %w", path, err)
	}
	return p, nil
}

// pictureNeedsPlace is the fault of a picture file that would be published nowhere.
func pictureNeedsPlace(kind string) *fault.Fault {
	return fault.Usage("a picture file is published beside a profile, so say the name and where to: profile set NAME image.%s=@FILE --to DIR", kind).
		Hint("or give the picture's address: image.%s=https://…", kind)
}
