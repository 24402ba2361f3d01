package publish

import (
	"bufio"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// TestInteropWebDAV publishes to a WebDAV server that is another program (npm webdav-server); make interop installs it.
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
	stranger, err := OpenWeb(at, "alice:wrong", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stranger.Read(context.Background(), "profile.json"); !errors.Is(err, ErrUnreachable) {
		t.Errorf("with a wrong password: %v", err)
	}
	w, err := OpenWeb(at+"deep/folder/", "alice:secret", nil)
	if err != nil {
		t.Fatal(err)
	}
	testPlace(t, w)
}
