package storage

import (
	"fmt"
	"strings"
)

// Bounds of names, in bytes.
const (
	MaxName    = 1024
	maxSegment = 100
)

// CheckName lets through names that every place can have:
//
//	name    = segment *( "/" segment )            ; at most 1024 characters: 0/profile.json
//	segment = 1*100char, not beginning with a dot
//	char    = letter / digit / "-" / "_" / "."
func CheckName(name string) error {
	for segment := range strings.SplitSeq(name, "/") {
		if segment == "" || len(segment) > maxSegment || segment[0] == '.' || strings.Trim(segment, nameChars) != "" {
			return fmt.Errorf("%w: %.200q", ErrBadName, name)
		}
	}
	if len(name) > MaxName {
		return fmt.Errorf("%w: more than %d characters", ErrBadName, MaxName)
	}
	return nil
}

const nameChars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_."
