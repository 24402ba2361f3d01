package sandbox

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"
)

const btcdModule = "github.com/btcsuite/btcd"

// findBtcd looks for the node's program: the one named, else beside our own program, else on PATH.
func findBtcd(named string) (string, error) {
	if named != "" {
		path, err := exec.LookPath(named)
		if err != nil {
			return "", &NoBtcd{Looked: []string{named}, Install: installCommand()}
		}
		return filepath.Abs(path)
	}
	var looked []string
	if own, err := os.Executable(); err == nil {
		if real, err := filepath.EvalSymlinks(own); err == nil {
			own = real
		}
		beside := filepath.Join(filepath.Dir(own), "btcd")
		if path, err := exec.LookPath(beside); err == nil {
			return path, nil
		}
		looked = append(looked, beside)
	}
	if path, err := exec.LookPath("btcd"); err == nil {
		return filepath.Abs(path)
	}
	return "", &NoBtcd{Looked: append(looked, "PATH"), Install: installCommand()}
}

// installCommand names the version that we are built with.
func installCommand() string {
	version := "v0.26.2"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, m := range info.Deps {
			if m.Path == btcdModule {
				version = m.Version
			}
		}
	}
	return "go install " + btcdModule + "@" + version
}

// btcdVersion asks a program for its version, and is sure afterwards that it is btcd. Nothing else
// is done with it.
func btcdVersion(ctx context.Context, program, home string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, program, "--version")
	cmd.Env = nodeEnv(home)
	cmd.WaitDelay = time.Second
	out, err := cmd.Output()
	if ctx.Err() != nil {
		return "", fmt.Errorf("%s --version: %w", program, ctx.Err())
	}
	said, _, _ := strings.Cut(strings.TrimSpace(string(out[:min(len(out), 200)])), "\n")
	_, version, found := strings.Cut(said, " version ")
	if err != nil && !isExit(err) {
		return "", fmt.Errorf("%s: %w", program, err)
	}
	if err != nil || !found {
		return "", &NotBtcd{Path: program, Said: said}
	}
	return version, nil
}

func isExit(err error) bool {
	var e *exec.ExitError
	return errors.As(err, &e)
}

// nodeEnv is all that the node learns of our environment.
func nodeEnv(home string) []string { return []string{"HOME=" + home} }

// chooseProgram finds the node's program and asks it for its version.
func chooseProgram(ctx context.Context, dir, named string) (path, version string, err error) {
	path, err = findBtcd(named)
	if err != nil {
		return "", "", err
	}
	home := filepath.Join(dir, "home")
	if err := os.MkdirAll(home, 0o700); err != nil {
		return "", "", err
	}
	version, err = btcdVersion(ctx, path, home)
	return path, version, err
}
