package chain

import (
	"context"
	"errors"
	"fmt"
	"unicode"
)

// MaxReason is how many characters of a node's words are passed on.
const MaxReason = 300

// Unreachable separates "the caller stopped waiting" from "the node is not there".
func Unreachable(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.Canceled) {
		return ctx.Err()
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// Clip makes a node's words fit to be shown: short, one line, printable.
func Clip(s string) string {
	out := make([]rune, 0, min(len(s), MaxReason))
	for _, c := range s {
		if len(out) == MaxReason {
			return string(out) + "…"
		}
		if !unicode.IsPrint(c) {
			c = ' '
		}
		out = append(out, c)
	}
	return string(out)
}
