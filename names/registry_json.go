package names

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/big"
	"reflect"
	"strings"
)

// decodeStrict reads one JSON value into dst, a pointer to a struct. It refuses what the standard
// decoder lets pass: unknown keys, keys in other case, repeated keys, missing keys (those without
// omitempty), null for what cannot be absent, data after the end.
func decodeStrict(b []byte, dst any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.UseNumber()
	if err := checkShape(d, reflect.TypeOf(dst).Elem(), ""); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is text after the end of the object")
	}
	err := json.Unmarshal(b, dst)
	var typeErr *json.UnmarshalTypeError
	if errors.As(err, &typeErr) {
		return fmt.Errorf("%s: %s does not fit, want %s", typeErr.Field, typeErr.Value, kindWords(typeErr.Type))
	}
	return err
}

// maxDepth bounds how deep objects and arrays may lie in each other.
const maxDepth = 16

// checkShape walks one value of the stream and compares it with the type it will be read into.
func checkShape(d *json.Decoder, t reflect.Type, path string) error {
	if strings.Count(path, ".")+strings.Count(path, "[") > maxDepth {
		return fmt.Errorf("%s: nested too deeply", path)
	}
	tok, err := d.Token()
	if err != nil {
		return readError(path, err)
	}
	for t != nil && t.Kind() == reflect.Pointer {
		if tok == nil {
			return nil
		}
		t = t.Elem()
	}
	if tok == nil && t != nil {
		if k := t.Kind(); k == reflect.Slice || k == reflect.Map || t == reflect.TypeFor[Number]() {
			return nil
		}
		return fmt.Errorf("%s: null is not allowed", orTop(path))
	}
	if t != nil && t.Kind() == reflect.Struct && !isLeaf(t) && tok != json.Delim('{') {
		return fmt.Errorf("%s: want an object", orTop(path))
	}
	switch tok {
	case json.Delim('{'):
		return checkObject(d, t, path)
	case json.Delim('['):
		for i := 0; d.More(); i++ {
			if err := checkShape(d, elem(t, reflect.Slice), fmt.Sprintf("%s[%d]", path, i)); err != nil {
				return err
			}
		}
		if _, err = d.Token(); err != nil {
			return readError(path, err)
		}
	}
	return nil
}

// readError says where the text is no JSON.
func readError(path string, err error) error {
	if errors.Is(err, io.EOF) {
		err = errors.New("the text ends too early")
	}
	return fmt.Errorf("%s: %w", orTop(path), err)
}

// checkObject walks the rest of an object.
func checkObject(d *json.Decoder, t reflect.Type, path string) error {
	seen := make(map[string]bool)
	fields := structFields(t)
	for d.More() {
		tok, err := d.Token()
		if err != nil {
			return readError(path, err)
		}
		key, _ := tok.(string)
		at := strings.TrimPrefix(path+"."+shortKey(key), ".")
		if seen[key] {
			return fmt.Errorf("%s: the key is there twice", at)
		}
		seen[key] = true
		field, known := fields[key]
		if fields != nil && !known {
			return fmt.Errorf("%s: unknown key", at)
		}
		value := field.Type
		if fields == nil {
			value = elem(t, reflect.Map)
		}
		if err := checkShape(d, value, at); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return readError(path, err)
	}
	for _, name := range requiredKeys(t) {
		if !seen[name] {
			return fmt.Errorf("%s: the key is missing", strings.TrimPrefix(path+"."+name, "."))
		}
	}
	return nil
}

// isLeaf reports whether a struct type reads its own JSON.
func isLeaf(t reflect.Type) bool {
	return t == reflect.TypeFor[Number]() || t == reflect.TypeFor[amountText]()
}

// structFields gives the keys of a struct type; nil for other types, whose keys are free.
func structFields(t reflect.Type) map[string]reflect.StructField {
	if t == nil || t.Kind() != reflect.Struct || isLeaf(t) {
		return nil
	}
	fields := make(map[string]reflect.StructField, t.NumField())
	for f := range fieldsOf(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		fields[name] = f
	}
	return fields
}

// requiredKeys gives the keys of a struct type that must be there, in order.
func requiredKeys(t reflect.Type) []string {
	if t == nil || t.Kind() != reflect.Struct || isLeaf(t) {
		return nil
	}
	var keys []string
	for f := range fieldsOf(t) {
		if name, options, _ := strings.Cut(f.Tag.Get("json"), ","); options != "omitempty" {
			keys = append(keys, name)
		}
	}
	return keys
}

func fieldsOf(t reflect.Type) func(yield func(reflect.StructField) bool) {
	return func(yield func(reflect.StructField) bool) {
		for i := range t.NumField() {
			if !yield(t.Field(i)) {
				return
			}
		}
	}
}

// elem is the element type of a slice or map type; nil for other types: whatever stands there is
// judged later or not read at all.
func elem(t reflect.Type, kind reflect.Kind) reflect.Type {
	if t == nil || t.Kind() != kind || t == reflect.TypeFor[json.RawMessage]() {
		return nil
	}
	return t.Elem()
}

func orTop(path string) string {
	if path == "" {
		return "registry"
	}
	return path
}

func shortKey(key string) string {
	if len(key) > 64 || strings.ContainsFunc(key, func(r rune) bool { return r < ' ' || r > '~' }) {
		return quote(key)
	}
	return key
}

// kindWords says in words what a Go type holds.
func kindWords(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "text"
	case reflect.Bool:
		return "true or false"
	case reflect.Int, reflect.Int32, reflect.Int64:
		return fmt.Sprintf("a whole number of at most %d bits", t.Bits())
	case reflect.Uint8:
		return "a whole number from 0 to 255"
	case reflect.Float64:
		return "a number"
	case reflect.Slice, reflect.Array:
		return "an array"
	}
	return "an object"
}

// amountText is an amount of tokens: decimal text, or an integer.
type amountText struct{ *big.Int }

// MarshalJSON gives decimal text.
func (a amountText) MarshalJSON() ([]byte, error) { return json.Marshal(a.String()) }

// UnmarshalJSON reads decimal text or an integer, not below zero.
func (a *amountText) UnmarshalJSON(b []byte) error {
	s := strings.Trim(string(b), `"`)
	i, ok := new(big.Int), false
	if len(s) <= maxNumberText {
		i, ok = i.SetString(s, 10)
	}
	if !ok || i.Sign() < 0 {
		return fmt.Errorf("%s is not an amount, want decimal digits", quote(s))
	}
	a.Int = i
	return nil
}

// MarshalJSON gives the number, or null for no number.
func (n Number) MarshalJSON() ([]byte, error) {
	if n.IsZero() {
		return []byte("null"), nil
	}
	return []byte(n.String()), nil
}

// UnmarshalJSON reads a number that is not below zero: with a point or an exponent it is a double,
// else a whole number. null gives no number.
func (n *Number) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		*n = Number{}
		return nil
	}
	p, err := parseNumber(string(b))
	if err != nil {
		return err
	}
	*n = p
	return nil
}
