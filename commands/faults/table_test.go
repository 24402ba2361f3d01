package faults

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"testing"

	"blockstack/commands/fault"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/home/unlock"
	"blockstack/storage/textfile"
	"blockstack/txbuilder/payments/send"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/node"
)

// TestRows: every row has a code of the table of exit codes.
func TestRows(t *testing.T) {
	listed := map[string]bool{}
	for _, row := range fault.Table() {
		for _, code := range row.Codes {
			listed[code] = true
		}
	}
	all := rows()
	if len(all) < 100 {
		t.Errorf("only %d rows", len(all))
	}
	for _, r := range all {
		if !listed[r.code] {
			t.Errorf("a row has error code %q, which is not in the table of exit codes", r.code)
		}
	}
}

// TestOf: an error keeps its cause, a fault stays what it is, and what no row knows is internal.
func TestOf(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	own := fault.New("quota", "q")
	unknown := errors.New("nobody knows this")
	for _, c := range []struct {
		err  error
		code string
	}{
		{own, "quota"},
		{fmt.Errorf("verb: %w", own), "quota"},
		{unknown, "internal"},
		{config.ErrNoHome, "usage"},
		{&config.BadFile{Path: "f", Err: unknown}, "bad_config"},
		{&textfile.Newer{Path: "f"}, "newer_version"},
		{&config.UnknownKey{Name: "netwrk"}, "usage"},
		{&unlock.BadSource{Descriptor: -1, Place: "password file f", Err: fs.ErrNotExist}, "usage"},
		{&unlock.CommandFailed{Err: fs.ErrPermission}, "locked"},
		{unlock.ErrNobody, "locked"},
		{&config.Exposed{Path: "f", What: config.OthersWrite}, "file_access"},
	} {
		f := Of(ctx, c.err)
		if f.Code != c.code || !errors.Is(f, c.err) && !errors.Is(c.err, f) {
			t.Errorf("%v: %s", c.err, f.Code)
		}
	}
	for reason := config.NodeUnnamed; reason <= config.NodeNoFiles; reason++ {
		if f := Of(ctx, &config.NodeError{Reason: reason, What: "w", Err: unknown}); f.Code == "internal" || f.Message == "" {
			t.Errorf("reason %d of a node: %+v", reason, f)
		}
	}
	cancel()
	if f := Of(ctx, fmt.Errorf("sync: %w", context.Canceled)); f.Code != "interrupted" || !f.Retryable {
		t.Errorf("%+v", f)
	}
}

// codeOf is what the table says of an error that has no data to be printed.
func codeOf(r rule) (code string) {
	f := fault.New(r.code, "")
	defer func() { _ = recover(); code = f.Code }() // hints want data
	if r.fill != nil {
		r.fill(r.about, f)
	}
	return f.Code
}

// TestHindrances holds what the program itself makes of an error (home.Away, Busy, Locked,
// Unanswered) to what users are told, row by row: a new row of one of these codes is not forgotten
// there, and no other one is taken for one.
func TestHindrances(t *testing.T) {
	seen := map[string]int{}
	check := func(err error, code string) {
		t.Helper()
		seen[code]++
		for _, c := range []struct {
			what  string
			is    bool
			codes []string
		}{
			{"away", home.Away(err), []string{"unreachable"}},
			{"busy", home.Busy(err), []string{"busy", "already_running"}},
			{"locked", home.Locked(err), []string{"locked", "wrong_password", "watch_only"}},
			{"unanswered", home.Unanswered(err), []string{"needs_input", "declined"}},
		} {
			if want := slices.Contains(c.codes, code); c.is != want {
				t.Errorf("%T %#v is told as %s; that it is %s is %v", err, err, code, c.what, c.is)
			}
		}
	}
	for i, r := range rows() {
		if _, is := r.about.(*send.RefusedByPeers); is {
			r.about = &send.RefusedByPeers{Refused: &send.Refused{}}
		}
		switch {
		case r.about == nil && r.code != "job_rejected":
			t.Errorf("row %d, %s, does not say what it is about", i, r.code)
		case r.about == nil || errors.As(r.about, new(*config.NodeError)):
			continue
		case !r.match(r.about):
			t.Errorf("row %d, %s, is not about %T", i, r.code, r.about)
		}
		first := slices.IndexFunc(rows(), func(q rule) bool { return q.match(r.about) }) // an earlier row may say more
		decides := rows()[first]
		decides.about = r.about
		check(r.about, codeOf(decides))
	}
	for reason := config.NodeUnnamed; reason <= config.NodeNoFiles; reason++ {
		err := &config.NodeError{Reason: reason, What: "w"}
		check(err, Of(t.Context(), err).Code)
	}
	interrupted := &send.UnknownFate{Interrupted: true, Err: chain.ErrUnreachable}
	check(interrupted, Of(t.Context(), interrupted).Code)
	lying := &node.Lying{Err: chain.ErrUnreachable}
	check(lying, "lying_node")
	if first := slices.IndexFunc(rows(), func(q rule) bool { return q.match(lying) }); rows()[first].code != "lying_node" {
		t.Errorf("a node that lies is told as %s", rows()[first].code)
	}
	if seen["unreachable"] < 30 || seen["busy"] < 6 || seen["locked"] < 5 || seen["needs_input"] < 3 {
		t.Errorf("the table is not gone over: %v", seen)
	}
}

// TestCommon: several errors have one code when they share it.
func TestCommon(t *testing.T) {
	for _, c := range []struct {
		errs []error
		want string
	}{
		{nil, ""},
		{[]error{nil, nil}, "job_rejected"},
		{[]error{config.ErrNoHome, config.ErrTwoPasswords}, "usage"},
		{[]error{config.ErrNoHome, nil}, "not_all_done"},
		{[]error{chain.ErrUnreachable, chain.ErrBusy, chain.ErrUnreachable}, "not_all_done"},
	} {
		if got := Common(t.Context(), c.errs); got != c.want {
			t.Errorf("%v: %q, want %q", c.errs, got, c.want)
		}
	}
}

// TestExplain turns errors into what the user is told.
func TestExplain(t *testing.T) {
	interrupted, cancel := context.WithCancel(context.Background())
	cancel()
	for _, c := range []struct {
		ctx  context.Context
		err  error
		code string
		exit fault.ExitCode
	}{
		{context.Background(), errors.New("odd"), "internal", 1},
		{context.Background(), fmt.Errorf("read x: %w", fs.ErrNotExist), "not_found", 5},
		{context.Background(), fmt.Errorf("open x: %w", fs.ErrPermission), "file_access", 1},
		{context.Background(), fmt.Errorf("verb: %w", fault.New("quota", "q")), "quota", 6},
		{interrupted, fmt.Errorf("sync: %w", context.Canceled), "interrupted", 130},
		{context.Background(), fmt.Errorf("sync: %w", context.Canceled), "internal", 1},
		{context.Background(), fault.Usage("u"), "usage", 2},
	} {
		if f := Of(c.ctx, c.err); f.Code != c.code || f.Exit() != c.exit {
			t.Errorf("%v: %s, exit %d; want %s, exit %d", c.err, f.Code, f.Exit(), c.code, c.exit)
		}
	}
}
