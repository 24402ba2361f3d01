// Slowest reads the output of `go test -json`, shows what go test would show without it, and ends
// with a table of the ten tests that took longest. Behind the JSON stands a line with the exit code
// of go test, which becomes its own.
//
//	{ go test -json ./...; echo "exit $?"; } | slowest
package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
)

func main() {
	code, err := run(os.Stdin, os.Stdout)
	if err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
	os.Exit(code)
}

// event is a line of go test -json (go doc test2json).
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64 // seconds
}

// took is how long a test ran.
type took struct {
	seconds       float64
	what, outcome string
}

// report is what was read so far.
type report struct {
	out    io.Writer
	held   map[string][]string // output of tests that are not over, by package and test
	slow   []took
	parent map[string]bool // tests that others are parts of
}

// run copies what matters and returns the exit code of go test.
func run(in io.Reader, out io.Writer) (int, error) {
	r := &report{out: out, held: map[string][]string{}, parent: map[string]bool{}}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	code := -1
	for lines.Scan() {
		line := lines.Bytes()
		var e event
		switch {
		case code >= 0:
			return 0, errors.New("a line behind the exit code")
		case strings.HasPrefix(string(line), "exit "):
			n, err := strconv.Atoi(string(line[len("exit "):]))
			if err != nil {
				return 0, fmt.Errorf("exit code: %w", err)
			}
			code = n
		case json.Unmarshal(line, &e) != nil:
			fmt.Fprintf(out, "%s\n", line) // what go says itself
		default:
			r.take(e)
		}
	}
	if err := lines.Err(); err != nil {
		return 0, err
	}
	if code < 0 {
		return 0, errors.New("the output ends without the exit code of go test")
	}
	r.table()
	return code, nil
}

// take takes one event. What a test says is held back until it is known whether it failed.
func (r *report) take(e event) {
	key := e.Package + " " + e.Test
	switch {
	case e.Test == "" && e.Output != "":
		if e.Output != "PASS\n" && !strings.HasPrefix(e.Output, "testing: ") {
			fmt.Fprint(r.out, e.Output)
		}
	case e.Action == "output" && strings.HasPrefix(e.Output, "=== "): // that it runs, pauses, goes on
	case e.Action == "output":
		r.held[key] = append(r.held[key], e.Output)
	case e.Test != "" && (e.Action == "pass" || e.Action == "fail" || e.Action == "skip"):
		if e.Action == "fail" {
			fmt.Fprint(r.out, strings.Join(r.held[key], ""))
		}
		delete(r.held, key)
		if i := strings.LastIndexByte(e.Test, '/'); i >= 0 {
			r.parent[e.Package+" "+e.Test[:i]] = true
		}
		r.slow = append(r.slow, took{e.Elapsed, key, e.Action})
	case e.Test == "" && e.Action == "fail": // a package that ended in the middle of tests
		for _, held := range r.of(e.Package) {
			fmt.Fprint(r.out, strings.Join(r.held[held], ""))
			delete(r.held, held)
		}
	}
}

// of lists the tests of a package that are not over, in order.
func (r *report) of(pkg string) (keys []string) {
	for key := range r.held {
		if strings.HasPrefix(key, pkg+" ") {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	return keys
}

// table shows the ten slowest tests that have no parts.
func (r *report) table() {
	slow := slices.DeleteFunc(r.slow, func(t took) bool { return r.parent[t.what] })
	slices.SortStableFunc(slow, func(a, b took) int { return int(1000 * (b.seconds - a.seconds)) })
	if len(slow) == 0 {
		return
	}
	fmt.Fprintln(r.out, "the slowest tests:")
	for _, t := range slow[:min(10, len(slow))] {
		note := ""
		if t.outcome != "pass" {
			note = " (" + t.outcome + ")"
		}
		fmt.Fprintf(r.out, "%8.1f s  %s%s\n", t.seconds, strings.TrimPrefix(t.what, "blockstack/"), note)
	}
}
