package commands

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"blockstack/commands/fault"
	"blockstack/storage/dbfile"
	"blockstack/txbuilder/payments/send"
)

// rule is one row of the table of errors: which error it is about, and what the user is told.
type rule struct {
	// code is the error code, listed in the table of exit codes.
	code string
	// match reports whether the rule is about err.
	match func(err error) bool
	// fill completes the fault, whose message is already the text of err: hints, details. May be nil.
	fill func(err error, f *fault.Fault)
}

// on makes a rule for a sentinel.
func on(sentinel error, code string, hints ...string) rule {
	return rule{
		code:  code,
		match: func(err error) bool { return errors.Is(err, sentinel) },
		fill:  func(_ error, f *fault.Fault) { f.Hints = append(f.Hints, hints...) },
	}
}

// onBusy makes a rule for what passes, such as a file that another command holds: the same command may succeed a moment later.
func onBusy(sentinel error, hint string) rule {
	r := on(sentinel, "busy", hint)
	fill := r.fill
	r.fill = func(err error, f *fault.Fault) {
		fill(err, f)
		f.Retryable = true
	}
	return r
}

// onType makes a rule for an error type that carries data. fill may be nil.
func onType[E error](code string, fill func(e E, f *fault.Fault)) rule {
	return rule{
		code:  code,
		match: func(err error) bool { var e E; return errors.As(err, &e) },
		fill: func(err error, f *fault.Fault) {
			var e E
			if fill != nil && errors.As(err, &e) {
				fill(e, f)
			}
		},
	}
}

// errorRules is the table of errors. The first rule that matches decides, so the particular stands before the general.
// The rows of a room stand in a function of their own, in errors_<room>.go.
func errorRules() []rule {
	var rules []rule
	for _, room := range [][]rule{
		paymentErrors(),
		bumpErrors(),
		sweepErrors(),
		signingErrors(),
		beliefErrors(),
		ownerErrors(),
		jobErrors(),
		draftErrors(),
		psbtErrors(),
		walletErrors(),
		homeErrors(),
		configErrors(),
		profileErrors(),
		storageErrors(),
		snvErrors(),
		resolverErrors(),
		indexErrors(),
		chainErrors(),
		builderErrors(),
		namesErrors(),
		systemErrors(),
	} {
		rules = append(rules, room...)
	}
	return rules
}

// systemErrors are the rows for the errors of the operating system, after every room's.
func systemErrors() []rule {
	return []rule{
		on(dbfile.ErrDamaged, "damaged", "blockstack doctor"), // a store that is copied, whose room has no say
		on(dbfile.ErrNewer, "newer_version", "use the newer program; nothing is wrong with the file"),
		on(syscall.ENOSPC, "disk_full", "free some space and run the same command again; nothing was left half-written"),
		on(syscall.EDQUOT, "disk_full", "your quota is used up: free some space and run the same command again"),
		on(syscall.EFBIG, "disk_full", "files may not become so large here: look at ulimit -f, then run the same command again"),
		on(syscall.EIO, "file_access", "the disk fails: look at what the system's log says of it before the same command is run again"),
		on(syscall.EROFS, "file_access", "choose a folder that can be written: --home DIR"),
		on(syscall.ECONNREFUSED, "unreachable", "check that the node runs, then run the same command again"),
		on(syscall.ECONNRESET, "unreachable", "check that the node runs, then run the same command again"),
		on(syscall.EISDIR, "file_access", "a folder stands where a file belongs; move it away"),
		on(syscall.ENOTDIR, "file_access", "a part of the path is a file; choose another folder: --home DIR"),
		on(fs.ErrPermission, "file_access", "check the owner and the mode of the file, or choose another folder: --home DIR"),
		on(fs.ErrNotExist, "not_found"),
	}
}

// explain turns any error into the fault that is reported.
func explain(ctx context.Context, err error) *fault.Fault {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f
	}
	var unknown *send.UnknownFate // which is not nothing, and so not gone on with
	if ctx.Err() != nil && errors.Is(err, context.Canceled) && !errors.As(err, &unknown) {
		return interrupted(err)
	}
	for _, r := range errorRules() {
		if r.match(err) {
			f := fault.New(r.code, "%s", err.Error()).Because(err)
			if r.fill != nil {
				r.fill(err, f)
			}
			return f
		}
	}
	return fault.New("internal", "%s", err.Error()).Because(err)
}

// interrupted is the fault of Ctrl-C and of a polite kill.
func interrupted(cause error) *fault.Fault {
	return fault.New("interrupted", "interrupted").Because(cause).Retry().
		Hint("nothing is lost: run the same command again to go on")
}
