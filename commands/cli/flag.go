package cli

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Flag is the declaration of a flag.
type Flag interface {
	Names() []string // the first is the one that others are short for
	TakesValue() bool
	Repeats() bool
	GetUsage() string // the name of the value stands between backquotes in it
	GetCategory() string
	GetEnvVars() []string // the variables that set it where the line does not
	GetDefaultText() string
	start() any
	parse(old any, text string) (any, error)
}

// StringFlag is a flag with a text.
type StringFlag struct {
	Name        string
	Aliases     []string
	Category    string
	DefaultText string // instead of Value in the help
	EnvVars     []string
	Usage       string
	Value       string
}

// BoolFlag is a flag that is on or off.
type BoolFlag struct {
	Name     string
	Aliases  []string
	Category string
	EnvVars  []string
	Usage    string
}

// IntFlag is a flag with a number.
type IntFlag struct {
	Name        string
	Aliases     []string
	Category    string
	DefaultText string // instead of Value in the help
	Usage       string
	Value       int
}

// UintFlag is a flag with a number that is not negative.
type UintFlag struct {
	Name        string
	Aliases     []string
	Category    string
	DefaultText string // instead of Value in the help
	Usage       string
	Value       uint
}

// DurationFlag is a flag with a time span, such as 90m.
type DurationFlag struct {
	Name        string
	Aliases     []string
	Category    string
	DefaultText string // instead of Value in the help
	Usage       string
	Value       time.Duration
}

// StringSliceFlag is a flag that may be given several times. Spaces around a text do not count.
type StringSliceFlag struct {
	Name     string
	Aliases  []string
	Category string
	EnvVars  []string
	Usage    string
}

func names(name string, aliases []string) []string { return append([]string{name}, aliases...) }

// Names, TakesValue and the other methods say what was declared.
func (f *StringFlag) Names() []string      { return names(f.Name, f.Aliases) }
func (f *StringFlag) TakesValue() bool     { return true }
func (f *StringFlag) Repeats() bool        { return false }
func (f *StringFlag) GetUsage() string     { return f.Usage }
func (f *StringFlag) GetCategory() string  { return f.Category }
func (f *StringFlag) GetEnvVars() []string { return f.EnvVars }
func (f *StringFlag) GetDefaultText() string {
	if f.DefaultText == "" && f.Value != "" {
		return strconv.Quote(f.Value)
	}
	return f.DefaultText
}
func (f *StringFlag) start() any                            { return f.Value }
func (f *StringFlag) parse(_ any, text string) (any, error) { return text, nil }

// Names, TakesValue and the other methods say what was declared.
func (f *BoolFlag) Names() []string        { return names(f.Name, f.Aliases) }
func (f *BoolFlag) TakesValue() bool       { return false }
func (f *BoolFlag) Repeats() bool          { return false }
func (f *BoolFlag) GetUsage() string       { return f.Usage }
func (f *BoolFlag) GetCategory() string    { return f.Category }
func (f *BoolFlag) GetEnvVars() []string   { return f.EnvVars }
func (f *BoolFlag) GetDefaultText() string { return "false" }
func (f *BoolFlag) start() any             { return false }
func (f *BoolFlag) parse(_ any, text string) (any, error) {
	if text == "" { // of a variable; a line has a word
		return false, nil
	}
	v, err := strconv.ParseBool(text)
	if err != nil {
		return nil, err
	}
	return v, nil
}

// Names, TakesValue and the other methods say what was declared.
func (f *IntFlag) Names() []string      { return names(f.Name, f.Aliases) }
func (f *IntFlag) TakesValue() bool     { return true }
func (f *IntFlag) Repeats() bool        { return false }
func (f *IntFlag) GetUsage() string     { return f.Usage }
func (f *IntFlag) GetCategory() string  { return f.Category }
func (f *IntFlag) GetEnvVars() []string { return nil }
func (f *IntFlag) GetDefaultText() string {
	if f.DefaultText == "" {
		return strconv.Itoa(f.Value)
	}
	return f.DefaultText
}
func (f *IntFlag) start() any { return f.Value }
func (f *IntFlag) parse(_ any, text string) (any, error) {
	v, err := strconv.ParseInt(text, 0, strconv.IntSize)
	return plain(int(v), err)
}

// Names, TakesValue and the other methods say what was declared.
func (f *UintFlag) Names() []string      { return names(f.Name, f.Aliases) }
func (f *UintFlag) TakesValue() bool     { return true }
func (f *UintFlag) Repeats() bool        { return false }
func (f *UintFlag) GetUsage() string     { return f.Usage }
func (f *UintFlag) GetCategory() string  { return f.Category }
func (f *UintFlag) GetEnvVars() []string { return nil }
func (f *UintFlag) GetDefaultText() string {
	if f.DefaultText == "" {
		return strconv.FormatUint(uint64(f.Value), 10)
	}
	return f.DefaultText
}
func (f *UintFlag) start() any { return f.Value }
func (f *UintFlag) parse(_ any, text string) (any, error) {
	v, err := strconv.ParseUint(text, 0, strconv.IntSize)
	return plain(uint(v), err)
}

// Names, TakesValue and the other methods say what was declared.
func (f *DurationFlag) Names() []string      { return names(f.Name, f.Aliases) }
func (f *DurationFlag) TakesValue() bool     { return true }
func (f *DurationFlag) Repeats() bool        { return false }
func (f *DurationFlag) GetUsage() string     { return f.Usage }
func (f *DurationFlag) GetCategory() string  { return f.Category }
func (f *DurationFlag) GetEnvVars() []string { return nil }
func (f *DurationFlag) GetDefaultText() string {
	if f.DefaultText == "" {
		return f.Value.String()
	}
	return f.DefaultText
}
func (f *DurationFlag) start() any { return f.Value }
func (f *DurationFlag) parse(_ any, text string) (any, error) {
	v, err := time.ParseDuration(text)
	if err != nil {
		return nil, errParse
	}
	return v, nil
}

// Names, TakesValue and the other methods say what was declared.
func (f *StringSliceFlag) Names() []string        { return names(f.Name, f.Aliases) }
func (f *StringSliceFlag) TakesValue() bool       { return true }
func (f *StringSliceFlag) Repeats() bool          { return true }
func (f *StringSliceFlag) GetUsage() string       { return f.Usage }
func (f *StringSliceFlag) GetCategory() string    { return f.Category }
func (f *StringSliceFlag) GetEnvVars() []string   { return f.EnvVars }
func (f *StringSliceFlag) GetDefaultText() string { return "" }
func (f *StringSliceFlag) start() any             { return []string(nil) }
func (f *StringSliceFlag) parse(old any, text string) (any, error) {
	list, _ := old.([]string)
	return append(slices.Clip(list), strings.TrimSpace(text)), nil
}

var (
	errParse = errors.New("parse error")
	errRange = errors.New("value out of range")
)

// plain takes the value out of an error of package strconv: it may be a secret in the wrong place.
func plain[V any](v V, err error) (any, error) {
	switch {
	case errors.Is(err, strconv.ErrRange):
		return nil, errRange
	case err != nil:
		return nil, errParse
	}
	return v, nil
}

// fromVariable gives the value of a flag that the line does not set.
func fromVariable(f Flag) (value any, set bool, err error) {
	for _, name := range f.GetEnvVars() {
		text, found := os.LookupEnv(name)
		if !found {
			continue
		}
		value, err := f.parse(f.start(), text)
		if err != nil {
			return nil, false, fmt.Errorf("could not parse %q as %T value from environment variable %q for flag %s: %w", text, f.start(), name, f.Names()[0], err)
		}
		return value, true, nil
	}
	return f.start(), false, nil
}
