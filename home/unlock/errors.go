package unlock

import (
	"errors"
	"fmt"

	"blockstack/wallet/backup"
	"blockstack/wallet/keychain"
	"blockstack/wallet/legacy"
)

// ErrNobody says that the keys stay locked: no password is configured, neither an agent nor a
// keyring opens them, and nobody can be asked.
var ErrNobody = fmt.Errorf("%w: no password is configured, neither an agent nor the keyring opens it, and nobody can be asked", keychain.ErrLocked)

// errEmptyLine says that a password was to stand in a line that is empty.
var errEmptyLine = errors.New("the first line is empty")

// BadSource says that the configuration names a place of the password where none can be read.
type BadSource struct {
	// Descriptor is the number of the descriptor; -1: the place is another one.
	Descriptor int
	// Place says where it was looked for.
	Place string
	Err   error
}

// Error says where, and what is wrong.
func (e *BadSource) Error() string { return fmt.Sprintf("%s: %v", e.Place, e.Err) }

// Unwrap is the cause.
func (e *BadSource) Unwrap() error { return e.Err }

// CommandFailed says that the command that should print the password ran, and gave none. It is a
// keychain.ErrLocked: the keys stay so.
type CommandFailed struct {
	// Silent says that the command ended as it should, and printed nothing.
	Silent bool
	Err    error
}

// Error says what is wrong.
func (e *CommandFailed) Error() string { return fmt.Sprintf("password command: %v", e.Err) }

// Unwrap is the cause, and what follows from it.
func (e *CommandFailed) Unwrap() []error { return []error{e.Err, keychain.ErrLocked} }

// wrong reports whether an error says that a password does not open what it should.
func wrong(err error) bool {
	return errors.Is(err, keychain.ErrWrongPassword) || errors.Is(err, backup.ErrWrongPassword) || errors.Is(err, legacy.ErrWrongPassword)
}
