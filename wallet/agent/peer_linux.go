package agent

import (
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// checkPeer sends away everybody but the same user.
func checkPeer(c net.Conn) error {
	u, ok := c.(*net.UnixConn)
	if !ok {
		return errors.New("agent: not a Unix socket")
	}
	raw, err := u.SyscallConn()
	if err != nil {
		return fmt.Errorf("agent: %w", err)
	}
	var cred *unix.Ucred
	if cerr := raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED) }); cerr != nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("agent: %w", err)
	}
	if int(cred.Uid) != os.Getuid() {
		return fmt.Errorf("agent: user %d is at the other end", cred.Uid)
	}
	return nil
}

// Harden keeps the memory of this process out of core dumps and away from debuggers of the same
// user.
func Harden() error {
	if err := NoCoreDumps(); err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("core dumps: %w", err)
	}
	return nil
}
