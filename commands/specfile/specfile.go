package specfile

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/pelletier/go-toml/v2"

	"blockstack/commands/fault"
	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/storage/textfile"
)

const (
	// Schema is the schema of a SPEC.toml.
	Schema = "blockstack/namespace/v1"
	// maxSpecBytes bounds a SPEC.toml.
	maxSpecBytes = 64 << 10
)

// namespaceFile is a SPEC.toml. Its grammar, in TOML; every key but description must be there,
// unknown ones are refused:
//
//	schema             = "blockstack/namespace/v1"
//	namespace          = text      1 to 19 of a-z 0-9 - _
//	description        = text      for people; not part of any transaction
//	version            = 1, 2 or 3 who is paid: burnt bitcoin; bitcoin, in the first year to the creator; STACKS
//	lifetime_blocks    = integer   1 to 4294967294, of names, before the epoch's multiplier; or "infinite"
//	coefficient        = integer   0 to 255
//	base               = integer   0 to 255
//	buckets            = 16 integers, 0 to 15: price exponents for labels of 1, 2, … 16 and more characters
//	no_vowel_discount  = integer   1 to 15: divides the price of labels without a e i o u y
//	non_alpha_discount = integer   1 to 15: divides the price of labels with 0-9 - _
//
// The price of a name is coefficient × base^bucket × unit / discount (protocol 9.1).
type namespaceFile struct {
	Schema           string  `toml:"schema"`
	Namespace        string  `toml:"namespace"`
	Description      string  `toml:"description"`
	Version          *int64  `toml:"version"`
	Lifetime         any     `toml:"lifetime_blocks"`
	Coefficient      *int64  `toml:"coefficient"`
	Base             *int64  `toml:"base"`
	Buckets          []int64 `toml:"buckets"`
	NoVowelDiscount  *int64  `toml:"no_vowel_discount"`
	NonAlphaDiscount *int64  `toml:"non_alpha_discount"`
}

// Read reads a SPEC.toml; - is standard input.
func Read(path string, in io.Reader) (*nameop.NamespaceReveal, error) {
	r := in
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, fmt.Errorf("namespace specification: %w", err)
		}
		defer f.Close()
		r = f
	}
	b, err := io.ReadAll(io.LimitReader(textfile.Unmarked(r), maxSpecBytes+1))
	if err != nil {
		return nil, fmt.Errorf("namespace specification: %w", err)
	}
	op, err := Parse(b)
	if err != nil {
		return nil, fault.New("bad_config", "%s: %v", path, err).Because(err).
			Hint("its grammar and an example are in docs/formats.md")
	}
	return op, nil
}

// Parse reads the text of a SPEC.toml.
func Parse(b []byte) (*nameop.NamespaceReveal, error) {
	if len(b) > maxSpecBytes {
		return nil, fmt.Errorf("larger than %d bytes", maxSpecBytes)
	}
	var f namespaceFile
	dec := toml.NewDecoder(bytes.NewReader(b)).DisallowUnknownFields()
	if err := dec.Decode(&f); err != nil {
		return nil, tomlError(err)
	}
	if f.Schema != Schema {
		return nil, fmt.Errorf("schema is %q, not %q", f.Schema, Schema)
	}
	id, err := names.ParseNamespaceID(f.Namespace)
	if err != nil {
		return nil, err
	}
	lifetime, err := f.lifetime()
	if err != nil {
		return nil, err
	}
	op := &nameop.NamespaceReveal{ID: string(id), Lifetime: lifetime}
	for _, field := range []struct {
		key      string
		value    *int64
		min, max int64
		set      func(int64)
	}{
		{"version", f.Version, nameop.VersionBurn, nameop.VersionStacks, func(v int64) { op.Version = uint16(v) }},
		{"coefficient", f.Coefficient, 0, 255, func(v int64) { op.Coeff = byte(v) }},
		{"base", f.Base, 0, 255, func(v int64) { op.Base = byte(v) }},
		{"no_vowel_discount", f.NoVowelDiscount, 1, 15, func(v int64) { op.NoVowelDiscount = byte(v) }},
		{"non_alpha_discount", f.NonAlphaDiscount, 1, 15, func(v int64) { op.NonAlphaDiscount = byte(v) }},
	} {
		if field.value == nil {
			return nil, fmt.Errorf("%s is missing", field.key)
		}
		if *field.value < field.min || *field.value > field.max {
			return nil, fmt.Errorf("%s is %d, not %d to %d", field.key, *field.value, field.min, field.max)
		}
		field.set(*field.value)
	}
	if len(f.Buckets) != len(op.Buckets) {
		return nil, fmt.Errorf("buckets has %d numbers, not %d", len(f.Buckets), len(op.Buckets))
	}
	for i, v := range f.Buckets {
		if v < 0 || v > 15 {
			return nil, fmt.Errorf("bucket %d is %d, not 0 to 15", i+1, v)
		}
		op.Buckets[i] = byte(v)
	}
	return op, nil
}

// lifetime reads lifetime_blocks.
func (f *namespaceFile) lifetime() (uint32, error) {
	switch v := f.Lifetime.(type) {
	case nil:
		return 0, errors.New("lifetime_blocks is missing")
	case string:
		if v == "infinite" {
			return names.InfiniteLifetime, nil
		}
	case int64:
		if v >= 1 && v < names.InfiniteLifetime {
			return uint32(v), nil
		}
	}
	return 0, fmt.Errorf("lifetime_blocks is %.40s, not 1 to %d or \"infinite\"", fmt.Sprint(f.Lifetime), uint32(names.InfiniteLifetime-1))
}

// tomlError says where a TOML file is wrong.
func tomlError(err error) error {
	var strict *toml.StrictMissingError
	if errors.As(err, &strict) && len(strict.Errors) > 0 {
		first := strict.Errors[0]
		line, _ := first.Position()
		return fmt.Errorf("line %d: unknown key %q", line, fmt.Sprint(first.Key()))
	}
	var bad *toml.DecodeError
	if errors.As(err, &bad) {
		line, column := bad.Position()
		return fmt.Errorf("line %d, column %d: %w", line, column, err)
	}
	return err
}
