package textfile

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Newer says that a newer version of the program made a file. Nothing is wrong with it.
type Newer struct{ Path string }

// Error names the file.
func (e *Newer) Error() string {
	return fmt.Sprintf("%s was made by a newer version of the program", e.Path)
}

// NewerSchema reports whether JSON bytes are a file of the same kind as ours, made by a newer
// version of the program: its schema is ours with a larger number.
func NewerSchema(b []byte, ours string) bool {
	var head struct {
		Schema string `json:"schema"`
	}
	if json.Unmarshal(b, &head) != nil {
		return false
	}
	at := strings.LastIndex(ours, "/v") + len("/v")
	text, ok := strings.CutPrefix(head.Schema, ours[:at])
	if !ok {
		return false
	}
	theirs, err := strconv.ParseUint(text, 10, 31)
	known, err2 := strconv.ParseUint(ours[at:], 10, 31)
	return err == nil && err2 == nil && theirs > known
}
