package local

import (
	"path/filepath"
)

// EscapeGlob makes a folder's name stand for itself in a pattern.
func EscapeGlob(dir string) string {
	var out []rune
	for _, r := range dir {
		if r == '*' || r == '?' || r == '[' || r == '\\' && filepath.Separator != '\\' {
			out = append(out, '\\')
		}
		out = append(out, r)
	}
	return string(out)
}
