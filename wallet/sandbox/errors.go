package sandbox

import (
	"errors"
	"fmt"

	"github.com/btcsuite/btcd/btcutil/v2"
)

// ErrUnsupported means that a sandbox cannot run on this operating system.
var ErrUnsupported = errors.New("a sandbox needs Linux or macOS")

// ErrWrongNetwork means that an address belongs to another network than regtest.
var ErrWrongNetwork = errors.New("not an address of regtest")

// NoBtcd means that no btcd program was found.
type NoBtcd struct {
	Looked  []string // where, in order
	Install string   // a command that gets the right version
}

// Error says where it was looked for.
func (e *NoBtcd) Error() string {
	return fmt.Sprintf("no btcd program found (looked at %v)", e.Looked)
}

// Hint says what can be done.
func (e *NoBtcd) Hint() string { return "run: make build (or: " + e.Install + ")" }

// NotBtcd means that a program was found that is not btcd.
type NotBtcd struct {
	Path string
	Said string // what it answered when asked for its version
}

// Error names the program.
func (e *NotBtcd) Error() string {
	return fmt.Sprintf("%s is not btcd: asked for its version it said %q", e.Path, e.Said)
}

// AlreadyRunning means that the sandbox's node runs and answers.
type AlreadyRunning struct {
	Dir string
	PID int
	RPC string // host:port
	P2P string
}

// Error says where it runs.
func (e *AlreadyRunning) Error() string {
	return fmt.Sprintf("sandbox already running in %s (process %d, RPC at %s)", e.Dir, e.PID, e.RPC)
}

// NotRunning means that there is no node to talk to.
type NotRunning struct {
	Dir   string
	State RunState
	Why   string // one sentence without a full stop
}

// Error explains what was found.
func (e *NotRunning) Error() string {
	return fmt.Sprintf("no sandbox running in %s: %s", e.Dir, e.Why)
}

// BadState means that the state file cannot be used.
type BadState struct {
	Path string
	Err  error
}

// Error names the file.
func (e *BadState) Error() string { return fmt.Sprintf("sandbox state %s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *BadState) Unwrap() error { return e.Err }

// BadChain means that the stored chain is damaged.
type BadChain struct {
	Path   string
	Offset int64 // of the record that is wrong
	Err    error
}

// Error names the file and the place.
func (e *BadChain) Error() string {
	return fmt.Sprintf("sandbox chain %s is damaged at byte %d: %v", e.Path, e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *BadChain) Unwrap() error { return e.Err }

// StartFailed means that the node ended or did not answer while it was started.
type StartFailed struct {
	Log  string // the file that says more
	Last string // the last line that the node wrote, if any
	Err  error
}

// Error gives the node's last words.
func (e *StartFailed) Error() string {
	text := "sandbox node did not start"
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	if e.Last != "" {
		text += ": " + e.Last
	}
	return text
}

// Unwrap returns the cause.
func (e *StartFailed) Unwrap() error { return e.Err }

// NotEnding means that the node's process could not be ended.
type NotEnding struct{ PID int }

// Error names the process.
func (e *NotEnding) Error() string {
	return fmt.Sprintf("sandbox node (process %d) does not end", e.PID)
}

// BadDepth means that a reorg would go beyond the first block.
type BadDepth struct{ Depth, Height int32 }

// Error gives the range.
func (e *BadDepth) Error() string {
	return fmt.Sprintf("reorg of %d blocks: the depth must be between 1 and %d", e.Depth, e.Height)
}

// InsufficientFunds means that the faucet has too few spendable coins.
type InsufficientFunds struct{ Need, Have btcutil.Amount }

// Error gives both amounts.
func (e *InsufficientFunds) Error() string {
	return fmt.Sprintf("faucet needs %s, has %s", e.Need, e.Have)
}
