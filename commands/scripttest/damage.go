package scripttest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptDamage cuts a store at every page and changes bits in it, and runs a command after each:
// damage FILE CODES COMMAND ARGS... The command must end as on the good file or with one of the
// error codes, soon, and without a crash. CODES are joined by commas; ok stands for success with
// any answer, for a file of the user's. When the store is a cache, which is built again, CODES is
// cache: then the answer is always that of the good file.
func scriptDamage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 3 {
		ts.Fatalf("usage: damage FILE CODES COMMAND ARGS...")
	}
	file := ts.MkAbs(args[0])
	good, err := os.ReadFile(file)
	ts.Check(err)
	run := func() (out, errOut []byte, code int) {
		ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
		defer cancel()
		program := args[2]
		if path := ts.MkAbs("." + "programs/" + program); path != "" {
			if _, err := os.Stat(path); err == nil {
				program = path
			}
		}
		cmd := exec.CommandContext(ctx, program, args[3:]...)
		cmd.Dir, cmd.Env = ts.MkAbs("."), scriptEnv(ts)
		var o, e bytes.Buffer
		cmd.Stdout, cmd.Stderr = &o, &e
		err := cmd.Run()
		var exit *exec.ExitError
		if err != nil && !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		if ctx.Err() != nil {
			return o.Bytes(), e.Bytes(), -2
		}
		return o.Bytes(), e.Bytes(), cmd.ProcessState.ExitCode()
	}
	want, errOut, code := run()
	if code != 0 {
		ts.Fatalf("the good file: exit %d\n%s", code, errOut)
	}
	codes := strings.Split(args[1], ",")
	noticed := 0
	for what, bad := range damagedFiles(good) {
		ts.Check(os.WriteFile(file, bad, 0o600))
		out, errOut, code := run()
		text := string(errOut)
		switch {
		case code < 0, code == 2 && !slices.Contains(codes, "bad_config"):
			ts.Fatalf("%s: exit %d\n%s", what, code, errOut)
		case strings.Contains(text, "panic:"), strings.Contains(text, "goroutine "), strings.Contains(text, "fatal error"):
			ts.Fatalf("%s: a crash\n%s", what, errOut)
		case code == 0 && bytes.Equal(out, want), code == 0 && slices.Contains(codes, "ok"):
		case code == 0:
			ts.Fatalf("%s: another answer\n%s\nwant\n%s", what, out, want)
		default:
			noticed++
			if !slices.ContainsFunc(codes, func(c string) bool { return strings.Contains(text, `"code":"`+c+`"`) }) {
				ts.Fatalf("%s: exit %d\n%s", what, code, errOut)
			}
			if !strings.Contains(text, `"hints":["`) {
				ts.Fatalf("%s: no hint\n%s", what, errOut)
			}
		}
	}
	ts.Check(os.WriteFile(file, good, 0o600))
	if noticed == 0 && !slices.Contains(codes, "cache") {
		ts.Fatalf("no damage was noticed")
	}
}

// scriptEnv is the environment of a script.
func scriptEnv(ts *testscript.TestScript) []string {
	var list []string
	for _, key := range []string{"HOME", "PATH", "TMPDIR", "BLOCKSTACK_HOME", "BLOCKSTACK_NO_INPUT", "BLOCKSTACK_PASSWORD_FILE", "BLOCKSTACK_BACKEND"} {
		list = append(list, key+"="+ts.Getenv(key))
	}
	return list
}

// damagedFiles cuts a file: at nothing, at each page (of many, at some), in the last byte;
// overwrites pages; and changes single bits.
func damagedFiles(good []byte) map[string][]byte {
	list := map[string][]byte{"empty": nil, "one byte": good[:1], "without its last byte": good[:len(good)-1], "text": []byte("<html>sync conflict</html>\n")}
	const page = 4096
	pages := len(good) / page
	for i := 0; i < 4 && pages > 1; i++ {
		n := 1 + i*(pages-1)/4
		list["cut to page "+strconv.Itoa(n)] = good[:n*page]
		zeroed := slices.Clone(good)
		clear(zeroed[(n-1)*page : n*page])
		list["zeroes in page "+strconv.Itoa(n-1)] = zeroed
	}
	var used []int
	for i, b := range good {
		if b != 0 {
			used = append(used, i)
		}
	}
	for i := range 6 {
		at := used[i*len(used)/6]
		flipped := slices.Clone(good)
		flipped[at] ^= 1 << (i % 8)
		list["bit "+strconv.Itoa(i%8)+" of byte "+strconv.Itoa(at)] = flipped
	}
	return list
}
