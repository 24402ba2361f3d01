// Vectorreport reads the output of `go test -v` over the vector suites and says which files of a
// folder of vectors they took, with the number of cases. It fails if a suite failed or no case ran.
//
//	go test -v -run '^TestVectors' ./... | vectorreport DIR
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: vectorreport DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "error:", err)
		os.Exit(1)
	}
}

// casesLine is what testdata.Cases logs.
var casesLine = regexp.MustCompile(`vectors: (\S+): (\d+) cases$`)

// run copies failures and counts cases.
func run(dir string, in io.Reader, out io.Writer) error {
	cases := map[string]int{}
	failed := 0
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 16<<20)
	var pending []string // lines of the package so far, shown if it fails
	for lines.Scan() {
		line := lines.Text()
		pending = append(pending, line)
		if m := casesLine.FindStringSubmatch(line); m != nil {
			n, err := strconv.Atoi(m[2])
			if err != nil {
				return err
			}
			cases[m[1]] += n
		}
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		switch {
		case strings.HasPrefix(line, "ok ") || fields[0] == "?":
			pending = nil
		case strings.HasPrefix(line, "FAIL"):
			failed++
			fmt.Fprintln(out, strings.Join(pending, "\n"))
			pending = nil
		}
	}
	if err := lines.Err(); err != nil {
		return err
	}
	present, err := files(dir)
	if err != nil {
		return err
	}
	total := 0
	var untaken []string
	for _, f := range present {
		if n, ok := cases[f]; ok {
			fmt.Fprintf(out, "%6d  %s\n", n, f)
			total += n
		} else {
			untaken = append(untaken, f)
		}
	}
	for _, f := range untaken {
		fmt.Fprintf(out, "     -  %s: no suite takes it yet\n", f)
	}
	fmt.Fprintf(out, "%d cases of %d files\n", total, len(present)-len(untaken))
	switch {
	case failed > 0:
		return errors.New("a suite failed")
	case total == 0:
		return errors.New("no case ran")
	}
	return nil
}

// files lists a folder of vectors without its READMEs.
func files(dir string) ([]string, error) {
	var list []string
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(strings.ToUpper(d.Name()), "README") {
			return err
		}
		rel, err := filepath.Rel(dir, path)
		list = append(list, filepath.ToSlash(rel))
		return err
	})
	sort.Strings(list)
	return list, err
}
