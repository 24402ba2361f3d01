package commands

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"

	"blockstack/commands/fault"
	"blockstack/wallet/secretform"
)

// TestNothingOursIsASecret: no text of the program is taken for a secret when it is printed.
func TestNothingOursIsASecret(t *testing.T) {
	if n := eachText(t, func(where, text string) {
		if secretform.Hide(text) != text {
			t.Errorf("%s: taken for a secret: %s", where, secretform.Hide(text))
		}
	}); n < 5000 {
		t.Errorf("only %d texts were looked at", n)
	}
}

// eachText calls f with every text of the program's source but those of help, which are not hidden,
// and counts them.
func eachText(t *testing.T, f func(where, text string)) int {
	t.Helper()
	n, set := 0, token.NewFileSet()
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			if d != nil && d.IsDir() && (d.Name() == "testdata" || d.Name() == "bin" || strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2) {
				return fs.SkipDir
			}
			return err
		}
		file, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.KeyValueExpr:
				key, is := node.Key.(*ast.Ident)
				return !is || key.Name != "Description"
			case *ast.CallExpr:
				switch called := node.Fun.(type) {
				case *ast.Ident:
					return called.Name != "Examples"
				case *ast.SelectorExpr:
					return called.Sel.Name != "Examples"
				}
				return true
			case ast.Expr:
				if text := literal(node); text != "" {
					n++
					f(set.Position(node.Pos()).String(), text)
					return false
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSecretVariables: a variable's value is said in no error, unless it is harmless, and is
// refused when it is a secret by its shape.
func TestSecretVariables(t *testing.T) {
	for _, name := range []string{"BLOCKSTACK_NODE", "BLOCKSTACK_NETWORK", "BLOCKSTACK_REGISTRY", "BLOCKSTACK_BACKEND", "BLOCKSTACK_NODE_AUTH_FILE",
		"BLOCKSTACK_PROXY", "BLOCKSTACK_PASSWORD_FILE", "BLOCKSTACK_PEER", "BLOCKSTACK_INSECURE_NODE"} {
		for _, value := range []string{"Tr0ub4dor&3zebra", "legal winner thank year wave sausage worth useful legal winner thank yellow", "http://u:Tr0ub4dor@127.0.0.1:1"} {
			for _, words := range []string{"balance --json", "balance", "name show alice.id --backend bitcoind", "config show"} {
				t.Setenv("BLOCKSTACK_HOME", t.TempDir())
				t.Setenv("BLOCKSTACK_NO_INPUT", "1")
				t.Setenv(name, value)
				var out, errOut bytes.Buffer
				code := Main(t.Context(), append([]string{"blockstack"}, strings.Fields(words)...), strings.NewReader(""), &out, &errOut)
				t.Setenv(name, "")
				if s := errOut.String(); strings.Contains(s, "Tr0ub") || strings.Contains(s, "winner") {
					t.Errorf("%s=%s %s: %s", name, value, words, s)
				}
				if strings.HasPrefix(value, "legal") && words == "config show" && (code != int(fault.ExitUsage) || strings.Contains(out.String(), "winner")) {
					t.Errorf("%s is a phrase: exit %d, %s%s", name, code, out.String(), errOut.String())
				}
			}
		}
	}
}
