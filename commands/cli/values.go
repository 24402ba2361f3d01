package cli

import (
	"slices"
	"time"
)

// Args are the arguments of a command.
type Args []string

// Get gives the nth argument, or nothing.
func (a Args) Get(n int) string {
	if n < 0 || n >= len(a) {
		return ""
	}
	return a[n]
}

// First gives the first argument, or nothing.
func (a Args) First() string { return a.Get(0) }

// Tail gives those behind the first.
func (a Args) Tail() []string { return slices.Clone(a[min(1, len(a)):]) }

// Slice gives all.
func (a Args) Slice() []string { return slices.Clone(a) }

// Present reports whether there is one.
func (a Args) Present() bool { return len(a) > 0 }

// Args gives the arguments.
func (c *Context) Args() Args { return c.args }

// NArg counts the arguments.
func (c *Context) NArg() int { return len(c.args) }

// IsSet reports whether the line or a variable sets a flag.
func (c *Context) IsSet(name string) bool { return c.settings[name].set }

// Value gives the value of a flag: a string, bool, int, uint, time.Duration or []string; nil: there is no such flag.
func (c *Context) Value(name string) any { return c.settings[name].value }

// String gives the text of a StringFlag.
func (c *Context) String(name string) string { return value[string](c, name) }

// Bool gives the state of a BoolFlag.
func (c *Context) Bool(name string) bool { return value[bool](c, name) }

// Int gives the number of an IntFlag.
func (c *Context) Int(name string) int { return value[int](c, name) }

// Uint gives the number of a UintFlag.
func (c *Context) Uint(name string) uint { return value[uint](c, name) }

// Duration gives the time span of a DurationFlag.
func (c *Context) Duration(name string) time.Duration { return value[time.Duration](c, name) }

// StringSlice gives the texts of a StringSliceFlag, in order.
func (c *Context) StringSlice(name string) []string {
	return slices.Clone(value[[]string](c, name))
}

// value gives the zero value where the command has no such flag.
func value[V any](c *Context, name string) V {
	v, _ := c.settings[name].value.(V)
	return v
}
