package profiles

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"blockstack/commands/fault"
	"blockstack/home/config"
	"blockstack/profile"
	"blockstack/profile/bundle"
	"blockstack/storage/textfile"
)

// readProfile reads a token file from a file, standard input or a URL.
func (e *Env) readProfile(ctx context.Context, what string) ([]byte, error) {
	return e.readAll(ctx, what, profile.MaxSize)
}

// readAll reads at most a byte more than max from a file, standard input or a URL.
func (e *Env) readAll(ctx context.Context, what string, max int64) ([]byte, error) {
	if config.IsURL(what) {
		f := e.Fetcher()
		f.MaxBytes = max
		page, err := f.Fetch(ctx, what)
		if err != nil {
			return nil, err
		}
		return page.Body, nil
	}
	in := e.In
	if what != "-" {
		f, err := os.Open(what)
		if err != nil {
			return nil, fmt.Errorf("profile: %w", err)
		}
		defer f.Close()
		in = f
	}
	raw, err := io.ReadAll(io.LimitReader(textfile.Unmarked(in), max+1))
	if err != nil {
		return nil, fmt.Errorf("profile: %w", err)
	}
	return raw, nil
}

// isBundle reports whether standard input or a file begins like a bundle; a URL or pipe is one
// where something is trusted. Standard input can be read from its beginning afterwards.
func (e *Env) isBundle(what string, o profileVerifyOptions) (bool, error) {
	switch {
	case config.IsURL(what):
		return !o.Trust.Empty(), nil
	case what == "-":
		in := bufio.NewReaderSize(e.In, profile.MaxSize+1)
		e.In = in
		head, err := in.Peek(bundle.HeadSize)
		if err != nil && !errors.Is(err, io.EOF) {
			return false, fmt.Errorf("standard input: %w", err)
		}
		return bundle.Is(head), nil
	}
	if info, err := os.Stat(what); err == nil && !info.Mode().IsRegular() { // a pipe can be read once only
		return !o.Trust.Empty(), nil
	}
	return looksLikeBundle(what), nil // a file that cannot be read: whoever reads it says so
}

// readJudged reads a token file or a bundle.
func (e *Env) readJudged(ctx context.Context, what string, o profileVerifyOptions) ([]byte, error) {
	is, err := e.isBundle(what, o)
	if err != nil {
		return nil, err
	}
	if is {
		return e.readAll(ctx, what, bundle.MaxSize)
	}
	return e.readProfile(ctx, what)
}

// looksLikeBundle reports whether a regular file begins like a bundle.
func looksLikeBundle(path string) bool {
	if info, err := os.Stat(path); err != nil || !info.Mode().IsRegular() {
		return false
	}
	f, err := os.Open(path)
	if err != nil {
		return false
	}
	defer f.Close()
	head := make([]byte, bundle.HeadSize)
	n, _ := io.ReadFull(f, head)
	return bundle.Is(head[:n])
}

// readPolicy reads a policy file.
func (e *Env) readPolicy(path string) (*profile.Policy, error) {
	raw, err := readBounded(path, e.In)
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	policy, err := profile.ParsePolicy(raw, e.versions())
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return policy, nil
}

// isPattern reports whether an argument is a pattern of files that the shell has left alone.
func isPattern(what string) bool {
	return strings.ContainsAny(what, "*?[") && !isFile(what) && !config.IsURL(what)
}

// peekLines reports whether standard input is a stream of lines rather than one token file, which
// may stand on several lines.
func (e *Env) peekLines() (bool, error) {
	in := bufio.NewReaderSize(e.In, profile.MaxSize+1)
	head, err := in.Peek(profile.MaxSize + 1)
	if err != nil && !errors.Is(err, io.EOF) {
		return false, fmt.Errorf("standard input: %w", err)
	}
	e.In = in
	head = bytes.TrimSpace(head)
	return !bytes.HasPrefix(head, []byte("[")) || len(head) > profile.MaxSize || !json.Valid(head) && bytes.Contains(head, []byte("\n[")), nil
}

// bulkInputs gives what is judged, in order.
func (e *Env) bulkInputs(ctx context.Context, o profileVerifyOptions) (iter.Seq[profile.Input], error) {
	var places []string
	for _, what := range o.What {
		if !isPattern(what) {
			places = append(places, what)
			continue
		}
		found, err := filepath.Glob(what)
		if err != nil {
			return nil, fault.Usage("%s: %v", what, err)
		}
		if len(found) == 0 {
			return nil, fault.New("not_found", "no file fits %s", what)
		}
		places = append(places, found...)
	}
	return func(yield func(profile.Input) bool) {
		for _, place := range places {
			if is, err := e.isBundle(place, o); place == "-" && !is && err == nil || o.Lines {
				if !e.yieldLines(place, yield) {
					return
				}
				continue
			}
			raw, err := e.readJudged(ctx, place, o)
			if !yield(profile.Input{Label: place, Raw: raw, Err: err}) {
				return
			}
		}
	}, nil
}

// yieldLines gives the lines of a stream, and false when no more are wanted.
func (e *Env) yieldLines(place string, yield func(profile.Input) bool) bool {
	in, prefix := e.In, ""
	if place != "-" {
		f, err := os.Open(place)
		if err != nil {
			return yield(profile.Input{Label: place, Err: err})
		}
		defer f.Close()
		in, prefix = f, place+", "
	}
	for input := range profile.Lines(textfile.Unmarked(in)) {
		input.Label = prefix + input.Label
		if !yield(input) {
			return false
		}
	}
	return true
}

// readBounded reads a file of a profile or a token; - is standard input.
func readBounded(path string, in io.Reader) ([]byte, error) {
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		in = f
	}
	return io.ReadAll(io.LimitReader(textfile.Unmarked(in), profile.MaxSize+1))
}

// isFile reports whether a path is there.
func isFile(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
