// Blockstack is a wallet and identity manager for the Blockstack Naming System on Bitcoin.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"blockstack/commands"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(commands.Main(ctx, os.Args, os.Stdin, os.Stdout, os.Stderr))
}
