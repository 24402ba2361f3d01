package webdav

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"blockstack/storage"
	"blockstack/storage/storagetest"
)

// TestInteropWebDAV runs the suite against a WebDAV server that is another program (npm
// webdav-server); make interop installs it.
func TestInteropWebDAV(t *testing.T) {
	if os.Getenv("INTEROP") == "" {
		t.Skip("INTEROP is not set; run make interop")
	}
	cmd := exec.Command("node", "webdav.js")
	cmd.Dir = "../../testdata/interop"
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	at, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	at = strings.TrimSpace(at)
	stranger, err := Open(at, "alice:wrong", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := storage.Read(context.Background(), stranger, "profile.json", 100); !errors.Is(err, storage.ErrAuth) {
		t.Errorf("with a wrong password: %v", err)
	}
	n := 0
	storagetest.Run(t, func(t *testing.T) storagetest.Driver {
		n++
		d, err := Open(fmt.Sprintf("%sdeep/folder%d/", at, n), "alice:secret", nil)
		if err != nil {
			t.Fatal(err)
		}
		return d
	})
}
