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
	var cred *unix.Xucred
	if cerr := raw.Control(func(fd uintptr) { cred, err = unix.GetsockoptXucred(int(fd), unix.SOL_LOCAL, unix.LOCAL_PEERCRED) }); cerr != nil {
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

// Harden keeps the memory of this process out of core dumps.
func Harden() error {
	return NoCoreDumps()
}
