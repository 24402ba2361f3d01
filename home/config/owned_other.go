//go:build !unix

package config

// owned has nothing to look at: on Windows a profile's folders are closed to other users by what
// they inherit, and modes say nothing.
func owned(string) error { return nil }

// ownedAbove has nothing to look at either.
func ownedAbove(string) error { return nil }
