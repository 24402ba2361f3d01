package naming

import (
	"fmt"
	"strings"
	"testing"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/names"
	"blockstack/names/holdings"
	"blockstack/names/index"
	"blockstack/testdata"
)

// TestRefusedWords: what each verb refuses before it opens anything.
func TestRefusedWords(t *testing.T) {
	for _, c := range []struct {
		command *cli.Command
		says    map[string]string
	}{
		{ListCommand(), map[string]string{
			"--lost --all":                "--lost is about your own names",
			"--lost --namespace id":       "--lost is about your own names",
			"--lost --owner 1Jabc":        "--lost is about your own names",
			"--namespace id --owner 1Jab": "--namespace and --owner cannot be combined",
			"alice.id":                    "takes no arguments, got 1",
		}},
		{ShowCommand(), map[string]string{"": "missing NAME", "alice.id bob.id": "takes 1 argument, got 2"}},
		{PriceCommand(), map[string]string{"": "missing NAME"}},
		{CheckCommand(), map[string]string{"": "missing NAME", "alice.id --owner": "--owner needs a value"}},
		{HistoryCommand(), map[string]string{"": "missing NAME", "alice.id --refused=1": "--refused takes no value"}},
		{UpdateCommand(), map[string]string{
			"alice.id": "say what the name points to",
			"alice.id --profile-url https://a.example/p --zonefile z": "say what the name points to",
			"--zonefile z":                      "missing NAME",
			"alice.id --zonefile z --target 0":  "--target 0 is not in",
			"alice.id --zonefile z --max-fee x": "max-fee",
		}},
		{TransferCommand(), map[string]string{"alice.id": "missing TO", "": "missing NAME and TO", "alice.id 1J --target 2000": "--target 2000 is not in"}},
		{RegisterCommand("name register"), map[string]string{
			"":                            "missing NAME",
			"alice.id":                    "say what the name points to",
			"alice.id --no-zonefile -x":   "unknown flag",
			"alice.id --no-zonefile --to": "unknown flag",
		}},
		{RevokeCommand(), map[string]string{"": "missing NAME", "alice.id --target -1": "--target"}},
	} {
		verbtest.Refused(t, c.command, c.says)
	}
}

// TestBadNames: what is no name is told as that by every verb about one, with nothing opened.
func TestBadNames(t *testing.T) {
	for _, c := range []*cli.Command{ShowCommand(), PriceCommand(), CheckCommand(), HistoryCommand(), RevokeCommand()} {
		for _, word := range []string{"alice", "Alice.id", "a.b.id", ".id", "alice.", "al ice.id", strings.Repeat("a", 40) + ".id"} {
			o := verbtest.Empty(t).Run(t, c, word)
			if o.Fault == nil || o.Fault.Code != "bad_name" || o.Out != "" {
				t.Errorf("%s %q: %v %q", c.Name, word, o.Fault, o.Out)
			}
		}
	}
}

// TestListed: the names of a namespace and of an owner, as the recorded chain left them.
func TestListed(t *testing.T) {
	lived, late := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json")), verbtest.Recorded(t, testdata.Vectors(t, "chain/d11-grace.json"))
	const alice = "mnEYdCtkMEQgv4D3kkXHHK3VkYkXRGFNQz"
	for _, c := range []struct {
		home  verbtest.Home
		words string
		want  string // NAME STATUS EXPIRES, …
	}{
		{lived, "--namespace test", "b_2.test registered 105899, bar-1.test registered 105899, foo.test revoked 105892, imported.test revoked 105895, second.test registered 105883"},
		{lived, "--owner " + alice, "bar-1.test registered 105899, second.test registered 105883"},
		{lived, "--owner 1BitcoinEaterAddressDontSendf59kuE", "bad_address"},
		{lived, "--owner alice", "bad_address"},
		{lived, "--namespace nowhere", ""},
		{lived, "--namespace No", "bad_name"},
		{late, "--namespace test", "g0.test registered 711, g3.test registered 703, g4.test grace 708"},
		{late, "--namespace test --all", "g0.test registered 711, g1.test expired 698, g2.test expired 698, g3.test registered 703, g4.test grace 708"},
	} {
		o := c.home.Run(t, ListCommand(), append(strings.Fields(c.words), "--json")...)
		var got []string
		if o.Fault != nil {
			got = append(got, o.Fault.Code)
		} else {
			for _, v := range o.Doc["names"].([]any) {
				n := v.(map[string]any)
				got = append(got, fmt.Sprintf("%s %s %.0f", n["name"], n["status"], n["expires_at_height"]))
			}
			if o.Doc["height"] == nil || len(o.Doc["consensus_hash"].(string)) != 32 {
				t.Errorf("%s: %v", c.words, o.Doc)
			}
		}
		if strings.Join(got, ", ") != c.want {
			t.Errorf("%s: %s, want %s", c.words, strings.Join(got, ", "), c.want)
		}
	}
	if o := lived.Run(t, ListCommand()); o.Fault == nil || !strings.HasPrefix(o.Fault.Message, "no wallet at ") || o.Exit() != fault.ExitNotFound {
		t.Errorf("without a wallet there are no names of one's own: %v", o.Fault)
	}
}

// TestShown: name show has every key, null where there is nothing, and says it in words too.
func TestShown(t *testing.T) {
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json"))
	for name, want := range map[string]map[string]any{
		"b_2.test": {"status": "registered", "owner_address": "mk4PdHZjUgt1neKRRnAP7q5po9ZdeFhXX3", "owner_script": "76a91431d28b2fe2d763bc23c04390577fc393f1ad5a9588ac",
			"zonefile_hash": "f0f907318191a822714e678eb806f9bf8974dab9", "first_registered_height": 709., "renewed_at_height": 709.,
			"expires_at_height": 105899., "grace_ends_at_height": 110899., "last_txid": "bc4f7c21b3d052e020978503f3f596ce85b9a55e84760492f91e53401d43377c"},
		"foo.test": {"status": "revoked", "zonefile_hash": nil, "first_registered_height": 695., "renewed_at_height": 702., "expires_at_height": 105892.},
		"new.test": {"status": "available", "owner_address": nil, "owner_script": nil, "zonefile_hash": nil, "first_registered_height": nil, "renewed_at_height": nil,
			"expires_at_height": nil, "last_txid": nil},
		"x.nowhere": {"status": "no_namespace", "owner_address": nil},
	} {
		o := h.Run(t, ShowCommand(), name, "--json")
		if o.Fault != nil || o.Doc["name"] != name || o.Doc["height"] != 712. || o.Doc["consensus_hash"] != "5fc7c90f8bc5f7ff19ee31773205b5e2" || o.Doc["job_id"] != nil {
			t.Errorf("%s: %v %v", name, o.Fault, o.Doc)
		}
		for key, value := range want {
			if got, there := o.Doc[key]; !there || got != value {
				t.Errorf("%s: %s is %v, want %v", name, key, got, value)
			}
		}
		text := h.Run(t, ShowCommand(), name).Out
		if status, _ := want["status"].(string); !strings.Contains(text, "name\t"+name+"\nstatus\t"+status+"\n") {
			t.Errorf("%s: %s", name, text)
		}
	}
}

// TestChecked: whether a name can be registered, why not, and for how much. It exits with 6 when it
// cannot.
func TestChecked(t *testing.T) {
	lived, late := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json")), verbtest.Recorded(t, testdata.Vectors(t, "chain/d11-grace.json"))
	for _, c := range []struct {
		home          verbtest.Home
		name          string
		reason        string // empty: it can
		says          string
		price, status any
	}{
		{lived, "new.test", "", "yes", 640000., "available"},
		{lived, "bar-2.test", "", "yes", 4000., "available"},
		{lived, "bar-1.test", "name_taken", "bar-1.test belongs to mnEYdCtkMEQgv4D3kkXHHK3VkYkXRGFNQz until block 105899", 4000., "registered"},
		{lived, "foo.test", "name_taken", "foo.test is revoked and not free until it expires", 640000., "revoked"},
		{lived, "x.nowhere", "namespace_closed", "namespace nowhere does not exist", nil, "no_namespace"},
		{late, "g4.test", "in_grace", "g4.test has expired, but until block 713 its owner can still renew it", 256000., "grace"},
		{late, "g1.test", "", "yes", 256000., "expired"},
	} {
		o := c.home.Run(t, CheckCommand(), c.name, "--json")
		can := c.reason == ""
		if o.Doc["can_register"] != can || o.Doc["status"] != c.status || o.Doc["price_sat"] != c.price {
			t.Errorf("%s: %v", c.name, o.Doc)
		}
		text := c.home.Run(t, CheckCommand(), c.name)
		switch {
		case can && (o.Fault != nil || o.Doc["reason"] != nil || !strings.Contains(text.Out, "can be registered\tyes\n")):
			t.Errorf("%s: %v %v %s", c.name, o.Fault, o.Doc, text.Out)
		case !can && (o.Exit() != fault.ExitRefused || o.Doc["reason"] != c.reason || o.Doc["message"] != c.says || !strings.Contains(text.Out, "can be registered\tno: "+c.says+"\n")):
			t.Errorf("%s: exit %d, %v %s", c.name, o.Exit(), o.Doc, text.Out)
		}
	}
}

// TestPriced: a price in the unit of the namespace; of a namespace that is not there it is an
// error.
func TestPriced(t *testing.T) {
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json"))
	for name, price := range map[string]float64{"new.test": 640000, "bar-2.test": 4000, "b_2.test": 64000} {
		o := h.Run(t, PriceCommand(), name, "--json")
		if o.Doc["price_sat"] != price || o.Doc["unit"] != "BTC" || o.Doc["height"] != 713. || o.Doc["namespace_status"] != "ready" {
			t.Errorf("%s: %v %v", name, o.Fault, o.Doc)
		}
	}
	if o := h.Run(t, PriceCommand(), "x.nowhere"); o.Exit() != fault.ExitNotFound || len(o.Fault.Hints) != 1 {
		t.Errorf("%v", o.Fault)
	}
}

// TestHistories: every operation on a name in order, and those that were refused by themselves,
// with the rule.
func TestHistories(t *testing.T) {
	list := func(h verbtest.Home, words ...string) (got []string) {
		o := h.Run(t, HistoryCommand(), append(words, "--json")...)
		if o.Fault != nil {
			t.Fatal(o.Fault)
		}
		for _, v := range o.Doc["operations"].([]any) {
			op := v.(map[string]any)
			if op["accepted"] != (op["reason"] == nil) || len(op["txid"].(string)) != 64 || op["sender_address"] == nil {
				t.Errorf("%v: %v", words, op)
			}
			got = append(got, fmt.Sprintf("%.0f %s", op["height"], op["opcode"]))
		}
		return got
	}
	lived := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json"))
	if got := strings.Join(list(lived, "foo.test"), ", "); got != "694 NAME_PREORDER, 695 NAME_REGISTRATION, 696 NAME_UPDATE, 697 NAME_TRANSFER, 698 NAME_UPDATE, "+
		"699 NAME_TRANSFER, 700 NAME_TRANSFER, 701 NAME_RENEWAL, 702 NAME_RENEWAL, 706 NAME_REVOKE" {
		t.Error(got)
	}
	if got := list(lived, "foo.test", "--refused"); len(got) != 0 {
		t.Errorf("refused: %q", got)
	}
	if got := list(lived, "nobody.test"); len(got) != 0 {
		t.Errorf("of a name that nobody had: %q", got)
	}
	rules := verbtest.Recorded(t, testdata.Vectors(t, "chain/d08-renew-rules.json"))
	if got := strings.Join(list(rules, "ren.test", "--refused"), ", "); got != "696 NAME_RENEWAL, 696 NAME_RENEWAL, 696 NAME_RENEWAL, 696 NAME_REGISTRATION, 700 NAME_RENEWAL" {
		t.Error(got)
	}
	text := rules.Run(t, HistoryCommand(), "ren.test", "--refused").Out
	if !strings.HasPrefix(text, "696\tNAME_RENEWAL\tmuQhdCsFbTSTNjSwnH7U4YykGYticKf1PW\t") || !strings.Contains(text, "\te047e4337a3164d8670e733e748afc5f7de8766661850b00cd3babee2a4d612e\n") {
		t.Error(text)
	}
}

// TestWhyNot: each status that keeps a name from being registered, before its namespace is looked
// at.
func TestWhyNot(t *testing.T) {
	ready, closed := names.Namespace{ID: "id", Status: names.NamespaceIsReady}, names.Namespace{ID: "id", Status: names.NamespaceRevealed}
	for _, c := range []struct {
		status names.Status
		ns     names.Namespace
		code   string
	}{
		{names.Available, ready, ""}, {names.Expired, ready, ""},
		{names.Available, closed, "namespace_closed"}, {names.Expired, closed, "namespace_closed"},
		{names.Registered, ready, "name_taken"}, {names.Registered, closed, "name_taken"},
		{names.Grace, ready, "in_grace"}, {names.Revoked, ready, "name_taken"},
	} {
		f := whyNot(names.Record{Name: parsed(t, "alice.id"), Status: c.status}, c.ns)
		if (f == nil) != (c.code == "") || f != nil && (f.Code != c.code || f.Exit() != fault.ExitRefused) {
			t.Errorf("%s in a namespace that is %s: %v, want %s", c.status, c.ns.Status, f, c.code)
		}
	}
	if f := whyNot(names.Record{Name: parsed(t, "alice.id"), Status: names.Registered, OwnerAddress: "1J"}, ready); strings.Contains(f.Message, "until") {
		t.Errorf("a name for ever: %s", f.Message)
	}
}

// TestWhatBecame says each event.
func TestWhatBecame(t *testing.T) {
	for want, c := range map[string]holdings.Change{
		"in grace up to 713": {Event: holdings.InGrace, Until: 713}, "given away": {Event: holdings.Moved}, "expired": {Event: holdings.Lost},
	} {
		if got := whatBecame(c); got != want {
			t.Errorf("%+v: %s", c, got)
		}
	}
}

// TestPages: pages are joined until one is not full; an error ends it.
func TestPages(t *testing.T) {
	const full = index.MaxPage
	asked := []names.Name{}
	list, err := pages(func(after names.Name) ([]names.Record, error) {
		asked = append(asked, after)
		n := full
		if len(asked) == 3 {
			n = 1
		}
		page := make([]names.Record, n)
		page[n-1].Name = parsed(t, fmt.Sprintf("n%d.id", len(asked)))
		return page, nil
	})
	if err != nil || len(list) != 2*full+1 || fmt.Sprint(asked) != "[ n1.id n2.id]" {
		t.Errorf("%d records after %v, %v", len(list), asked, err)
	}
}

func parsed(t *testing.T, name string) names.Name {
	t.Helper()
	n, err := names.Parse(name)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
