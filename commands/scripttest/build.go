package scripttest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"runtime"
	"sync"
	"testing"

	"blockstack/commands/session"
)

// cost is what a try of a password costs in the transcripts: next to nothing, as keychain.TestCost.
// What is behind the numbers is read by nobody; a program that has these bytes was linked with
// them.
const cost = "1 8 1 in transcripts"

// maxProgram is how large the stripped program may be, in bytes.
const maxProgram = 30_000_000

// Program builds the program under test when it is first asked for, and says where it is.
func Program(t *testing.T) func() (string, error) {
	return sync.OnceValues(func() (string, error) { return build(t.TempDir()) })
}

// build puts the program into dir. Unlike go build, go run keeps what it linked in go's build
// cache, so that the packages of transcripts do not each link it; in place of the program a copy of
// it is run.
func build(dir string) (string, error) {
	path, copied := filepath.Join(dir, "blockstack"), "cp"
	if runtime.GOOS == "windows" {
		path, copied = path+".exe", "cmd /c copy /b"
	}
	cmd := exec.Command("go", "run", "-trimpath", "-ldflags", "-s -w -X '"+costVariable()+"="+cost+"'", "-exec", copied, "blockstack", path)
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	b, err := os.ReadFile(path)
	switch {
	case err != nil:
		return "", err
	case runtime.GOARCH == "amd64" && runtime.GOOS == "linux" && len(b) > maxProgram:
		return "", fmt.Errorf("the program has %d bytes, more than %d: docs/dependencies.md says what makes it large", len(b), maxProgram)
	case !bytes.Contains(b, []byte(cost)):
		return "", fmt.Errorf("the program has no variable %s: its passwords are as slow as a user's", costVariable())
	}
	return path, nil
}

// costVariable is session.LinkedCost as the linker names it.
func costVariable() string { return reflect.TypeFor[session.Session]().PkgPath() + ".LinkedCost" }
