package attack

import (
	"bytes"
	"compress/gzip"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// liar stands between the program and the node, and changes some of its answers.
type liar struct {
	w     *world
	proxy *httputil.ReverseProxy
	node  *url.URL
	mu    sync.Mutex
	rnd   *rand.Rand
	rate  float64 // of answers that are lies
	fee   float64 // what estimates say, in bitcoin per 1000 bytes; 0: the truth
	told  int
}

// ServeHTTP passes requests on; websockets too.
func (l *liar) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	if strings.EqualFold(req.Header.Get("Upgrade"), "websocket") {
		l.proxy.ServeHTTP(rw, req)
		return
	}
	body, _ := io.ReadAll(req.Body)
	out, err := http.NewRequest(req.Method, l.node.String(), bytes.NewReader(body))
	if err != nil {
		return
	}
	out.Header = req.Header.Clone()
	resp, err := http.DefaultClient.Do(out)
	if err != nil {
		rw.WriteHeader(http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	answer, _ := io.ReadAll(resp.Body)
	var asked struct{ Method string }
	if json.Unmarshal(body, &asked) == nil {
		answer = l.change(asked.Method, answer)
	}
	rw.WriteHeader(resp.StatusCode)
	_, _ = rw.Write(answer)
}

// change makes a lie of an answer, now and then.
func (l *liar) change(method string, answer []byte) []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	var reply map[string]json.RawMessage
	if json.Unmarshal(answer, &reply) != nil {
		return answer
	}
	if l.fee > 0 && (method == "estimatefee" || method == "estimatesmartfee") {
		reply["result"] = json.RawMessage(fmt.Sprint(l.fee))
		reply["error"] = json.RawMessage("null")
		if method == "estimatesmartfee" {
			reply["result"] = json.RawMessage(fmt.Sprintf(`{"feerate":%v,"blocks":2}`, l.fee))
		}
		out, _ := json.Marshal(reply)
		return out
	}
	var text string
	if json.Unmarshal(reply["result"], &text) != nil || l.rnd.Float64() >= l.rate {
		return answer
	}
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) < 32 {
		return answer
	}
	switch i := l.rnd.IntN(len(raw)); l.rnd.IntN(4) {
	case 0: // one bit, anywhere
		raw[i] ^= 1 << l.rnd.IntN(8)
	case 1: // one bit behind the header of a block
		if len(raw) > 81 {
			raw[80+l.rnd.IntN(len(raw)-80)] ^= 1 << l.rnd.IntN(8)
		} else {
			raw[i] ^= 1
		}
	case 2: // cut
		raw = raw[:i]
	default: // more than there is
		raw = append(raw, 0)
	}
	l.told++
	reply["result"], _ = json.Marshal(hex.EncodeToString(raw))
	out, _ := json.Marshal(reply)
	return out
}

// startLiar makes a home that asks the node through a liar, by the words of the wallet.
func (w *world) startLiar(home string) (l *liar, stop func()) {
	w.t.Helper()
	state := w.nodeState()
	node := &url.URL{Scheme: "http", Host: fmt.Sprintf("127.0.0.1:%d", state.Port)}
	l = &liar{w: w, node: node, proxy: httputil.NewSingleHostReverseProxy(node), rnd: rand.New(rand.NewPCG(w.rnd.Uint64(), 2))}
	server := httptest.NewServer(l)
	auth := w.write("node-auth", state.User+":"+state.Password+"\n")
	w.flags[home] = []string{"--network", "regtest", "--backend", "btcd", "--node", server.URL, "--node-auth-file", auth,
		"--registry", filepath.Join(w.node, "sandbox", "node", "registry.json"), "--confirmations", "1"}
	return l, func() {
		w.run(home, "wallet", "lock")
		server.CloseClientConnections()
		server.Close()
		delete(w.flags, home)
	}
}

// lyingNode reads blocks, and pays, by a node that lies: what is believed is what the honest node
// says.
func lyingNode(w *world) {
	home := filepath.Join(w.dir, "liars-victim")
	defer w.remove(home)
	w.must(w.home, "index", "sync")
	honest := text(w.must(w.home, "index", "consensus"), "consensus_hash")
	l, stop := w.startLiar(home)
	defer stop()
	l.rate = 0.02
	for range 4 {
		o := w.run(home, "index", "sync")
		if o.code == 0 {
			break
		}
	}
	l.mu.Lock()
	l.rate = 0
	l.mu.Unlock()
	w.must(home, "index", "sync")
	if got := text(w.must(home, "index", "consensus"), "consensus_hash"); got != honest || got == "" {
		w.t.Errorf("after %d lies the consensus hash is %s, not %s", l.told, got, honest)
	}
	// A fee that a node names, large beside what is sent, is not paid without a word.
	w.must(home, "wallet", "restore", "--words-file", filepath.Join(w.dir, "words"))
	w.must(home, "balance")
	l.mu.Lock()
	l.fee = 0.5
	l.mu.Unlock()
	sat, since := 60_000+w.fresh(), w.height()
	if o := w.run(home, "pay", w.payee, amountOf(sat), "--wait", "broadcast"); o.code == 0 || w.paid(since, sat) != 0 {
		w.t.Errorf("paid at a fee rate that a lying node named: %s %s", o.out, o.err)
	}
}

// lyingWeb reads from web servers that misbehave: every command ends, none crashes, and nothing is
// taken for a profile.
func lyingWeb(w *world) {
	server := hostileServer()
	defer server.Close()
	for _, path := range hostilePaths() {
		for _, args := range [][]string{
			{"profile", "show", server.URL + "/" + path + "/profile.json"},
			{"profile", "verify", server.URL + "/" + path + "/profile.json", "--address", w.payee},
		}[w.rnd.IntN(2):][:1] {
			if o := w.run(w.home, args...); o.code == 0 || o.code == 2 {
				w.t.Errorf("%s: exit %d: %.300s", o.commandLine, o.code, o.out+o.err)
			}
		}
	}
}

// lyingHub publishes to hubs and servers that say yes and do not keep what they were given.
func lyingHub(w *world) {
	file := filepath.Join(w.dir, "alice.json")
	_ = os.Remove(file)
	w.must(w.home, "profile", "create", "name=Alice", "--out", file)
	token := filepath.Join(w.dir, "alice.token.json")
	_ = os.Remove(token)
	w.must(w.home, "profile", "sign", file, "--out", token)
	kept := map[string][]byte{}
	var mu sync.Mutex
	lie := w.rnd.IntN(4)
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		switch {
		case r.URL.Path == "/hub_info":
			fmt.Fprintf(rw, `{"challenge_text":"[\"gaiahub\",\"0\",\"x\",\"blockstack_storage_please_sign\"]","read_url_prefix":"%s/read/","max_file_upload_size_megabytes":1}`, server.URL)
		case r.Method == http.MethodGet && lie == 1:
			_, _ = rw.Write(bytes.Repeat([]byte("["), 1<<20))
		case r.Method == http.MethodGet:
			b, there := kept[filepath.Base(r.URL.Path)]
			if !there {
				rw.WriteHeader(http.StatusNotFound)
				return
			}
			if lie == 2 {
				b = bytes.Replace(b, []byte("a"), []byte("b"), 1)
			}
			_, _ = rw.Write(b)
		default:
			b, _ := io.ReadAll(r.Body)
			switch lie {
			case 0: // takes it and forgets it
			case 3:
				kept[filepath.Base(r.URL.Path)] = b[:len(b)/2]
			default:
				kept[filepath.Base(r.URL.Path)] = b
			}
			fmt.Fprint(rw, `{"publicURL":"http://127.0.0.1:1/x"}`)
		}
	}))
	defer server.Close()
	for _, place := range [][]string{{"--hub", server.URL}, {"--to", server.URL + "/dav"}} {
		if o := w.run(w.home, append([]string{"profile", "publish", token}, place...)...); o.code == 0 || o.code == 2 {
			w.t.Errorf("lie %d, %s: exit %d: %s%s", lie, place[0], o.code, o.out, o.err)
		}
	}
}

// hostilePaths are what hostileServer can do.
func hostilePaths() []string {
	return []string{"file", "metadata", "port", "loop", "gzip", "big", "hugehead", "hints", "deep", "escapes", "nothing", "cut", "slow"}
}

// hostileServer speaks HTTP as badly as its path says.
func hostileServer() *httptest.Server {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write(make([]byte, 50_000_000))
	_ = z.Close()
	return httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		redirect := func(to string) { http.Redirect(rw, r, to, http.StatusFound) }
		raw := func(write func(net.Conn)) {
			conn, _, err := rw.(http.Hijacker).Hijack()
			if err != nil {
				return
			}
			defer conn.Close()
			_ = conn.SetDeadline(time.Now().Add(time.Minute))
			write(conn)
		}
		switch strings.Split(strings.Trim(r.URL.Path, "/"), "/")[0] {
		case "file":
			redirect("file:///etc/passwd")
		case "metadata":
			redirect("http://169.254.169.254/latest/meta-data/")
		case "port":
			redirect("http://127.0.0.1:22/")
		case "loop":
			redirect("/loop/again")
		case "gzip":
			rw.Header().Set("Content-Encoding", "gzip")
			_, _ = rw.Write(packed.Bytes())
		case "big":
			for range 4000 {
				if _, err := rw.Write(make([]byte, 1<<16)); err != nil {
					return
				}
			}
		case "hugehead":
			raw(func(c net.Conn) {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\n")
				for i := range 20_000 {
					if _, err := fmt.Fprintf(c, "X-%d: %s\r\n", i, strings.Repeat("b", 1000)); err != nil {
						return
					}
				}
			})
		case "hints":
			raw(func(c net.Conn) {
				for range 100_000 {
					if _, err := fmt.Fprint(c, "HTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\n"); err != nil {
						return
					}
				}
			})
		case "deep":
			_, _ = rw.Write(bytes.Repeat([]byte("["), 900_000))
		case "escapes":
			raw(func(c net.Conn) {
				fmt.Fprint(c, "HTTP/1.1 404 \x1b[31mred\r\nContent-Length: 8\r\nConnection: close\r\n\r\n\x1b]0;t\x07\r\n")
			})
		case "cut":
			raw(func(c net.Conn) { fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n[") })
		case "slow":
			raw(func(c net.Conn) {
				fmt.Fprint(c, "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
				for range 60 {
					if _, err := fmt.Fprint(c, "a"); err != nil {
						return
					}
					time.Sleep(time.Second)
				}
			})
		}
	}))
}
