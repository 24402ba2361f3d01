package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// module is the path that our packages begin with.
const module = "blockstack"

// mayImport is the table of the architecture: which package may import which of ours. A new package
// is a new row. "*" stands for every package, and the package below testdata/ that serves tests is
// imported by tests only.
var mayImport = map[string][]string{
	".":                  {"commands"},
	"commands":           {"*"},
	"home/config":        {"storage/dial", "storage/textfile", "wallet/chain", "wallet/chain/node", "wallet/secretform"},
	"names":              {"names/outscript"},
	"names/nameop":       {"names"},
	"names/zonefile":     {"names"},
	"names/resolver":     {"names", "names/zonefile", "storage", "storage/dial"},
	"txbuilder":          {"names", "names/nameop", "txbuilder/psbtmap", "names/outscript"},
	"txbuilder/psbtmap":  {},
	"txbuilder/lastdays": {"storage/local"},

	// The engine of jobs and its parts, from the bottom up.
	"txbuilder/registrar": {"names", "txbuilder", "txbuilder/registrar/job", "txbuilder/registrar/ports", "txbuilder/registrar/journal",
		"txbuilder/registrar/reserve", "txbuilder/registrar/step", "txbuilder/registrar/record", "txbuilder/registrar/own",
		"txbuilder/registrar/facts", "txbuilder/registrar/terms", "txbuilder/registrar/doubt", "txbuilder/registrar/build",
		"txbuilder/registrar/match", "txbuilder/registrar/rescue", "txbuilder/registrar/estimate", "txbuilder/registrar/advance"},
	"txbuilder/registrar/job":     {"names", "names/nameop", "names/zonefile", "txbuilder"},
	"txbuilder/registrar/ports":   {"names", "txbuilder", "txbuilder/registrar/job"},
	"txbuilder/registrar/journal": {"txbuilder/registrar/job", "storage/dbfile", "storage"},
	"txbuilder/registrar/reserve": {"txbuilder/registrar/job", "txbuilder/registrar/ports"},
	"txbuilder/registrar/step":    {"names", "txbuilder/registrar/job"},
	"wallet/secret":               {},
	"wallet/secretform":           {},
	"wallet/chain":                {},
	"wallet/chain/headers":        {},
	"wallet/chain/chaintest":      {"wallet/chain", "wallet/chain/node"},
	"wallet/keychain":             {"names/importring", "wallet/keychain/hdpath", "wallet/keychain/keyfile", "wallet/keychain/seedphrase", "wallet/secret", "names/outscript"},
	"wallet/coins":                {"storage/dbfile", "wallet/chainsync", "wallet/labels", "wallet/scripts", "wallet/tracker", "wallet/watched"},
	"wallet/legacy":               {"wallet/keychain", "wallet/secret", "names/outscript"},
	"wallet/backup":               {"wallet/keychain", "wallet/secret", "storage/dbfile", "storage", "storage/local"},
	"wallet/agent":                {"wallet/keychain", "wallet/secret"},
	"wallet/keyring":              {"wallet/secret"},
	"wallet/sandbox":              {"wallet/chain", "wallet/chain/node"},
	"wallet":                      {"wallet/chainsync", "wallet/coins", "wallet/keychain", "wallet/labels", "wallet/scripts", "wallet/secret", "wallet/watched", "names/outscript"},
	"profile":                     {"names"},
	"profile/proof":               {"profile", "names", "storage"},
	"profile/edit":                {"profile", "profile/lookup", "names"},
	"profile/publish":             {"profile", "profile/edit", "profile/lookup", "names", "names/resolver", "storage"},
	"profile/seen":                {"profile", "storage", "storage/dbfile"},
	"profile/lookup":              {"profile", "profile/seen", "profile/bundle", "names", "names/resolver", "names/zonefile", "names/snv"},
	"profile/bundle":              {"profile", "names", "names/snv", "names/zonefile"},
	"storage":                     {},
	"storage/dbfile":              {"storage/local"},
	"storage/gaia":                {"storage", "storage/web"},
	"storage/gaia/gaiatest":       {},
	"storage/local":               {"storage"},
	"storage/storagetest":         {"storage"},
	"storage/web":                 {"storage", "storage/dial"},
	"storage/webdav":              {"storage", "storage/web"},
	"storage/textfile":            {"storage/local"},
	"testdata":                    {},
	"testdata/vectorreport":       {},
	"testdata/attack":             {},

	// What verbs stand on.
	"commands/fault":          {},
	"commands/voice":          {"commands/fault", "wallet/secretform"},
	"wallet/chain/follow":     {"wallet/chain"},
	"wallet/chain/node":       {"wallet/chain", "wallet/chain/follow", "wallet/chain/headers", "storage/dial"},
	"wallet/chain/peers":      {"wallet/chain", "wallet/chain/follow", "storage/dbfile", "storage/dial"},
	"wallet/chain/blockfiles": {"wallet/chain", "wallet/chain/headers"},
	"wallet/chain/mined":      {"wallet/chain"},
	"wallet/sandboxtest":      {"wallet/chain/chaintest", "wallet/sandbox"},
	"storage/dial":            {},
	"names/state":             {"names", "names/nameop"},
	"names/rules":             {"names", "names/importring", "names/nameop", "names/state"},
	"names/index":             {"names", "names/nameop", "names/index/scan", "names/index/store", "names/rules", "names/state", "storage/dbfile", "storage/local"},
	"names/snv":               {"names", "names/nameop", "names/index", "names/state"},
	"names/holdings":          {"names", "names/nameop", "names/index"},
	"names/snv/snvtest":       {"names", "names/nameop", "names/index"},
	"wallet/scripts":          {"wallet/labels", "names/outscript"},
	"wallet/labels":           {"storage/dbfile"},
	"wallet/watched":          {"storage/dbfile", "wallet/labels", "wallet/scripts"},
	"wallet/watchedtest":      {"wallet/labels", "wallet/scripts", "wallet/watched"},
	"wallet/tracker":          {"storage/dbfile", "wallet/labels", "wallet/scripts", "wallet/watched"},
	"wallet/chainsync":        {"storage/dbfile", "wallet/chain", "wallet/labels", "wallet/scripts", "wallet/tracker", "wallet/watched"},
	"commands/prompt":         {"commands/fault", "commands/voice", "wallet/secret"},

	// Who is asked about the chain, and how connections are made.
	"names/index/scan":     {"names", "names/nameop", "names/state"},
	"names/index/store":    {"names", "names/nameop", "names/rules", "names/state"},
	"names/index/scenario": {"names", "names/index/scan"},
	"names/index/replay":   {"names", "names/index", "names/index/scenario", "names/state"},
	"home/money": {"txbuilder", "txbuilder/lastdays", "txbuilder/registrar", "txbuilder/payments", "txbuilder/payments/bump", "txbuilder/payments/paid",
		"txbuilder/payments/send", "txbuilder/payments/sweep", "wallet", "wallet/chain", "wallet/coins", "wallet/labels", "wallet/legacy", "wallet/scripts"},
	"txbuilder/payments":       {"names", "txbuilder", "txbuilder/payments/bills", "txbuilder/payments/paid", "txbuilder/payments/send"},
	"txbuilder/payments/bills": {"txbuilder", "storage/textfile"},
	"txbuilder/payments/bump":  {"txbuilder", "txbuilder/payments", "txbuilder/payments/paid", "txbuilder/payments/send"},
	"txbuilder/payments/paid":  {},
	"txbuilder/payments/send":  {},
	"txbuilder/payments/sweep": {"txbuilder", "txbuilder/payments", "txbuilder/payments/send"},
	"home":                     {"home/config", "home/jobports", "home/money", "home/unfollowed", "names", "names/index", "names/resolver", "profile", "profile/edit", "profile/lookup", "profile/proof", "profile/publish", "profile/seen", "storage", "storage/dial", "storage/local", "storage/textfile", "txbuilder", "txbuilder/lastdays", "txbuilder/payments", "txbuilder/payments/send", "txbuilder/registrar", "txbuilder/registrar/conduct", "wallet", "wallet/agent", "wallet/backup", "wallet/chain", "wallet/chain/blockfiles", "wallet/chain/headers", "wallet/chain/node", "wallet/chain/peers", "wallet/chainsync", "wallet/keychain", "wallet/labels", "wallet/legacy", "wallet/sandbox", "wallet/scripts"},
	"home/jobports": {
		"names", "names/index", "names/resolver", "names/snv", "storage/local", "txbuilder", "txbuilder/registrar",
		"wallet", "wallet/chain", "wallet/chain/node", "wallet/keychain",
	},
	"home/unfollowed":            {"names", "names/index", "txbuilder", "txbuilder/registrar", "wallet/coins"},
	"wallet/keychain/hdpath":     {},
	"wallet/keychain/keyfile":    {"wallet/keychain/hdpath", "wallet/keychain/seedphrase", "wallet/secret", "storage/dbfile", "storage/local"},
	"wallet/keychain/seedphrase": {"wallet/secret"},

	// Who is asked about the chain, and how connections are made.
	"txbuilder/registrar/record": {"txbuilder/registrar/job", "txbuilder/registrar/ports"},
	"txbuilder/registrar/own": {"names", "names/nameop", "txbuilder", "txbuilder/registrar/job", "txbuilder/registrar/ports",
		"txbuilder/registrar/reserve"},
	"txbuilder/registrar/facts": {"names", "txbuilder/registrar/job", "txbuilder/registrar/ports", "txbuilder/registrar/step"},
	"txbuilder/registrar/terms": {"names", "names/nameop", "names/zonefile", "txbuilder", "txbuilder/registrar/job", "txbuilder/registrar/ports",
		"txbuilder/registrar/reserve", "txbuilder/registrar/own"},
	"txbuilder/registrar/doubt": {"txbuilder/lastdays", "txbuilder/registrar/job", "txbuilder/registrar/ports", "txbuilder/registrar/own"},
	"txbuilder/registrar/build": {"names", "txbuilder", "txbuilder/registrar/job", "txbuilder/registrar/ports", "txbuilder/registrar/reserve",
		"txbuilder/registrar/step", "txbuilder/registrar/record", "txbuilder/registrar/own", "txbuilder/registrar/facts",
		"txbuilder/registrar/terms", "txbuilder/registrar/doubt"},
	"txbuilder/registrar/match": {"names", "txbuilder/registrar/job", "txbuilder/registrar/ports", "txbuilder/registrar/step",
		"txbuilder/registrar/facts"},
	"txbuilder/registrar/rescue": {"names", "names/nameop", "txbuilder", "txbuilder/registrar/job", "txbuilder/registrar/ports",
		"txbuilder/registrar/step", "txbuilder/registrar/record", "txbuilder/registrar/own", "txbuilder/registrar/facts",
		"txbuilder/registrar/terms", "txbuilder/registrar/build", "txbuilder/registrar/match"},
	"txbuilder/registrar/estimate": {"names", "txbuilder", "txbuilder/registrar/job", "txbuilder/registrar/ports", "txbuilder/registrar/own",
		"txbuilder/registrar/terms", "txbuilder/registrar/doubt", "txbuilder/registrar/build", "txbuilder/registrar/match",
		"txbuilder/registrar/rescue"},
	"txbuilder/registrar/advance": {"txbuilder", "txbuilder/registrar/job", "txbuilder/registrar/ports", "txbuilder/registrar/step",
		"txbuilder/registrar/record", "txbuilder/registrar/facts", "txbuilder/registrar/terms", "txbuilder/registrar/doubt",
		"txbuilder/registrar/build", "txbuilder/registrar/rescue"},
	"txbuilder/registrar/lists": {"names", "txbuilder", "txbuilder/registrar/job", "txbuilder/registrar/own", "txbuilder/registrar/terms",
		"txbuilder/registrar/estimate"},
	"txbuilder/registrar/schedule": {"txbuilder/registrar/job"},
	"names/importring":             {},
	"commands/record":              {"commands/voice", "names", "names/index", "txbuilder/registrar/job"},
	"commands/faults":              {"*"},
	"commands/line": {"commands/fault", "commands/prompt", "commands/voice", "home/config", "names", "names/zonefile",
		"wallet/secretform"},
	"names/outscript":            {},
	"testdata/slowest":           {},
	"txbuilder/payments/signing": {"names/nameop", "txbuilder", "txbuilder/payments"},

	// The verbs, by subject, and what they share. A verb imports no other: that is a test of its
	// own.
	"commands/profiles": {
		"commands/fault", "commands/line", "commands/prompt", "commands/record", "commands/session",
		"commands/voice", "home", "home/config", "names", "names/index", "names/resolver", "names/snv",
		"names/zonefile", "profile", "profile/bundle", "profile/edit", "profile/lookup", "profile/proof",
		"profile/publish", "profile/seen", "storage/gaia", "storage/local", "storage/textfile", "storage/webdav",
		"wallet", "wallet/chain", "wallet/sandbox", "wallet/scripts",
	},
	"txbuilder/registrar/ports/portstest": {"names", "names/nameop", "txbuilder", "txbuilder/registrar/job", "txbuilder/registrar/ports"},
	"commands/session": {
		"commands/fault", "commands/faults", "commands/line", "commands/prompt", "commands/voice", "home",
		"home/config", "home/jobports", "home/money", "home/unlock", "names", "names/index", "profile/lookup", "storage/textfile",
		"txbuilder", "txbuilder/payments", "txbuilder/registrar", "wallet", "wallet/chain/node", "wallet/chain/peers",
		"wallet/coins", "wallet/keychain", "wallet/secret",
	},
	"commands/jobrun": {
		"commands/fault", "commands/faults", "commands/line", "commands/prompt", "commands/psbtfile",
		"commands/session", "commands/voice", "home", "home/config", "home/unlock", "names", "names/index", "names/zonefile",
		"storage/textfile", "txbuilder", "txbuilder/registrar", "txbuilder/registrar/conduct", "txbuilder/registrar/schedule",
		"wallet/scripts",
	},
	"commands/psbtfile": {
		"commands/fault", "commands/session", "storage/textfile", "txbuilder", "txbuilder/psbtmap",
	},
	"commands/owned": {
		"commands/jobrun", "commands/session", "commands/voice", "home", "home/config", "home/unfollowed", "names",
		"names/holdings", "names/index", "txbuilder", "txbuilder/registrar", "wallet", "wallet/labels",
	},
	"commands/process":  {},
	"commands/specfile": {"commands/fault", "names", "names/nameop", "storage/textfile"},
	"commands/settings": {
		"commands/fault", "commands/line", "commands/session", "commands/voice", "home/config", "wallet/agent",
	},
	"commands/jobs": {
		"commands/fault", "commands/faults", "commands/jobrun", "commands/line", "commands/owned",
		"commands/psbtfile", "commands/session", "commands/specfile", "commands/voice", "home", "home/jobports", "names",
		"names/holdings", "names/index", "names/nameop", "names/zonefile", "storage/textfile",
		"txbuilder/lastdays", "txbuilder/registrar", "txbuilder/registrar/conduct", "wallet", "wallet/chain",
	},
	"commands/naming": {
		"commands/fault", "commands/faults", "commands/jobrun", "commands/line", "commands/owned",
		"commands/record", "commands/session", "commands/voice", "home", "names", "names/holdings", "names/index",
		"names/state", "txbuilder/registrar", "txbuilder/registrar/conduct",
	},
	"commands/lists": {
		"commands/fault", "commands/faults", "commands/jobrun", "commands/line", "commands/owned",
		"commands/session", "commands/voice", "home", "names", "names/index", "names/zonefile", "storage/textfile",
		"txbuilder", "txbuilder/registrar", "txbuilder/registrar/lists", "wallet",
	},
	"commands/namespaces": {
		"commands/fault", "commands/jobrun", "commands/line", "commands/record", "commands/session",
		"commands/specfile", "commands/voice", "names", "names/zonefile", "txbuilder/registrar",
		"txbuilder/registrar/conduct", "wallet",
	},
	"commands/paying": {
		"commands/fault", "commands/faults", "commands/jobrun", "commands/line", "commands/prompt",
		"commands/psbtfile", "commands/session", "commands/voice", "home", "home/money", "names", "names/index",
		"storage/textfile", "txbuilder", "txbuilder/payments", "txbuilder/payments/bills",
		"txbuilder/payments/bump", "txbuilder/payments/paid", "txbuilder/payments/send", "txbuilder/registrar",
		"wallet", "wallet/coins", "wallet/scripts", "wallet/labels",
	},
	"commands/wallets": {
		"commands/fault", "commands/line", "commands/owned", "commands/process", "commands/prompt",
		"commands/session", "commands/voice", "home", "home/config", "home/lastbackup", "home/money", "names",
		"names/index", "storage/local", "storage/textfile", "txbuilder", "txbuilder/lastdays",
		"txbuilder/payments/bills", "txbuilder/payments/sweep", "txbuilder/registrar", "wallet", "wallet/agent",
		"wallet/backup", "wallet/chain", "wallet/keychain", "wallet/keyring", "wallet/labels", "wallet/legacy",
		"wallet/scripts", "wallet/secret", "wallet/watched", "wallet/coins",
	},
	"commands/identities": {
		"commands/fault", "commands/line", "commands/session", "commands/voice", "home", "names", "names/index",
		"wallet", "wallet/scripts", "wallet/coins",
	},
	"commands/psbts": {
		"commands/faults", "commands/jobrun", "commands/line", "commands/owned", "commands/psbtfile",
		"commands/session", "commands/voice", "home", "home/money", "names", "names/nameop", "txbuilder",
		"txbuilder/payments", "txbuilder/payments/paid", "txbuilder/payments/signing", "txbuilder/psbtmap",
		"txbuilder/registrar", "wallet", "wallet/labels", "wallet/scripts", "wallet/watched",
	},
	"commands/indexes": {
		"commands/fault", "commands/line", "commands/record", "commands/session", "commands/voice", "home",
		"names", "names/index", "names/index/replay", "names/state", "storage/textfile",
	},
	"commands/sandboxes": {
		"commands/fault", "commands/line", "commands/record", "commands/session", "commands/voice", "home",
		"home/config", "names", "names/nameop", "storage/textfile", "txbuilder", "txbuilder/registrar",
		"wallet/sandbox",
	},
	"commands/health": {
		"commands/fault", "commands/faults", "commands/jobrun", "commands/line", "commands/owned",
		"commands/session", "commands/voice", "home", "home/config", "home/lastbackup", "names", "names/holdings",
		"names/index", "profile/seen", "storage/dbfile", "storage/local", "txbuilder/lastdays",
		"txbuilder/registrar", "wallet", "wallet/agent", "wallet/backup", "wallet/keychain",
	},
	"home/lastbackup": {"home/config", "storage/textfile", "wallet/keychain"},
	"commands/scripttest": {
		"commands", "commands/line", "commands/prompt", "commands/session", "commands/voice", "home/config", "storage/dbfile",
		"storage/gaia/gaiatest", "wallet/chain/chaintest", "wallet/keychain", "wallet/sandbox", "wallet/scripts", "wallet/secret",
	},
	"commands/scripts/interrupted": {},
	"commands/scripts/money":       {},
	"commands/scripts/names":       {},
	"commands/scripts/profiles":    {},
	"commands/scripts/program":     {},
	"commands/scripts/wallets":     {},
	"home/unlock": {
		"home/config", "wallet", "wallet/agent", "wallet/backup", "wallet/keychain", "wallet/keyring", "wallet/legacy", "wallet/secret",
	},
	"commands/verbtest": {
		"commands/fault", "commands/faults", "commands/line", "commands/prompt", "commands/session", "commands/voice", "home",
		"home/config", "names", "names/index", "names/index/scenario", "txbuilder/lastdays", "txbuilder/registrar", "wallet", "wallet/keychain", "wallet/secret",
	},

	// The transcripts, a package for each group, and what runs them: tests only.
	"txbuilder/registrar/conduct": {"names", "txbuilder", "txbuilder/registrar", "txbuilder/registrar/schedule"},
	"storage/dial/dialtest":       {},
}

// v1Modules are the modules of btcd whose first major version is forbidden: mixed with the second
// it compiles until types meet.
var v1Modules = []string{"wire", "txscript", "chaincfg", "chainhash", "btcutil", "psbt", "address", "btcec"}

// TestImports reads the import lines of every file itself. It does not run go list, because the
// test cache cannot see what a child process reads.
func TestImports(t *testing.T) {
	seen := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if file != "." && (strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_") || file == "bin" || file == "dist") {
				return filepath.SkipDir
			}
			return nil
		}
		if !strings.HasSuffix(file, ".go") {
			return nil
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		allowed, known := mayImport[pkg]
		if !known && !seen[pkg] {
			t.Errorf("package %s has no row in the import table: add it here and to the architecture", pkg)
		}
		seen[pkg] = true
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if forbiddenV1(imported) {
				t.Errorf("%s imports %s: only the second major version", file, imported)
			}
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			if !isOurs || !known || strings.HasSuffix(file, "_test.go") {
				continue
			}
			if !slices.Contains(allowed, ours) && (!slices.Contains(allowed, "*") || strings.HasPrefix(ours, "testdata")) {
				t.Errorf("%s imports %s: the import table does not allow it", file, ours)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !seen["."] || !seen["commands"] {
		t.Error("the walk did not reach the packages")
	}
	for pkg := range mayImport {
		if !seen[pkg] {
			t.Logf("the import table has a row for %s, which does not exist yet", pkg)
		}
	}
}

// verbPackages have the verbs of the command line.
var verbPackages = []string{
	"commands/health", "commands/identities", "commands/indexes", "commands/jobs", "commands/lists", "commands/namespaces",
	"commands/naming", "commands/paying", "commands/profiles", "commands/psbts", "commands/sandboxes", "commands/settings",
	"commands/wallets",
}

// TestVerbsApart: no package of verbs imports another one, and what verbs share imports none of
// them.
func TestVerbsApart(t *testing.T) {
	for pkg, allowed := range mayImport {
		if pkg == "commands" || pkg == "." {
			continue
		}
		for _, verbs := range verbPackages {
			if pkg != verbs && slices.Contains(allowed, verbs) {
				t.Errorf("%s may import %s, which has verbs", pkg, verbs)
			}
		}
	}
	for _, verbs := range verbPackages {
		if _, known := mayImport[verbs]; !known {
			t.Errorf("%s has no row in the import table", verbs)
		}
	}
}

// apartFromVerbs are the modules that only rooms import: what transactions, scripts and blocks are
// made of, coins and the wallet's store, and connections to nodes and peers.
var apartFromVerbs = []string{
	"github.com/btcsuite/btcd/wire", "github.com/btcsuite/btcd/txscript", "github.com/btcsuite/btcd/address", "github.com/btcsuite/btcd/blockchain",
	"github.com/btcsuite/btcd/rpcclient", "github.com/btcsuite/btcwallet", "github.com/lightninglabs/neutrino",
}

// psbtVerbs hold a PSBT in their hands: the other verbs hand it on.
var psbtVerbs = []string{"commands/psbtfile", "commands/psbts", "commands/jobrun", "commands/jobs"}

// TestNoTransactionsInCommands: verbs have names, amounts and transaction ids; what is in a
// transaction is for the rooms. The programs that the transcripts run (commands/scripttest) forge
// some.
func TestNoTransactionsInCommands(t *testing.T) {
	read := 0
	err := filepath.WalkDir("commands", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return err
		}
		pkg := filepath.ToSlash(filepath.Dir(file))
		if pkg == "commands/scripttest" {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range f.Imports {
			read++
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			if !forCommands(pkg, imported) {
				t.Errorf("%s imports %s, which is for rooms", file, imported)
			}
		}
		return nil
	})
	if err != nil || read < 500 {
		t.Errorf("%d imports were read: %v", read, err)
	}
}

// forCommands reports whether a package of commands may import a path.
func forCommands(pkg, imported string) bool {
	for _, module := range apartFromVerbs {
		if imported == module || strings.HasPrefix(imported, module+"/") {
			return false
		}
	}
	return !strings.HasPrefix(imported, "github.com/btcsuite/btcd/psbt/") || slices.Contains(psbtVerbs, pkg)
}

// TestForCommands holds the rule itself to examples.
func TestForCommands(t *testing.T) {
	for _, c := range []struct {
		pkg, imported string
		want          bool
	}{
		{"commands/paying", "github.com/btcsuite/btcd/wire/v2", false},
		{"commands/psbts", "github.com/btcsuite/btcd/txscript/v2", false},
		{"commands/paying", "github.com/btcsuite/btcwallet/wtxmgr", false},
		{"commands/paying", "github.com/btcsuite/btcd/psbt/v2", false},
		{"commands/psbts", "github.com/btcsuite/btcd/psbt/v2", true},
		{"commands/paying", "github.com/btcsuite/btcd/btcutil/v2", true},
		{"commands/paying", "github.com/btcsuite/btcd/chainhash/v2", true},
	} {
		if got := forCommands(c.pkg, c.imported); got != c.want {
			t.Errorf("%s, %s: %v", c.pkg, c.imported, got)
		}
	}
}

// TestForbiddenV1 holds the rule itself to examples.
func TestForbiddenV1(t *testing.T) {
	for imported, want := range map[string]bool{
		"github.com/btcsuite/btcd/wire":                  true,
		"github.com/btcsuite/btcd/wire/v2":               false,
		"github.com/btcsuite/btcd/chaincfg/chainhash":    true,
		"github.com/btcsuite/btcd/chainhash/v2":          false,
		"github.com/btcsuite/btcd/btcutil/hdkeychain":    true,
		"github.com/btcsuite/btcd/btcutil/v2/hdkeychain": false,
		"github.com/btcsuite/btcd/btcec/v2/ecdsa":        false,
		"github.com/btcsuite/btcd/btcec":                 true,
		"github.com/btcsuite/btcutil":                    true,
		"github.com/btcsuite/btcd/rpcclient":             false,
	} {
		if got := forbiddenV1(imported); got != want {
			t.Errorf("%s: forbidden %v, want %v", imported, got, want)
		}
	}
}

// forbiddenV1 reports whether an import path belongs to the first major version of btcd's modules.
func forbiddenV1(imported string) bool {
	if imported == "github.com/btcsuite/btcutil" || strings.HasPrefix(imported, "github.com/btcsuite/btcutil/") {
		return true
	}
	rest, ok := strings.CutPrefix(imported, "github.com/btcsuite/btcd/")
	if !ok {
		return false
	}
	first, sub, _ := strings.Cut(rest, "/")
	return slices.Contains(v1Modules, first) && sub != "v2" && !strings.HasPrefix(sub, "v2/")
}
