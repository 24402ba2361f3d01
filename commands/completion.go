package commands

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/voice"
)

// completionScripts are what the shells load, one file each.
//
//go:embed completion
var completionScripts embed.FS

// completionShells are the shells that are known.
func completionShells() []string { return []string{"bash", "zsh", "fish", "powershell"} }

// completionCommand is `completion SHELL`.
func completionCommand() *cli.Command {
	return &cli.Command{
		Name:      "completion",
		Usage:     "let a shell complete commands, and your own names, labels and wallets",
		ArgsUsage: "SHELL",
		Category:  line.Program,
		Description: "It prints a script for bash, zsh, fish or powershell. With it the shell asks this program while you type; the program\n" +
			"looks at its own files and never at the network. To load it in every session:\n\n" +
			"  bash        echo 'source <(blockstack completion bash)' >> ~/.bashrc\n" +
			"  zsh         echo 'source <(blockstack completion zsh)' >> ~/.zshrc      (behind compinit)\n" +
			"  fish        blockstack completion fish > ~/.config/fish/completions/blockstack.fish\n" +
			"  powershell  blockstack completion powershell | Out-String | Invoke-Expression      (in $PROFILE)\n\n" +
			line.Examples("blockstack completion bash"),
		Action: line.PlainVerb(func(c *cli.Context) (string, error) {
			shell := c.Args().First()
			if !slices.Contains(completionShells(), shell) {
				return "", fault.Usage("no script for %s", line.Quote(shell)).Hint("there is one for %s", strings.Join(completionShells(), ", "))
			}
			return shell, nil
		}, runCompletion),
	}
}

// runCompletion prints a script.
func runCompletion(_ context.Context, env *session.Session, shell string) error {
	script, err := completionScripts.ReadFile("completion/blockstack." + shell)
	if err != nil {
		return fmt.Errorf("completion: %w", err)
	}
	if !env.Out.JSON() {
		env.Out.Raw(script)
		return nil
	}
	return env.Out.Result("completion", map[string]any{"shell": shell, "script": string(script)}, func(*voice.Text) {})
}
