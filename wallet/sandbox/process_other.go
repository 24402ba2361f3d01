//go:build !linux && !darwin

package sandbox

import (
	"context"
	"os/exec"
)

func inspectProcess(int) (process, error) { return process{}, ErrUnsupported }

func detach(*exec.Cmd) error { return ErrUnsupported }

func lockDir(context.Context, string, func()) (func(), error) { return nil, ErrUnsupported }

func lockHeld(string) bool { return false }
