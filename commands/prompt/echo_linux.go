package prompt

import "golang.org/x/sys/unix"

const getTermios, setTermios, setTermiosDropping = unix.TCGETS, unix.TCSETS, unix.TCSETSF
