package config

import (
	"errors"
	"fmt"
)

// ErrNoHome says that the system knows no folder of the user's.
var ErrNoHome = errors.New("no home folder for the wallet")

// ErrTwoPasswords says that more than one source of the wallet password was given for one run.
var ErrTwoPasswords = errors.New("the wallet password can come from one place only")

// OtherNetwork says that a sandbox was chosen together with another network.
type OtherNetwork struct{ Network string }

// Error names the network.
func (e *OtherNetwork) Error() string {
	return fmt.Sprintf("sandbox and network %s contradict each other", e.Network)
}

// UnknownKey says that there is no key of a name.
type UnknownKey struct{ Name string }

// Error quotes the name.
func (e *UnknownKey) Error() string { return fmt.Sprintf("no such configuration key: %q", e.Name) }

// BadValue says that what was given for one run cannot be.
type BadValue struct{ Err error }

// Error says what it is about and why it cannot be.
func (e *BadValue) Error() string { return e.Err.Error() }

// Unwrap returns the reason.
func (e *BadValue) Unwrap() error { return e.Err }

// BadFile says that the configuration file cannot be understood.
type BadFile struct {
	Path string
	Err  error
}

// Error names the file and the reason.
func (e *BadFile) Error() string { return fmt.Sprintf("%s: %v", e.Path, e.Err) }

// Unwrap returns the reason.
func (e *BadFile) Unwrap() error { return e.Err }

// NodeReason is what is wrong with a node, or the folder of one, as it is named.
type NodeReason int

// The reasons.
const (
	NodeUnnamed  NodeReason = iota + 1 // nothing is known that could be asked
	NodeAddress                        // not a URL of a node's form
	NodeSecret                         // the URL has a user or password in it
	NodeNoURL                          // a folder where a URL belongs
	NodeNoCert                         // https without a certificate
	NodeCertFile                       // the certificate cannot be read
	NodeNoAuth                         // no user and password
	NodeNoCookie                       // the cookie of a node that does not run
	NodeAuthFile                       // the file with user and password cannot be read
	NodeAuthForm                       // that file has another form
	NodeNoFolder                       // block files, and no folder is named
	NodeIsURL                          // block files, and a URL is named
	NodeNoFiles                        // no block files in the folder
)

// NodeError says why the node that the choices name cannot be used.
type NodeError struct {
	Reason NodeReason
	// What is the URL, the host, the file or the folder that it is about.
	What string
	Err  error
}

// Error says it in words.
func (e *NodeError) Error() string {
	switch e.Reason {
	case NodeUnnamed:
		return "no Bitcoin node is named, and names are read from Bitcoin's blocks"
	case NodeAddress:
		return "node: not a URL of the form http://HOST:PORT"
	case NodeSecret:
		return "node holds a user or password"
	case NodeNoURL:
		return fmt.Sprintf("node %s is not the URL of a node", e.What)
	case NodeNoCert:
		return fmt.Sprintf("node %s: https needs the node's certificate", e.What)
	case NodeCertFile:
		return fmt.Sprintf("node certificate: %v", e.Err)
	case NodeNoAuth:
		return fmt.Sprintf("the node at %s asks for a user and a password, and none is given", e.What)
	case NodeNoCookie:
		return fmt.Sprintf("%s is not there, and a bitcoind has it only while it runs", e.What)
	case NodeAuthFile:
		return fmt.Sprintf("node password file: %v", e.Err)
	case NodeAuthForm:
		return fmt.Sprintf("%s does not hold one line user:password", e.What)
	case NodeNoFolder:
		return "backend files needs the folder with a node's block files"
	case NodeIsURL:
		return fmt.Sprintf("node %s is no folder, and backend files reads one", e.What)
	case NodeNoFiles:
		return fmt.Sprintf("no block files in %s", e.What)
	}
	panic(fmt.Sprintf("bug: a reason %d of no node", e.Reason))
}

// Unwrap returns the cause.
func (e *NodeError) Unwrap() error { return e.Err }
