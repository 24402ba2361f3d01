package commands

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/urfave/cli/v2"

	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
)

// versionCommand is `version`.
func versionCommand() *cli.Command {
	return &cli.Command{
		Name:     "version",
		Usage:    "the version of this program and of what it is built from",
		Category: line.Program,
		Action:   line.PlainVerb(line.NoOptions, runVersion),
	}
}

// versionDoc is what `version` prints.
type versionDoc struct {
	Version  string `json:"version"`
	Revision string `json:"revision,omitempty"`
	Modified bool   `json:"modified"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	Btcd     string `json:"btcd,omitempty"`
}

// runVersion prints what the linker recorded in the binary.
func runVersion(_ context.Context, env *session.Session, _ line.None) error {
	d := versionDoc{Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH}
	if info, ok := debug.ReadBuildInfo(); ok {
		if info.Main.Version != "" {
			d.Version = info.Main.Version
		}
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				d.Revision = s.Value
			case "vcs.modified":
				d.Modified = s.Value == "true"
			}
		}
		for _, m := range info.Deps {
			if m.Path == "github.com/btcsuite/btcd" {
				d.Btcd = m.Version
			}
		}
	}
	return env.Out.Result("version", d, func(t *voice.Text) {
		t.Field("version", "%s", d.Version)
		t.Field("revision", "%s", d.Revision)
		t.Field("go", "%s %s", d.Go, d.Platform)
		t.Field("btcd", "%s", d.Btcd)
	})
}
