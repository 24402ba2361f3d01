package scripttest

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptJSON checks a value.
func scriptJSON(ts *testscript.TestScript, neg bool, args []string) {
	if (neg && len(args) != 2) || (!neg && len(args) != 3) {
		ts.Fatalf("usage: json FILE PATH VALUE, or ! json FILE PATH")
	}
	got, found := lookUp(ts, args[0], args[1])
	switch {
	case neg && found:
		ts.Fatalf("%s has %s: %s", args[0], args[1], got)
	case !neg && !found:
		ts.Fatalf("%s has no %s:\n%s", args[0], args[1], ts.ReadFile(args[0]))
	case !neg && got != args[2]:
		ts.Fatalf("%s: %s is %s, want %s", args[0], args[1], got, args[2])
	}
}

// scriptSetJSON keeps a value for later lines.
func scriptSetJSON(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: setjson VAR FILE PATH")
	}
	value, found := lookUp(ts, args[1], args[2])
	if !found {
		ts.Fatalf("%s has no %s:\n%s", args[1], args[2], ts.ReadFile(args[1]))
	}
	ts.Setenv(args[0], value)
}

// lookUp finds a value in the last JSON document of a file. Texts are returned as they are, other
// values as JSON.
func lookUp(ts *testscript.TestScript, file, path string) (value string, found bool) {
	lines := strings.Split(strings.TrimSpace(ts.ReadFile(file)), "\n")
	dec := json.NewDecoder(strings.NewReader(lines[len(lines)-1]))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		ts.Fatalf("%s: %v:\n%s", file, err, ts.ReadFile(file))
	}
	for _, key := range strings.Split(path, ".") {
		switch node := v.(type) {
		case map[string]any:
			if v, found = node[key]; !found {
				return "", false
			}
		case []any:
			i, err := strconv.Atoi(key)
			if err != nil || i < 0 || i >= len(node) {
				return "", false
			}
			v = node[i]
		default:
			return "", false
		}
	}
	if s, ok := v.(string); ok {
		return s, true
	}
	b, err := json.Marshal(v)
	ts.Check(err)
	return string(b), true
}
