package scripttest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"

	"github.com/rogpeppe/go-internal/testscript"
)

// scriptOvercharge puts a liar before a node: overcharge VAR HOST:PORT SAT_VB. The URL is in VAR;
// asked for a fee rate it says SAT_VB, everything else the node answers itself.
func scriptOvercharge(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: overcharge VAR HOST:PORT SAT_VB")
	}
	rate, err := strconv.ParseFloat(args[2], 64)
	ts.Check(err)
	node := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: args[1]})
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		var asked struct {
			ID     any    `json:"id"`
			Method string `json:"method"`
		}
		if json.Unmarshal(body, &asked) == nil && asked.Method == "estimatefee" {
			_ = json.NewEncoder(w).Encode(map[string]any{"id": asked.ID, "error": nil, "result": rate / 1e5})
			return
		}
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		node.ServeHTTP(w, r)
	}))
	ts.Defer(srv.Close)
	ts.Setenv(args[0], srv.URL)
}
