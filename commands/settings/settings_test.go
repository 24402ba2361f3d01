package settings

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/verbtest"
	"blockstack/home/config"
)

// TestSetRefuses: nothing is written of what is refused.
func TestSetRefuses(t *testing.T) {
	verbtest.Refused(t, SetCommand(), map[string]string{
		"":                              "missing KEY",
		"moon full":                     "moon",
		"network moonnet":               "network: ",
		"network regtest signet":        "network takes one value, got 2",
		"backend carrier-pigeon":        "backend: ",
		"node ftp://127.0.0.1":          "node: ",
		"node http://node.example:8332": "spoken to without TLS",
		"proxy http://127.0.0.1:8080":   "proxy: ",
		"peer http://host":              "peer: ",
		"insecure_node perhaps":         "insecure_node: ",
		"fee_ceiling x":                 "fee_ceiling",
		"password_file a b":             "password_file takes one value, got 2",
	})
	verbtest.Refused(t, ExplainCommand(), map[string]string{"": "missing KEY", "moon": "moon", "network node": "takes 1 argument, got 2"})
	verbtest.Refused(t, ShowCommand(), map[string]string{"network": "takes no arguments"})
	verbtest.Refused(t, PathCommand(), map[string]string{"file": "takes no arguments"})
}

// TestSetAndTaken: what is set stands in the file, is in force, is explained, and is taken out
// again; the rest of the file stays.
func TestSetAndTaken(t *testing.T) {
	h := verbtest.Empty(t)
	file := filepath.Join(h.Dir, "config.json")
	stands := func(key string) any {
		t.Helper()
		b, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		doc := map[string]any{}
		if err := json.Unmarshal(b, &doc); err != nil || doc["schema"] != config.Schema {
			t.Fatalf("%s: %v", b, err)
		}
		return doc[key]
	}
	if o := h.Run(t, SetCommand(), "backend", "bitcoind", "--json"); o.Fault != nil || o.Doc["file"] != file || o.Doc["key"] != "backend" {
		t.Fatalf("%v %v", o.Fault, o.Doc)
	}
	if o := h.Run(t, SetCommand(), "zonefiles", "zones", "https://example.org/zonefiles"); o.Fault != nil {
		t.Fatal(o.Fault)
	}
	list, _ := stands("zonefiles").([]any)
	if len(list) != 2 || !filepath.IsAbs(list[0].(string)) || filepath.Base(list[0].(string)) != "zones" || list[1] != "https://example.org/zonefiles" {
		t.Errorf("a folder is written with its whole path, a URL as it is: %v", list)
	}
	if stands("backend") != "bitcoind" {
		t.Error("what was set before is gone")
	}
	shown := h.Run(t, ShowCommand(), "--json")
	values, origin := shown.Doc["values"].(map[string]any), shown.Doc["origin"].(map[string]any)
	if values["backend"] != "bitcoind" || origin["backend"] != "file" || origin["network"] != "flag or environment" || values["network"] != "regtest" {
		t.Errorf("%v", shown.Doc)
	}
	if text := h.Run(t, ShowCommand()).Out; !strings.Contains(text, "backend\tbitcoind\tfile\n") {
		t.Error(text)
	}
	why := h.Run(t, ExplainCommand(), "--json", "backend")
	if why.Doc["origin"] != "file" || why.Doc["flag"] != "--backend" || why.Doc["variable"] != "BLOCKSTACK_BACKEND" || why.Doc["many"] != false ||
		len(why.Doc["allowed"].([]any)) < 3 || why.Doc["values"].([]any)[0] != "bitcoind" {
		t.Errorf("%v", why.Doc)
	}
	if o := h.Run(t, SetCommand(), "backend"); o.Fault != nil || !strings.Contains(o.Out, "backend\t(removed)\n") || stands("backend") != nil {
		t.Errorf("%v %s", o.Fault, o.Out)
	}
	if stands("zonefiles") == nil {
		t.Error("what was not taken out is gone")
	}
	if text := h.Run(t, ExplainCommand(), "backend").Out; !strings.Contains(text, "from\tdefault\n") {
		t.Error(text)
	}
}

// TestBrokenFile: a file that cannot be read is said by what needs it, is not written over, and
// config path works all the same.
func TestBrokenFile(t *testing.T) {
	h := verbtest.Empty(t)
	file := h.File(t, "config.json", `{"schema":"`+config.Schema+`","network":`)
	for _, c := range []struct {
		command *cli.Command
		words   []string
	}{{ShowCommand(), nil}, {ExplainCommand(), []string{"network"}}, {SetCommand(), []string{"network", "signet"}}} {
		if o := h.Run(t, c.command, c.words...); o.Fault == nil || o.Fault.Code != "bad_config" || !strings.Contains(o.Fault.Message, file) {
			t.Errorf("%s: %v", c.command.Name, o.Fault)
		}
	}
	if b, err := os.ReadFile(file); err != nil || !strings.HasSuffix(string(b), `"network":`) {
		t.Errorf("%s %v", b, err)
	}
	if o := h.Run(t, PathCommand(), "--json"); o.Fault != nil || o.Doc["file"] != file || o.Doc["home"] != h.Dir {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
}

// TestExplainEveryKey: every key has a meaning, and its values are listed where there are few.
func TestExplainEveryKey(t *testing.T) {
	for _, k := range config.Keys() {
		if AboutKey(k) == "" || strings.Contains(AboutKey(k), "`") {
			t.Errorf("%s: %q", k.Name, AboutKey(k))
		}
	}
	for _, c := range []struct {
		usage, want string
	}{
		{"`NAME`: a, b, c", "a b c"}, {"`NAME` of a thing", ""}, {"`NAME`: a, or what you like", ""}, {"no name", ""},
	} {
		if got := strings.Join(ListedValues(&cli.StringFlag{Name: "x", Usage: c.usage}), " "); got != c.want {
			t.Errorf("%s: %q", c.usage, got)
		}
	}
	if ListedValues(nil) != nil {
		t.Error("no flag has values")
	}
}
