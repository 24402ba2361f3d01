package program

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"blockstack/commands/scripttest"
	"blockstack/wallet/chain/chaintest"
)

// TestReadme types the first hour of the README: every indented line of that section, in order, in
// one shell session's folder and home. Only what a test cannot do differs: make is not run again,
// the web server is ours on a port that is free, the words of the wallet go into a file, and
// questions are answered with --yes.
func TestReadme(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the README speaks to a POSIX shell")
	}
	lines := readmeLines(t, "## A first hour, without real money")
	btcd := chaintest.Btcd(t)
	program, err := scripttest.Program(t)()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, target := range map[string]string{"btcd": btcd, "blockstack": program} {
		if err := os.MkdirAll(filepath.Join(dir, "bin"), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(target, filepath.Join(dir, "bin", name)); err != nil {
			t.Fatal(err)
		}
	}
	docs, err := filepath.Abs("../../../docs")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(docs, filepath.Join(dir, "docs")); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "password"), []byte("correct horse\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	web, stop, err := scripttest.ServeFolder(filepath.Join(dir, "www"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(); err != nil {
			t.Error(err)
		}
	})

	env := []string{"HOME=" + dir, "PATH=" + filepath.Join(dir, "bin") + ":" + os.Getenv("PATH"), "TMPDIR=" + os.TempDir(),
		"BLOCKSTACK_NO_INPUT=1", "BLOCKSTACK_PASSWORD_FILE=" + filepath.Join(dir, "password")}
	shell := func(line string) (string, error) {
		cmd := exec.Command("sh", "-c", line)
		cmd.Dir, cmd.Env = dir, env
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	t.Cleanup(func() { _, _ = shell("blockstack sandbox stop") }) // when the story ends early
	typed, last := 0, ""
	for _, line := range lines {
		line, _, _ = strings.Cut(line, "#")
		line = strings.TrimSpace(strings.ReplaceAll(line, "127.0.0.1:8000", strings.TrimPrefix(web, "http://")))
		switch {
		case line == "make", strings.HasPrefix(line, "export PATH="), strings.HasPrefix(line, "python3 -m http.server"):
			continue
		case line == "blockstack wallet create":
			line += " --words-file words"
		}
		out, err := shell(line + " --yes")
		if err != nil {
			t.Fatalf("%s: %v\n%s", line, err, out)
		}
		if strings.Contains(line, "name show") {
			last = out
		}
		typed++
	}
	if typed < 15 {
		t.Errorf("only %d lines typed: the section is read wrongly", typed)
	}
	if !strings.Contains(last, "name\talice.id\n") {
		t.Errorf("name show said\n%s", last)
	}
}

// readmeLines returns the indented lines of a section of the README.
func readmeLines(t *testing.T, heading string) []string {
	b, err := os.ReadFile("../../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(b), heading+"\n")
	if !found {
		t.Fatalf("the README has no section %q", heading)
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var lines []string
	for line := range strings.Lines(section) {
		if code, ok := strings.CutPrefix(line, "    "); ok {
			lines = append(lines, code)
		}
	}
	return lines
}
