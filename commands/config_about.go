package commands

import (
	"strings"
)

// flag is the name of the flag that says the same as a key of the configuration file.
func (k configKey) flag() string { return strings.ReplaceAll(k.name, "_", "-") }

// about says what a key is for: what the help says about the flag of its name.
func (k configKey) about() string {
	f := findFlag(globalFlags(), k.flag())
	if d, ok := f.(interface{ GetUsage() string }); ok {
		return strings.ReplaceAll(d.GetUsage(), "`", "")
	}
	return ""
}
