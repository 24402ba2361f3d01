package fault

// ExitCode is the number the process ends with. Its meaning is fixed for scripts; see `blockstack
// help exit-codes`.
type ExitCode int

// The exit codes.
const (
	ExitDone         ExitCode = 0
	ExitFailed       ExitCode = 1
	ExitUsage        ExitCode = 2
	ExitPending      ExitCode = 3
	ExitDeclined     ExitCode = 4
	ExitNotFound     ExitCode = 5
	ExitRefused      ExitCode = 6
	ExitLocked       ExitCode = 7
	ExitMoney        ExitCode = 8
	ExitUnreachable  ExitCode = 9
	ExitBadSignature ExitCode = 10
	ExitWrongSigner  ExitCode = 11
	ExitNotValidNow  ExitCode = 12
	ExitMalformed    ExitCode = 13
	ExitEditConflict ExitCode = 14
	ExitInterrupted  ExitCode = 130
)

// Row is one line of the table of exit codes: the number, what it means, and every error code that
// ends in it.
type Row struct {
	Exit    ExitCode
	Meaning string
	Codes   []string
}

// Table is the documented table. An error code appears in exactly one row; a new error code is
// added here.
func Table() []Row {
	return []Row{
		{ExitDone, "done", nil},
		{ExitFailed, "failed, none of the below", []string{"internal", "file_access", "disk_full", "busy", "conflict", "missing_program", "already_running", "damaged", "newer_version", "wrong_network", "refused_by_node", "not_all_valid", "not_all_done", "proof_false", "not_healthy", "no_keyring", "lying_node"}},
		{ExitUsage, "wrong usage", []string{"usage", "bad_amount", "bad_name", "bad_address", "bad_config", "secret_in_arguments", "no_name_rules"}},
		{ExitPending, "pending: nothing wrong, Bitcoin needs time", []string{"pending", "last_days_unknown"}},
		{ExitDeclined, "the user said no, or would have had to be asked", []string{"declined", "needs_input"}},
		{ExitNotFound, "no such name, profile, device, file or job", []string{"not_found"}},
		{ExitRefused, "the name rules refuse it", []string{"name_taken", "in_grace", "quota", "not_owner", "unchanged", "contested", "never_expires", "namespace_closed", "namespace_taken", "preorder_outstanding", "renewal_outstanding", "payee_changing", "paid_in_stacks", "genesis_unknown", "job_rejected"}},
		{ExitLocked, "wrong password, or locked with no way to ask", []string{"wrong_password", "locked", "watch_only"}},
		{ExitMoney, "not enough money", []string{"insufficient_funds", "over_budget", "funds_reserved"}},
		{ExitUnreachable, "a node, peer or storage could not be reached", []string{"unreachable"}},
		{ExitBadSignature, "signature does not verify", []string{"bad_signature", "bad_proof"}},
		{ExitWrongSigner, "signed by a key that does not speak for the name or address", []string{"wrong_signer", "inclusion_only"}},
		{ExitNotValidNow, "not valid now", []string{"expired", "not_yet_valid", "revoked", "rollback", "other_height"}},
		{ExitMalformed, "malformed token, profile or zone file", []string{"malformed", "incomplete"}},
		{ExitEditConflict, "two sides changed the same thing; both are kept", []string{"edit_conflict"}},
		{ExitInterrupted, "interrupted", []string{"interrupted"}},
	}
}

// ExitOf returns the exit code of an error code; a code that the table does not have ends in
// [ExitFailed].
func ExitOf(code string) ExitCode {
	for _, row := range Table() {
		for _, c := range row.Codes {
			if c == code {
				return row.Exit
			}
		}
	}
	return ExitFailed
}
