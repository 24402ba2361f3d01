package faults

import (
	"fmt"
	"os"
	"strings"

	"blockstack/commands/fault"
	"blockstack/commands/line"
	"blockstack/commands/voice"
	"blockstack/home/config"
	"blockstack/storage/textfile"
)

// configErrors are the rows for the configuration.
func configErrors() []rule {
	return []rule{
		on(config.ErrNoHome, "usage", "name one with --home DIR or BLOCKSTACK_HOME"),
		on(config.ErrTwoPasswords, "usage", "give one of --password-file, --password-fd and --password-command; BLOCKSTACK_PASSWORD_FILE counts too"),
		onType("usage", func(e *config.OtherNetwork, f *fault.Fault) {
			f.Message = fmt.Sprintf("--sandbox and --network %s contradict each other", e.Network)
			f.Hint("leave out --network, or leave out --sandbox to use another node")
		}),
		onType("usage", func(e *config.UnknownKey, f *fault.Fault) {
			if s := line.Nearest(e.Name, config.KeyNames()); s != "" {
				f.Hint("did you mean %s?", s)
			}
			f.Hint("the keys are %s", strings.Join(config.KeyNames(), ", "))
		}),
		onType[*config.BadValue]("usage", nil),
		onType("bad_config", func(_ *config.BadFile, f *fault.Fault) {
			f.Hint("correct the file, or move it away to start afresh; its grammar: docs/formats.md")
		}),
		onType("newer_version", func(_ *textfile.Newer, f *fault.Fault) {
			f.Hint("use the newer program; nothing is wrong with the file")
		}),
		onType("file_access", func(e *config.Exposed, f *fault.Fault) {
			f.Hint("look whether it is as you left it, then: %s", mendExposed(e)).Detail("path", e.Path)
		}),
		onType("unreachable", nodeFault),
	}
}

// mendExposed is what puts a file right that others could have written.
func mendExposed(e *config.Exposed) string {
	switch e.What {
	case config.OthersOwn:
		return fmt.Sprintf("chown %d %s", os.Geteuid(), voice.ShellWord(e.Path))
	case config.OwnerReplaces:
		return "choose a folder of your own: --home DIR"
	}
	return "chmod go-w " + voice.ShellWord(e.Path)
}

// nodeFault completes the fault of a node that is not named rightly.
func nodeFault(e *config.NodeError, f *fault.Fault) {
	const folder, flag = "name it: --node DIR, such as --node ~/.bitcoin", "--"
	switch e.Reason {
	case config.NodeUnnamed:
		f.Hint("name one: --backend btcd|bitcoind --node URL --node-auth-file FILE, or for good: blockstack config set node URL").
			Hint("or read the block files of one: --backend files --node DIR").
			Hint("what each needs stands in docs/sources.md; to try everything on a chain of your own: blockstack sandbox start")
	case config.NodeAddress:
		f.Code, f.Message = "usage", flag+f.Message
	case config.NodeSecret:
		f.Code, f.Message = "secret_in_arguments", flag+f.Message
		f.Hint("put user:password into a file and name it with --node-auth-file FILE")
	case config.NodeNoURL:
		f.Code, f.Message = "usage", flag+f.Message
		f.Hint("give one, such as http://127.0.0.1:8332; or, where it is the folder of a node, read its block files with --backend files")
	case config.NodeNoCert:
		f.Code, f.Message = "usage", flag+f.Message
		f.Hint("name it with --node-cert-file FILE")
	case config.NodeCertFile:
		f.Code = "bad_config"
		f.Hint("it is where --node-cert-file or node_cert_file says")
	case config.NodeNoAuth:
		f.Hint("write user:password into a file with mode 600 and name it with --node-auth-file FILE").
			Hint("or try everything on a chain of your own: blockstack sandbox start")
	case config.NodeNoCookie:
		f.Hint("start the node; or name its cookie where it is")
	case config.NodeAuthFile: // not what "no such name" exits with
		f.Code = "bad_config"
		f.Hint("it is where --node-auth-file or node_auth_file says")
	case config.NodeAuthForm:
		f.Code = "usage"
	case config.NodeNoFolder:
		f.Code, f.Message = "usage", "--backend files needs the folder with a node's block files"
		f.Hint(folder)
	case config.NodeIsURL:
		f.Code, f.Message = "usage", fmt.Sprintf("--node %s is no folder, and --backend files reads one", e.What)
		f.Hint(folder)
	case config.NodeNoFiles:
		f.Code = "not_found"
		f.Hint("name the folder of a node derived from Bitcoin Core, or the one with blk00000.dat in it: --node DIR")
	}
}
