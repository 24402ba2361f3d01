package publish

import (
	"errors"
	"fmt"
	"net/http"
)

// MaxPicture bounds a picture in bytes; people load it on slow lines.
const MaxPicture = 1 << 20

// ErrPicture means that a file is no picture that can go beside a profile.
var ErrPicture = errors.New("not a picture for a profile")

// Picture is a picture file that goes beside a profile.
type Picture struct {
	Path string // at the place
	URL  string // as the profile names it
	Data []byte
}

// NewPicture checks a picture for image.KIND. It is published beside the profile, which is at path
// and read at url, as KIND-0, as old clients did.
func NewPicture(kind, path, url string, data []byte) (*Picture, error) {
	switch http.DetectContentType(data) {
	case "image/png", "image/jpeg", "image/gif", "image/webp":
	default:
		return nil, &PictureError{"is not a PNG, JPEG, GIF or WebP picture"}
	}
	if len(data) > MaxPicture {
		return nil, &PictureError{fmt.Sprintf("is larger than %d bytes", MaxPicture)}
	}
	name := kind + "-0"
	return &Picture{Path: Beside(path, name), URL: Beside(url, name), Data: data}, nil
}

// PictureError says what is wrong with a picture file. It wraps ErrPicture.
type PictureError struct{ Reason string }

// Error gives the reason, to follow the name of the file.
func (e *PictureError) Error() string { return e.Reason }

// Unwrap gives ErrPicture.
func (e *PictureError) Unwrap() error { return ErrPicture }
