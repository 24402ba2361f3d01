package profiles

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"blockstack/commands/fault"
	"blockstack/commands/verbtest"
	"blockstack/commands/voice"
	"blockstack/profile"
	"blockstack/profile/proof"
	"blockstack/profile/publish"
	"blockstack/testdata"
)

const (
	unsigned = `{"@type":"Person","@context":"http://schema.org","name":"Alice"}`
	stranger = "mnEYdCtkMEQgv4D3kkXHHK3VkYkXRGFNQz"
	bitcoin  = "1JeTQ5cQjsD57YGcsVFhwT7iuQUXJR6BSk"
)

// signed is a home with a wallet, and a profile of Alice that its identity 0 has signed.
func signed(t *testing.T) (h verbtest.Home, token string) {
	t.Helper()
	h = verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json")).WithWallet(t)
	token = filepath.Join(h.Dir, "token.json")
	o := h.Run(t, ProfileCommand(), "sign", h.File(t, "alice.json", unsigned), "--out", token, "--yes", "--json")
	if o.Fault != nil || o.Doc["owner_address"] != owner || o.Doc["file"] != token || o.Doc["issued_at"] == nil || o.Doc["expires_at"] == nil ||
		!strings.Contains(o.Said, "this is what "+owner+" will sign:") {
		t.Fatalf("%v %v", o.Fault, o.Doc)
	}
	return h, token
}

// wanted compares how a verb ended with an exit code, and what it said with parts of that. Nothing
// may be printed by what fails, but for a verdict.
func wanted(t *testing.T, o verbtest.Outcome, exit fault.ExitCode, says ...string) {
	t.Helper()
	text := o.Out + o.Said
	if o.Fault != nil {
		text += o.Fault.Message
	}
	if o.Exit() != exit {
		t.Errorf("exit %d, want %d: %v %s", o.Exit(), exit, o.Fault, text)
	}
	if o.Fault != nil && !o.Fault.KeepResult && o.Out != "" {
		t.Errorf("%v, and printed %s", o.Fault, o.Out)
	}
	for _, part := range says {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not said: %s", part, text)
		}
	}
}

// TestFields: each kind of field finds its place in the profile, and is shown from there.
func TestFields(t *testing.T) {
	h := verbtest.Empty(t)
	file := h.File(t, "alice.json", unsigned)
	o := h.Run(t, ProfileCommand(), "set", file, "account.github=alice", "account.twitter=ali", "payment.bitcoin="+bitcoin, "key.ssh=@"+h.File(t, "id.pub", "ssh-ed25519 AAAA\n"),
		"image.avatar=https://a.example/a.png", "address.addressLocality=Bern", "website=https://alice.example", "email=a@b.example", "--json")
	wanted(t, o, fault.ExitDone)
	var paths []string
	for _, c := range o.Doc["changes"].([]any) {
		paths = append(paths, c.(map[string]any)["path"].(string))
	}
	if strings.Join(paths, " ") != "account image address website email" || o.Doc["file"] != file || o.Doc["signed"] != false || o.Doc["name"] != nil {
		t.Errorf("%v %v", paths, o.Doc)
	}
	if got := h.Run(t, ProfileCommand(), "show", file).Out; got != "Alice\naddress\tBern\npicture\thttps://a.example/a.png\nwebsite\thttps://alice.example\nemail\ta@b.example\n"+
		"github\talice\ntwitter\tali\npay bitcoin\t"+bitcoin+"\nssh key\tssh-ed25519 AAAA\nnote\tnot signed\nissued at\t\nexpires at\t\nfrom\t\n" {
		t.Errorf("%q", got)
	}
	o = h.Run(t, ProfileCommand(), "show", file, "--json")
	if _, is := o.Doc["issuer_public_key"]; is || o.Doc["signed"] != false || o.Doc["verdict"] != nil || o.Doc["profile"].(map[string]any)["email"] != "a@b.example" {
		t.Errorf("%v", o.Doc)
	}
	wanted(t, h.Run(t, ProfileCommand(), "set", file, "name=Alice B"), fault.ExitDone, "- name  \"Alice\"\n+ name  \"Alice B\"\nfile\t"+file+"\n")
	wanted(t, h.Run(t, ProfileCommand(), "set", file, "name=Alice B"), fault.ExitDone, "no change\n")
	fresh := filepath.Join(h.Dir, "new.json")
	wanted(t, h.Run(t, ProfileCommand(), "unset", file, "email", "--out", fresh), fault.ExitDone, "- email  \"a@b.example\"\nfile\t"+fresh+"\n")
	if strings.Contains(string(mustRead(t, fresh)), "email") || !strings.Contains(string(mustRead(t, file)), "email") {
		t.Error("the result is to stand in the new file alone")
	}
	was := string(mustRead(t, file))
	key := h.File(t, "id", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n")
	for _, c := range []struct {
		words string
		exit  fault.ExitCode
		says  string
	}{
		{"set FILE image.avatar=@x.png", fault.ExitUsage, "so say the name and where to: profile set NAME image.avatar=@FILE --to DIR"},
		{"set FILE name=C --to www", fault.ExitUsage, "is not signed yet, so it cannot be published"},
		{"set FILE key.ssh=@" + key, fault.ExitUsage, "holds a private key; a profile is public"},
		{"unset FILE name --out " + fresh, fault.ExitFailed, fresh + ": file exists"},
		{"edit FILE", fault.ExitFailed, "neither VISUAL nor EDITOR names an editor"},
		{"show " + key, fault.ExitMalformed, key},
		{"diff FILE " + key, fault.ExitMalformed, key},
		{"sign " + key, fault.ExitMalformed, key},
	} {
		t.Setenv("VISUAL", "")
		t.Setenv("EDITOR", "")
		wanted(t, h.Run(t, ProfileCommand(), strings.Fields(strings.ReplaceAll(c.words, "FILE", file))...), c.exit, c.says)
	}
	t.Setenv("VISUAL", "false")
	wanted(t, h.Run(t, ProfileCommand(), "edit", file), fault.ExitFailed, "the editor ended with: exit status 1; nothing was changed")
	if string(mustRead(t, file)) != was {
		t.Error("what was refused has changed the file")
	}
	t.Setenv("TMPDIR", t.TempDir())
	t.Setenv("VISUAL", "echo { >")
	wanted(t, h.Run(t, ProfileCommand(), "edit", file), fault.ExitMalformed, "edited profile: ", "what you wrote is kept in "+os.Getenv("TMPDIR"))
	t.Setenv("VISUAL", "sed -i s/Alice/Carol/")
	wanted(t, h.Run(t, ProfileCommand(), "edit", file), fault.ExitDone, "+ name  \"Carol B\"")
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	if err != nil || len(left) != 1 {
		t.Errorf("only what could not be read is kept: %v %v", left, err)
	}
}

// TestProofs: accounts are claimed, listed and removed; what lacks its evidence changes nothing.
func TestProofs(t *testing.T) {
	h, token := signed(t)
	file := filepath.Join(h.Dir, "alice.json")
	o := h.Run(t, ProofCommand(), "add", file, "github", "alice", "--json")
	if o.Fault != nil || o.Doc["statement"] != "Verifying my Blockstack ID is secured with the address "+owner || o.Doc["place"] != "publish it as alice on github, and give --url of the post" ||
		string(mustRead(t, file)) != unsigned {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	wanted(t, h.Run(t, ProofCommand(), "add", file, "github", "alice"), fault.ExitDone, owner+"\n", "nothing is changed yet")
	wanted(t, h.Run(t, ProofCommand(), "add", file, "github", "alice", "--url", "https://gist.github.com/alice/1234"), fault.ExitDone, "https://gist.github.com/alice/1234")
	wanted(t, h.Run(t, ProofCommand(), "list", file), fault.ExitDone, "github\talice\thttps://gist.github.com/alice/1234\n")
	o = h.Run(t, ProofCommand(), "list", file, "--json")
	if got := fmt.Sprint(o.Doc["claims"]); got != "[map[has_signature:false identifier:alice proof_url:https://gist.github.com/alice/1234 service:github]]" {
		t.Error(got)
	}
	both := filepath.Join(h.Dir, "both.json")
	wanted(t, h.Run(t, ProfileCommand(), "sign", file, "--out", both, "--yes"), fault.ExitDone, "file\t"+both, "signed by\t"+owner)
	o = h.Run(t, ProofCommand(), "verify", both, "--address", owner, "--json")
	wanted(t, o, fault.ExitUnreachable, "1 proof could not be checked")
	if o.Doc["true"] != 0. || o.Doc["false"] != 0. || o.Doc["could_not_check"] != 1. || o.Doc["owner_address"] != owner || o.Doc["name"] != "" {
		t.Errorf("%v", o.Doc)
	}
	wanted(t, h.Run(t, ProofCommand(), "verify", both, "--address", stranger), fault.ExitWrongSigner)
	o = h.Run(t, ProofCommand(), "verify", token, "--address", owner, "--json")
	if o.Fault != nil || fmt.Sprint(o.Doc["proofs"]) != "[]" {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	wanted(t, h.Run(t, ProofCommand(), "remove", file, "twitter"), fault.ExitNotFound, "the profile has no such account: account.twitter")
	wanted(t, h.Run(t, ProofCommand(), "remove", file, "github", "bob"), fault.ExitNotFound, "no such account")
	wanted(t, h.Run(t, ProfileCommand(), "set", file, "account.twitter=ali"), fault.ExitDone)
	wanted(t, h.Run(t, ProofCommand(), "remove", file, "github"), fault.ExitDone, "- account")
	wanted(t, h.Run(t, ProofCommand(), "list", file), fault.ExitDone, "twitter\tali\t\n")
}

// TestWriteProofs: of a proof that could not be checked it is said what was known, and when.
func TestWriteProofs(t *testing.T) {
	var out bytes.Buffer
	p := voice.New(&out, io.Discard)
	is := proof.Result{Service: "github", Identifier: "alice", State: proof.Unchecked, Detail: "offline"}
	was := proof.Result{State: proof.True, CheckedAt: time.Unix(0, 0)}
	err := p.Result("proof.verify", nil, func(t *voice.Text) { writeProofs(t, []proof.Checked{{Result: is, Last: &was}, {Result: is}}) })
	if err = errors.Join(err, p.Commit()); err != nil {
		t.Fatal(err)
	}
	state := string(proof.Unchecked)
	if want := state + "\tgithub\talice\toffline (last known: " + string(proof.True) + ", at 1970-01-01T00:00:00Z)\n" + state + "\tgithub\talice\toffline\n"; out.String() != want {
		t.Errorf("%q, want %q", out.String(), want)
	}
}

// TestPublish: a profile is published into a folder, with its history; who edits an older one than
// is there keeps his own in a file, and may put both together.
func TestPublish(t *testing.T) {
	h, token := signed(t)
	www := filepath.Join(h.Dir, "www")
	set := func(word string, more ...string) verbtest.Outcome {
		return h.Run(t, ProfileCommand(), append([]string{"set", token, word, "--to", www, "--history", "--yes"}, more...)...)
	}
	o := h.Run(t, ProfileCommand(), "publish", token, "--to", www, "--history", "--public-url", "https://a.example/profile.json", "--name", "b_2.test", "--json")
	wanted(t, o, fault.ExitDone, "others cannot read it there", "whether b_2.test leads there is not known")
	for key, want := range map[string]any{"guarded": true, "history_version": 1., "name": "b_2.test", "name_points_there": nil, "next": "", "owner_address": owner, "path": "profile.json",
		"place": www, "readable": false, "replaced": false, "unchanged": false, "url": "https://a.example/profile.json", "valid": true} {
		if got, is := o.Doc[key]; !is || got != want {
			t.Errorf("%s: %v, want %v", key, got, want)
		}
	}
	wanted(t, h.Run(t, ProfileCommand(), "publish", token, "--to", www, "--name", "b_2.test"), fault.ExitDone,
		"place\t"+www+"\nfile\tprofile.json\nread back\tok\nname\tb_2.test, not checked\n", "whether b_2.test leads there is not, either: --public-url URL")
	if o = h.Run(t, ProfileCommand(), "publish", token, "--to", www, "--json"); o.Doc["unchanged"] != true || o.Doc["url"] != nil || o.Doc["readable"] != nil {
		t.Errorf("%v %v", o.Fault, o.Doc)
	}
	wanted(t, set("name=Alice D"), fault.ExitDone, "- name  \"Alice\"\n+ name  \"Alice D\"\n", "history\tversion 2\n")
	there := string(mustRead(t, filepath.Join(www, "profile.json")))
	for _, o := range []verbtest.Outcome{set("name=Alice E"), set("name=Alice F", "--merge")} {
		wanted(t, o, fault.ExitEditConflict, "it stays, and yours is kept in "+filepath.Join(h.Dir, "conflicts"))
	}
	if string(mustRead(t, filepath.Join(www, "profile.json"))) != there {
		t.Error("a conflict has changed what is there")
	}
	wanted(t, set("description=F", "--merge"), fault.ExitDone, "profile.json was changed elsewhere meanwhile; both changes are put together", "history\tversion 3\n")
	wanted(t, h.Run(t, ProfileCommand(), "diff", token, filepath.Join(www, "profile.json")), fault.ExitDone, "- name  \"Alice\"\n", "+ name  \"Alice D\"\n", "+ description  \"F\"\n")

	past := filepath.Join(www, publish.HistoryName)
	o = h.Run(t, ProfileCommand(), "history", past, "--address", owner, "--json")
	list, _ := o.Doc["versions"].([]any)
	if len(list) != 3 || o.Doc["owner_address"] != owner || o.Doc["head"] == "" {
		t.Fatalf("%v %v", o.Fault, o.Doc)
	}
	for i, v := range list {
		v := v.(map[string]any)
		if v["version"] != float64(i+1) || v["linked_at"] == "" || v["issued_at"] == nil || v["expires_at"] == nil || len(v["changes"].([]any)) == 0 {
			t.Errorf("%v", v)
		}
	}
	if text := h.Run(t, ProfileCommand(), "history", past, "--address", owner).Out; strings.Count(text, "\n") != 3 || !strings.HasPrefix(text, "1\t20") || !strings.Contains(text, "\n3\t") {
		t.Errorf("%q", text)
	}
	if o := h.Run(t, ProfileCommand(), "history", past, "--address", stranger); o.Fault == nil || o.Out != "" {
		t.Errorf("the history of another: %s", o.Out)
	}
	lines := strings.SplitAfter(string(mustRead(t, past)), "\n")
	for what, text := range map[string]string{"cut off": lines[0] + lines[1], "a version taken out": lines[0] + lines[2], "no history": "{}\n"} {
		if o := h.Run(t, ProfileCommand(), "history", h.File(t, "h.jsonl", text), "--address", owner); o.Fault == nil || o.Out != "" {
			t.Errorf("%s: %s", what, o.Out)
		}
	}
	wanted(t, h.Run(t, ProfileCommand(), "publish", token, "--hub", "https://hub.example"), fault.ExitUnreachable, "offline")
	wanted(t, h.Run(t, ProfileCommand(), "publish", token, "--to", "https://dav.example/"), fault.ExitUnreachable, "offline", "not guarded")
	wanted(t, h.Run(t, ProfileCommand(), "publish", token, "--to", www, "--identity", "1"), fault.ExitWrongSigner)
}

// TestPictures: a picture goes beside the profile that names it, and nothing but a picture does.
func TestPictures(t *testing.T) {
	h, token := signed(t)
	www := filepath.Join(h.Dir, "www")
	words := func(picture string, more ...string) []string {
		return append([]string{"set", token, "image.avatar=@" + picture, "--yes", "--to", www}, more...)
	}
	png := h.File(t, "me.png", "\x89PNG\r\n\x1a\n and more")
	public := []string{"--public-url", "https://a.example/alice/profile.json"}
	wanted(t, h.Run(t, ProfileCommand(), words(png)...), fault.ExitUsage, "so say the name and where to")
	wanted(t, h.Run(t, ProfileCommand(), words(h.File(t, "me.txt", "me"), public...)...), fault.ExitMalformed, "is not a PNG, JPEG, GIF or WebP picture")
	wanted(t, h.Run(t, ProfileCommand(), words(h.Dir+"/none", public...)...), fault.ExitNotFound, "no such file")
	if _, err := os.Stat(www); err == nil {
		t.Error("something was published")
	}
	wanted(t, h.Run(t, ProfileCommand(), words(png, public...)...), fault.ExitDone, "https://a.example/alice/avatar-0")
	if string(mustRead(t, filepath.Join(www, "avatar-0"))) != string(mustRead(t, png)) {
		t.Error("another picture was published")
	}
}

// TestVerdicts: one profile, and many, in words, for programs and for a build server.
func TestVerdicts(t *testing.T) {
	h, token := signed(t)
	file, none, junit := filepath.Join(h.Dir, "alice.json"), filepath.Join(h.Dir, "none"), filepath.Join(h.Dir, "report.xml")
	wanted(t, h.Run(t, ProfileCommand(), "verify", token, "--address", owner), fault.ExitDone, "valid\tyes\n", "owner\t"+owner+"\n", "issued at\t20", "expires at\t20")
	wanted(t, h.Run(t, ProfileCommand(), "verify", token, "--address", stranger), fault.ExitWrongSigner, "valid\tno: wrong_signer\n", "signer\tsigned by 0", "which is not the key of "+stranger)
	wanted(t, h.Run(t, ProfileCommand(), "verify", token, "--name", "b_2.test"), fault.ExitWrongSigner, "valid\tno: wrong_signer\n")
	o := h.Run(t, ProfileCommand(), "verify", token, "--address", stranger, "--json")
	if o.Doc["valid"] != false || o.Doc["reason"] != "wrong_signer" || o.Doc["owner_address"] != stranger || o.Doc["schema"] != "blockstack/profile.verify/v1" {
		t.Errorf("%v", o.Doc)
	}
	outcomes := ""
	for _, c := range o.Doc["checks"].([]any) {
		outcomes += fmt.Sprint(c.(map[string]any)["name"], "=", c.(map[string]any)["outcome"], " ")
	}
	if !strings.HasPrefix(outcomes, "format=passed signature=passed signer=failed ") {
		t.Error(outcomes)
	}
	wanted(t, h.Run(t, ProfileCommand(), "verify", token, file, none, "--address", owner, "--junit", junit), fault.ExitFailed,
		"ok\t"+token+"\n", "malformed\t"+file+": ", "error\t"+none+": profile: open ", "1 of 3 are valid, 1 malformed, 1 could not be judged")
	var report struct {
		Tests, Failures, Errors int `xml:",attr"`
		Suite                   struct {
			Cases []junitCase `xml:"testcase"`
		} `xml:"testsuite"`
	}
	raw := strings.NewReplacer(" tests=", " Tests=", " failures=", " Failures=", " errors=", " Errors=").Replace(string(mustRead(t, junit)))
	if err := xml.Unmarshal([]byte(raw), &report); err != nil || report.Tests != 3 || report.Failures != 1 || report.Errors != 1 || len(report.Suite.Cases) != 3 {
		t.Fatalf("%v %+v", err, report)
	}
	good, bad, lost := report.Suite.Cases[0], report.Suite.Cases[1], report.Suite.Cases[2]
	if good.Failure != nil || good.Error != nil || good.Name != token || bad.Failure == nil || bad.Failure.Type != "malformed" || bad.Error != nil ||
		lost.Failure != nil || lost.Error == nil || lost.Error.Type != "unjudged" || !strings.Contains(lost.Error.Message, "no such file") {
		t.Errorf("%+v", report.Suite.Cases)
	}
	if left, _ := filepath.Glob(junit + ".*"); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
	wanted(t, h.Run(t, ProfileCommand(), "verify", token, token, "--address", owner), fault.ExitDone, "all 2 valid, 0 of them with warnings")
	wanted(t, h.Run(t, ProfileCommand(), "verify", token, token, "--address", stranger), fault.ExitWrongSigner, "0 of 2 are valid, 2 wrong_signer")
	wanted(t, h.Run(t, ProfileCommand(), "verify", h.Dir+"/*.none", "--address", owner), fault.ExitNotFound, "no file fits")
	wanted(t, h.Run(t, ProfileCommand(), "verify", h.Dir+"/tok*.json", "--address", owner), fault.ExitDone, "ok\t"+token+"\n")
	policy := h.File(t, "signers.toml", "schema = \"blockstack/signers/v1\"\nrequire = [\"account.github\"]\n[[signer]]\naddress = \""+owner+"\"\n")
	o = h.Run(t, ProfileCommand(), "verify", token, "--policy", policy)
	wanted(t, o, o.Exit(), "0 of 1 are valid, 1 incomplete")
	wanted(t, h.Run(t, ProfileCommand(), "verify", token, "--policy", h.File(t, "bad.toml", "schema = 1\n")), fault.ExitUsage, "bad.toml: not a valid policy: line 1")
	for _, trust := range []string{"zz", "17ac43c1d8549c3181b200f1bf97eb7d@x", "17ac43c1d8549c3181b200f1bf97eb7d@-1", "@5"} {
		o := h.Run(t, ProfileCommand(), "verify", token, "--trust", trust)
		wanted(t, o, fault.ExitUsage, trust)
	}
	wanted(t, h.Run(t, ProfileCommand(), "verify", token, "--trust", "17ac43c1d8549c3181b200f1bf97eb7d@599000"), fault.ExitUsage, token+" is no bundle, and --trust is for bundles")
	wanted(t, h.Run(t, ProfileCommand(), "verify", none, "--trust", "17ac43c1d8549c3181b200f1bf97eb7d@599000"), fault.ExitNotFound, none)
	for _, words := range []string{"", " --height 100000", " --height 1"} {
		out := filepath.Join(h.Dir, "b.proof")
		o := h.Run(t, ProfileCommand(), strings.Fields("bundle b_2.test -o "+out+" --profile "+token+words)...)
		if _, err := os.Stat(out); o.Fault == nil || o.Out != "" || err == nil {
			t.Errorf("a bundle%s of a name without zone file and node: %s", words, o.Out)
		}
	}
}

// TestZoneFileShow: what a zone file says, and what stands in place of one.
func TestZoneFileShow(t *testing.T) {
	h := verbtest.Recorded(t, testdata.Vectors(t, "chain/d01-lifecycle.json"))
	show := func(text string, more ...string) verbtest.Outcome {
		return h.Run(t, ZoneFileCommand(), append([]string{"show", h.File(t, "z.txt", text)}, more...)...)
	}
	const text = "$ORIGIN b_2.test\n$TTL 3600\n_http._tcp IN URI 10 1 \"https://b.example/p.json\"\n"
	o := show(text, "--json")
	for key, want := range map[string]string{"name": "<nil>", "form": "zonefile", "origins": "[b_2.test]", "ttl": "3600", "profile_urls": "[https://b.example/p.json]", "data_keys": "[]",
		"problems": "[]", "bytes": fmt.Sprint(len(text)), "zonefile": text} {
		if got := fmt.Sprint(o.Doc[key]); got != want {
			t.Errorf("%s: %s, want %s", key, got, want)
		}
	}
	r := o.Doc["records"].([]any)[0].(map[string]any)
	if len(o.Doc["records"].([]any)) != 1 || r["line"] != 3. || r["type"] != "URI" {
		t.Errorf("%v", o.Doc["records"])
	}
	wanted(t, show(text), fault.ExitDone, "origin\tb_2.test\n", "profile at\thttps://b.example/p.json\n", "URI")
	wanted(t, show("hello"), fault.ExitDone, "form\tnot a zone file\n", "problem\t")
	wanted(t, show(`{"v":"0.2","name":{"formatted":"Al"},"bio":"x"}`), fault.ExitDone, "form\ta profile of before 2016", "Al\n")
	wanted(t, h.Run(t, ZoneFileCommand(), "show", "b_2.test"), fault.ExitUnreachable, "no source")
	made := h.Run(t, ZoneFileCommand(), "make", "b_2.test", "https://b.example/p.json")
	wanted(t, show(made.Out), fault.ExitDone, "profile at\thttps://b.example/p.json\n")
	key := "02ed9b172e392fd595e7918aa0c21a401a6bc1fba3bfd89872d3b92fabd971710c"
	made = h.Run(t, ZoneFileCommand(), "make", "b_2.test", "https://b.example/p.json", "--data-key", key)
	wanted(t, show(made.Out), fault.ExitDone, "data key\tpubkey:data:"+key+"\n")
	out := h.File(t, "mine.txt", "mine")
	wanted(t, h.Run(t, ZoneFileCommand(), "make", "b_2.test", "https://b.example/p.json", "--out", out), fault.ExitFailed, out+": file exists")
	if string(mustRead(t, out)) != "mine" {
		t.Error("a file that is there was written over")
	}
}

// TestChangeLines: what was stands before what will be; another order of the same has a name.
func TestChangeLines(t *testing.T) {
	for _, c := range []struct {
		v    changeView
		want string
	}{
		{changeView{Path: "name", Old: rawJSON(`"A"`), New: rawJSON(`"B"`)}, `- name  "A"|+ name  "B"`},
		{changeView{Path: "name", New: rawJSON(`"B"`)}, `+ name  "B"`},
		{changeView{Path: "name", Old: rawJSON(`"A"`)}, `- name  "A"`},
		{changeView{New: rawJSON(`["b","a"]`)}, `+ order  ["b","a"]`},
	} {
		if got := strings.Join(c.v.lines(), "|"); got != c.want {
			t.Errorf("%s, want %s", got, c.want)
		}
	}
	if b, err := rawJSON(nil).MarshalJSON(); err != nil || string(b) != "null" {
		t.Errorf("%s %v", b, err)
	}
	if len(viewChanges(nil)) != 0 || viewChanges(nil) == nil || len(viewChanges([]profile.Change{{Path: "a"}})) != 1 {
		t.Error("no change is an empty list")
	}
}
