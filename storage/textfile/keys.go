package textfile

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// UniqueKeys refuses an object with a repeated key, and keys that differ from the grammar's only in
// case, which encoding/json would take.
func UniqueKeys(b []byte) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	if t, err := dec.Token(); err != nil {
		return err
	} else if t != json.Delim('{') {
		return errors.New("not a JSON object")
	}
	seen := map[string]bool{}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			return err
		}
		key, _ := t.(string)
		if key != strings.ToLower(key) {
			return fmt.Errorf("unknown key %s", strconv.Quote(key))
		}
		if seen[key] {
			return fmt.Errorf("repeated key %s", strconv.Quote(key))
		}
		seen[key] = true
		var skip json.RawMessage
		if err := dec.Decode(&skip); err != nil {
			return err
		}
	}
	return nil
}
