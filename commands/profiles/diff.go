package profiles

import (
	"fmt"

	"blockstack/profile"
)

// changeView is a change of a profile as programs see it.
type changeView struct {
	Path string  `json:"path"`
	Old  rawJSON `json:"old"`
	New  rawJSON `json:"new"`
}

// rawJSON is JSON as it is, or null.
type rawJSON []byte

// MarshalJSON gives the bytes.
func (r rawJSON) MarshalJSON() ([]byte, error) {
	if r == nil {
		return []byte("null"), nil
	}
	return r, nil
}

// viewChanges makes the views of what differs.
func viewChanges(changes []profile.Change) []changeView {
	views := []changeView{}
	for _, c := range changes {
		views = append(views, changeView{Path: c.Path, Old: rawJSON(c.Old), New: rawJSON(c.New)})
	}
	return views
}

// lines writes a change as a person reads it: - what was, + what will be.
func (c changeView) lines() []string {
	path := c.Path
	if path == "" {
		path = "order"
	}
	var lines []string
	if c.Old != nil {
		lines = append(lines, fmt.Sprintf("- %s  %s", path, c.Old))
	}
	if c.New != nil {
		lines = append(lines, fmt.Sprintf("+ %s  %s", path, c.New))
	}
	return lines
}
