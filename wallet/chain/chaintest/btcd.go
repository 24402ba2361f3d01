package chaintest

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Btcd returns a btcd program for tests that need the real node: the one that was built into the
// module's bin folder, else one on PATH, else the version pinned in go.mod, which the go tool
// builds once and keeps in its own cache.
func Btcd(tb testing.TB) string {
	tb.Helper()
	mod, err := exec.Command("go", "env", "GOMOD").Output()
	if err == nil {
		built := filepath.Join(filepath.Dir(strings.TrimSpace(string(mod))), "bin", "btcd")
		if path, err := exec.LookPath(built); err == nil {
			return path
		}
	}
	if path, err := exec.LookPath("btcd"); err == nil {
		return path
	}
	build := exec.Command("go", "tool", "-n", "btcd")
	build.Env = append(os.Environ(), "CGO_ENABLED=0") // else it does not honour the HOME it is given
	out, err := build.Output()
	if err != nil {
		tb.Fatalf("build btcd with the go tool: %v", err)
	}
	return strings.TrimSpace(string(out))
}
