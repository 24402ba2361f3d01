package faults

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"blockstack/commands/fault"
	"blockstack/home/config"
	"blockstack/storage/textfile"
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
