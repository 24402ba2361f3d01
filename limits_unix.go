//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// A write beyond the limit for the size of a file is an error as others are, not the end of the
// process.
func init() { signal.Notify(make(chan os.Signal, 1), syscall.SIGXFSZ) }
