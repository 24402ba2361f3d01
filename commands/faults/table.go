// Package faults is the table of errors: which fault a user is told for an error of a room, with
// one file per room. It is for printing and for the exit code; who decides something asks the error
// itself.
package faults

import (
	"context"
	"errors"
	"io/fs"
	"syscall"

	"blockstack/commands/fault"
	"blockstack/storage/dbfile"
	"blockstack/txbuilder/payments/send"
	"blockstack/txbuilder/registrar/conduct"
)

// rows is the table of errors. The first rule that matches decides, so the particular stands before
// the general. The rows of a room stand in a function of their own, in the file of the room.
func rows() []rule {
	var rules []rule
	for _, room := range [][]rule{
		unlockErrors(),
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

// Of turns any error into the fault that is reported.
func Of(ctx context.Context, err error) *fault.Fault {
	var f *fault.Fault
	if errors.As(err, &f) {
		return f
	}
	var unknown *send.UnknownFate    // which is not nothing, and so not gone on with
	var stopped *conduct.Interrupted // which names the job
	if ctx.Err() != nil && errors.Is(err, context.Canceled) && !errors.As(err, &unknown) && !errors.As(err, &stopped) {
		return interrupted(err)
	}
	for _, r := range rows() {
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

// Common is the code that several errors share, not_all_done when they share none. An error that is
// nil is one that the rules refuse.
func Common(ctx context.Context, errs []error) string {
	common := ""
	for _, err := range errs {
		code := "job_rejected"
		if err != nil {
			code = Of(ctx, err).Code
		}
		if common != "" && code != common {
			return "not_all_done"
		}
		common = code
	}
	return common
}

// interrupted is the fault of Ctrl-C and of a polite kill.
func interrupted(cause error) *fault.Fault {
	return fault.New("interrupted", "interrupted").Because(cause).Retry().
		Hint("nothing is lost: run the same command again to go on")
}
