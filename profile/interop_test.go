package profile

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
)

// randomText is text with all that JSON writers disagree about.
func randomText(r *rand.Rand) string {
	alphabet := []rune("abc XYZ019_-/\\\"'<>&=\t\n\r\b\f\x01\x1f\u007f\u00e9\u0161\u2028\u2029日本🦊\ufffd\u202e")
	b := make([]rune, r.IntN(12))
	for i := range b {
		b[i] = alphabet[r.IntN(len(alphabet))]
	}
	return string(b)
}

// randomValue is a JSON value as JSON.stringify would write it.
func randomValue(r *rand.Rand, depth int) json.RawMessage {
	switch n := r.IntN(8); {
	case n == 0:
		return json.RawMessage("null")
	case n == 1:
		return json.RawMessage([]string{"true", "false"}[r.IntN(2)])
	case n == 2:
		return json.RawMessage([]string{"0", "-1", "1.5", "1e+21", "123456789012345680000", "5e-324", "9007199254740993"}[r.IntN(7)])
	case n == 3 && depth > 0:
		var elems []json.RawMessage
		for range r.IntN(4) {
			elems = append(elems, randomValue(r, depth-1))
		}
		return joinArray(elems)
	case n == 4 && depth > 0:
		return joinObject(randomFields(r, depth-1))
	}
	return quoteJSON(randomText(r))
}

// randomFields have names that cannot be taken for list indexes, which JavaScript would sort to the
// front.
func randomFields(r *rand.Rand, depth int) []field {
	var fields []field
	for i := range r.IntN(5) {
		fields = append(fields, newField(fmt.Sprintf("k%d%s", i, randomText(r)), randomValue(r, depth)))
	}
	return fields
}

func randomProfile(r *rand.Rand) *Profile {
	p := New([]string{Person, Organization, CreativeWork}[r.IntN(3)])
	for _, path := range []string{"name", "description", "image.avatar", "account.twitter", "payment.bitcoin", "key.ssh", "website", "apps.https://a.example.com"} {
		if r.IntN(2) == 0 {
			if err := p.Set(path, randomText(r)); err != nil {
				panic(err)
			}
		}
	}
	p.fields = append(p.fields, randomFields(r, 3)...)
	return p
}

func randomKey(r *rand.Rand) *btcec.PrivateKey {
	b := make([]byte, 32)
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	b[0] &= 0x7f // below the group order
	key, _ := btcec.PrivKeyFromBytes(b)
	return key
}

// Random profiles through signing, the file and verification come out as they went in.
func TestSignAndVerifyRandomProfiles(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for range 200 {
		key, p := randomKey(r), randomProfile(r)
		token := issue(t, key, p, now)
		owner, err := OwnerAddress(addressOf(key), MainnetVersions())
		if err != nil {
			t.Fatal(err)
		}
		v := &Verifier{Owner: owner, Clock: func() time.Time { return now }}
		report, err := v.VerifyBytes(context.Background(), token.File())
		if err != nil {
			t.Fatal(err)
		}
		back, err := report.Profile()
		if err != nil || !back.Equal(p) || len(report.Warnings) > 0 {
			t.Fatalf("%v\nhave %s\nwant %s", err, written(back), written(p))
		}
	}
}

// node is the old libraries as a process that answers line by line.
type node struct {
	in  io.Writer
	out *bufio.Reader
}

func startNode(t *testing.T) *node {
	t.Helper()
	if os.Getenv("INTEROP") == "" {
		t.Skip("INTEROP is not set; run make interop")
	}
	cmd := exec.Command("node", "profiles.js")
	cmd.Dir = "../testdata/interop"
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		if err := cmd.Wait(); err != nil {
			t.Error(err)
		}
	})
	return &node{in: in, out: bufio.NewReader(out)}
}

// version gives the name and version of a library, so that the log says what was run.
func (n *node) version(t *testing.T, library string) string {
	return n.ask(t, map[string]any{"library": library, "do": "version"}).Version
}

// interopAnswer is what the libraries say.
type interopAnswer struct {
	Token, File, Error, Version string
	Claim                       json.RawMessage
}

func (n *node) ask(t *testing.T, request map[string]any) interopAnswer {
	t.Helper()
	b, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := n.in.Write(append(b, '\n')); err != nil {
		t.Fatal(err)
	}
	line, err := n.out.ReadBytes('\n')
	if err != nil {
		t.Fatal(err)
	}
	var a interopAnswer
	if err := json.Unmarshal(line, &a); err != nil {
		t.Fatal(err)
	}
	return a
}

// The old libraries verify what we sign, we verify what they sign, and both make the same bytes of
// the same input.
func TestInteropProfiles(t *testing.T) {
	n := startNode(t)
	ctx := context.Background()
	for library, want := range map[string]string{"blockstack": "blockstack 21.1.1", "blockstack19": "blockstack 19.3.0"} {
		if have := n.version(t, library); have != want {
			t.Fatalf("%s is %s, want %s", library, have, want)
		}
		t.Run(library, func(t *testing.T) {
			r := rand.New(rand.NewPCG(3, 4))
			const profiles = 300
			t.Cleanup(func() {
				if !t.Failed() {
					t.Logf("interop: %s: %d random profiles each way, identical bytes", n.version(t, library), profiles)
				}
			})
			for i := range profiles {
				key, stranger, p := randomKey(r), randomKey(r), randomProfile(r)
				owner, err := OwnerAddress(addressOf(key), MainnetVersions())
				if err != nil {
					t.Fatal(err)
				}
				v := &Verifier{Owner: owner}

				ours, err := Sign(ctx, p, lowSigner{key})
				if err != nil {
					t.Fatal(err)
				}
				a := n.ask(t, map[string]any{"library": library, "do": "verify", "file": string(ours.File()), "owner": addressOf(key)})
				if a.Error != "" {
					t.Fatalf("%d: the library refuses our token: %s\n%s", i, a.Error, written(p))
				}
				equalJSON(t, a.Claim, []byte(written(p)))
				if a = n.ask(t, map[string]any{"library": library, "do": "verify", "file": string(ours.File()), "owner": addressOf(stranger)}); a.Error == "" {
					t.Fatal("the library takes our token for a stranger's")
				}

				a = n.ask(t, map[string]any{"library": library, "do": "sign", "profile": p, "key": fmt.Sprintf("%x", key.Serialize())})
				if a.Error != "" {
					t.Fatalf("%d: the library does not sign: %s", i, a.Error)
				}
				report, err := v.VerifyBytes(ctx, []byte(a.File))
				if err != nil {
					t.Fatal(err)
				}
				back, err := report.Profile()
				if err != nil || len(report.Warnings) > 0 {
					t.Fatalf("%d: we refuse the library's token: %v %v", i, err, report.Warnings)
				}
				equalJSON(t, []byte(written(back)), []byte(written(p)))

				theirs := report.Token()
				issued, _ := theirs.IssuedAt()
				expires, _ := theirs.ExpiresAt()
				same, err := SignIssue(ctx, back, exactSigner{key}, Issue{ID: theirs.ID(), IssuedAt: issued, ExpiresAt: expires, KeepS: true})
				if err != nil {
					t.Fatal(err)
				}
				if same.String() != a.Token {
					t.Fatalf("%d: same input, other bytes:\nhave %s\nwant %s", i, same, a.Token)
				}
				if !strings.HasPrefix(strings.TrimSpace(string(same.File())), "[\n  {\n    \"token\": ") || strings.TrimSpace(string(same.File())) != strings.TrimSpace(a.File) {
					t.Fatalf("%d: same token, other file:\nhave %s\nwant %s", i, same.File(), a.File)
				}
			}
		})
	}
}
