//go:build !unix

package agent

// NoCoreDumps does nothing here.
func NoCoreDumps() error { return nil }

// CoreDumps reports false: this system writes none by itself.
func CoreDumps() bool { return false }
