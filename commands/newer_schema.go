package commands

import (
	"encoding/json"
	"strconv"
	"strings"
)

// newerSchema reports whether JSON bytes are a file of the same kind as ours, made by a newer version of the program: its schema
// is ours with a larger number.
func newerSchema(b []byte, ours string) bool {
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

// newerFile is the fault of a file that a newer version made.
func newerFile(path string) error {
	return fault("newer_version", "%s was made by a newer version of the program", path).hint("use the newer program; nothing is wrong with the file")
}
