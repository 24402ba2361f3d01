package home

import (
	"errors"
	"fmt"
)

var (
	// ErrOffline is returned where a node would have to be asked and that is forbidden.
	ErrOffline = errors.New("offline, so no node is asked")
	// ErrPeersAlone is returned where names are wanted of ordinary peers. A block of theirs does
	// not show what its transactions spend, and the rules depend on that.
	ErrPeersAlone = errors.New("ordinary peers cannot show what name operations spend, so an index made from them alone would not be exact")
	// ErrFilesAlone is returned where a node is needed and only the files of one are named.
	ErrFilesAlone = errors.New("block files show blocks, but this needs a node: to send, to estimate fees or to find coins")
)

// NoPeer says that nobody can be asked on a network of one's own.
type NoPeer struct{ Network string }

// Error names the network.
func (e *NoPeer) Error() string {
	return fmt.Sprintf("nobody but you runs a node on %s, and no peer is named", e.Network)
}

// NoRules says that no name rules are known for a network.
type NoRules struct{ Network string }

// Error names the network.
func (e *NoRules) Error() string { return "no name rules are known for " + e.Network }

// NoSandbox says that there is no sandbox where one is looked for.
type NoSandbox struct{ Home string }

// Error names the folder.
func (e *NoSandbox) Error() string { return "there is no sandbox in " + e.Home }

// OtherRules says that the sandbox was started with other rules than those that are named now.
type OtherRules struct{ Home, Registry string }

// Error names both.
func (e *OtherRules) Error() string {
	return fmt.Sprintf("the sandbox in %s has other rules than %s", e.Home, e.Registry)
}

// BadRegistry says that a file holds no name rules, or those of another network.
type BadRegistry struct {
	File string
	Err  error // nil: the address versions differ
	// Network, and the address versions of the file and of the network.
	Network    string
	Have, Want [2]byte
}

// Error says what is wrong.
func (e *BadRegistry) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("registry %s: %v", e.File, e.Err)
	}
	return fmt.Sprintf("%s: its address versions are %d and %d, those of %s are %d and %d", e.File, e.Have[0], e.Have[1], e.Network, e.Want[0], e.Want[1])
}

// Unwrap is the cause.
func (e *BadRegistry) Unwrap() error { return e.Err }
