package commands

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
)

// sourceFiles are the files of this package and those below it, without tests.
func sourceFiles(t *testing.T) (files []string) {
	t.Helper()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			files = append(files, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// TestErrorCodes reads the source of this package and those below it: every error code that a fault
// or a rule carries stands in the table of exit codes, exactly once, and the table has no code that
// two rows claim.
func TestErrorCodes(t *testing.T) {
	listed := map[string]int{}
	for _, row := range fault.Table() {
		for _, c := range row.Codes {
			listed[c]++
		}
	}
	for c, n := range listed {
		if n != 1 || !regexp.MustCompile(`^[a-z][a-z_]*$`).MatchString(c) {
			t.Errorf("error code %q stands %d times in the table", c, n)
		}
	}
	found := 0
	argument := map[string]int{"New": 0, "onType": 0, "on": 1} // where each of these takes its code
	for _, file := range sourceFiles(t) {
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name := ""
			switch fun := call.Fun.(type) {
			case *ast.Ident:
				name = fun.Name
			case *ast.SelectorExpr:
				if pkg, ok := fun.X.(*ast.Ident); ok && pkg.Name == "fault" {
					name = fun.Sel.Name
				}
			case *ast.IndexExpr:
				if id, ok := fun.X.(*ast.Ident); ok {
					name = id.Name
				}
			}
			at, ok := argument[name]
			if !ok || len(call.Args) <= at {
				return true
			}
			if lit, ok := call.Args[at].(*ast.BasicLit); ok {
				code, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				found++
				if listed[code] == 0 {
					t.Errorf("%s: error code %q is not in the table of exit codes", file, code)
				}
			}
			return true
		})
	}
	if found < 200 {
		t.Errorf("only %d codes found: the test reads the source wrongly", found)
	}
}

// TestExitCodeTable compares what `help exit-codes` prints with the numbers that scripts rely on.
func TestExitCodeTable(t *testing.T) {
	want := map[int]string{
		0: "", 1: "internal", 2: "usage bad_amount bad_name", 3: "pending", 4: "declined needs_input", 5: "not_found",
		6: "name_taken in_grace quota not_owner", 7: "wrong_password locked", 8: "insufficient_funds over_budget",
		9: "unreachable", 10: "bad_signature", 11: "wrong_signer", 12: "expired not_yet_valid revoked", 13: "malformed", 14: "edit_conflict", 130: "interrupted",
	}
	env, out, _ := testEnv()
	if code := Run(context.Background(), env, []string{"blockstack", "help", "exit-codes", "--json"}); code != 0 {
		t.Fatalf("exit %d", code)
	}
	var doc struct {
		ExitCodes []struct {
			Exit    int
			Meaning string
			Codes   []string
		} `json:"exit_codes"`
	}
	if err := json.Unmarshal(out.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.ExitCodes) != len(want) {
		t.Errorf("%d rows, want %d", len(doc.ExitCodes), len(want))
	}
	for _, row := range doc.ExitCodes {
		codes, ok := want[row.Exit]
		if !ok || row.Meaning == "" {
			t.Errorf("row %+v", row)
		}
		for _, c := range strings.Fields(codes) {
			if !slices.Contains(row.Codes, c) || int(fault.ExitOf(c)) != row.Exit {
				t.Errorf("exit %d: %s is missing, or ends in %d", row.Exit, c, fault.ExitOf(c))
			}
		}
	}
}

// TestOutcomes runs a verb that ends in every way, and looks at the streams and the code.
func TestOutcomes(t *testing.T) {
	type doc struct {
		State string `json:"state"`
	}
	result := func(env *session.Session) error {
		return env.Out.Result("test.verb", doc{"done"}, func(t *voice.Text) { t.Field("state", "done") })
	}
	for _, c := range []struct {
		name        string
		run         func(ctx context.Context, env *session.Session) error
		exit        int
		out, errOut string
		outJSON     string
	}{
		{"done", func(_ context.Context, env *session.Session) error { return result(env) }, 0, "state\tdone\n", "", `{"schema":"blockstack/test.verb/v1","state":"done"}` + "\n"},
		{"failed late", func(_ context.Context, env *session.Session) error {
			return errors.Join(result(env), fault.New("unreachable", "node: refused").Hint("start it"))
		}, 9, "", "error: node: refused\nhint: start it\n", ""},
		{"pending", func(_ context.Context, env *session.Session) error {
			return errors.Join(result(env), fault.New("pending", "waiting for 2 blocks").Retry().Keep())
		}, 3, "state\tdone\n", "pending: waiting for 2 blocks\n", `{"schema":"blockstack/test.verb/v1","state":"done"}` + "\n"},
		{"close fails", func(_ context.Context, env *session.Session) error {
			env.OnClose(func() error { return errors.New("torn") })
			return result(env)
		}, 1, "", "error: close: torn\n", ""},
		{"close fails after an error", func(_ context.Context, env *session.Session) error {
			env.OnClose(func() error { return errors.New("torn") })
			return fault.New("quota", "25 names")
		}, 6, "", "warning: close: torn\nerror: 25 names\n", ""},
		{"panics", func(context.Context, *session.Session) error { panic("bug: no such state") }, 1, "", "error: bug: no such state\n", ""},
		{"panics with data", func(context.Context, *session.Session) error { panic("hunter2") }, 1, "", "error: bug: unexpected panic\n", ""},
		{"panics with an error", func(context.Context, *session.Session) error { panic(errors.New("hunter2")) }, 1, "", "error: bug: unexpected panic\n", ""},
		{"hostile text", func(context.Context, *session.Session) error { return fault.New("malformed", "a\x1b[2Jb\u202ec\nd") }, 13, "", "error: a\\x1b[2Jb\\u202ec d\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, asJSON := range []bool{false, true} {
				env, out, errOut := testEnv()
				words := []string{"blockstack", "test"}
				if asJSON {
					words = append(words, "--json")
				}
				code := runVerb(context.Background(), env, words, c.run)
				wantOut := c.out
				if asJSON {
					wantOut = c.outJSON
				}
				if code != c.exit || out.String() != wantOut {
					t.Errorf("json %v: exit %d, stdout %q; want %d, %q", asJSON, code, out, c.exit, wantOut)
				}
				if !asJSON && !strings.HasPrefix(errOut.String(), c.errOut) {
					t.Errorf("stderr %q, want %q", errOut, c.errOut)
				}
				if strings.Contains(errOut.String(), "hunter2") {
					t.Errorf("stderr tells: %q", errOut)
				}
				if asJSON && c.exit != 0 {
					checkErrorJSON(t, errOut.Bytes(), c.exit)
				}
			}
		})
	}
}

// checkErrorJSON holds the last line to the documented shape of an error.
func checkErrorJSON(t *testing.T, b []byte, exit int) {
	t.Helper()
	lines := bytes.Split(bytes.TrimSpace(b), []byte("\n"))
	var doc struct {
		Error *struct {
			Code      *string         `json:"code"`
			Exit      *int            `json:"exit"`
			Message   *string         `json:"message"`
			Hints     *[]string       `json:"hints"`
			Details   *map[string]any `json:"details"`
			Retryable *bool           `json:"retryable"`
		} `json:"error"`
	}
	dec := json.NewDecoder(bytes.NewReader(lines[len(lines)-1]))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil || doc.Error == nil {
		t.Fatalf("%s: %v", b, err)
	}
	e := doc.Error
	if e.Code == nil || e.Exit == nil || e.Message == nil || e.Hints == nil || e.Details == nil || e.Retryable == nil {
		t.Fatalf("%s: a key is missing", b)
	}
	if *e.Exit != exit || int(fault.ExitOf(*e.Code)) != exit {
		t.Errorf("%s: exit %d, want %d", b, *e.Exit, exit)
	}
}

// runVerb runs the program with one more verb, `test`, in place of the others.
func runVerb(ctx context.Context, env *session.Session, words []string, f func(ctx context.Context, env *session.Session) error) int {
	return Run(ctx, env, words, &cli.Command{
		Name: "test", Usage: "a verb of the tests",
		Action: line.PlainVerb(line.NoOptions, func(ctx context.Context, env *session.Session, _ line.None) error { return f(ctx, env) }),
	})
}
