// Package secretform recognises seed phrases and private keys by their form, wherever people write
// them by mistake: on a command line, in a configuration file, in a message of a server. It
// guesses: what it finds is refused or taken out before it is printed, never used.
package secretform
