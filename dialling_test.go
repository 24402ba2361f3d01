package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// mayDial lists the files that open connections themselves, and why nothing goes around the proxy
// there. Everything else asks one of them.
var mayDial = map[string]string{
	"storage/dial/dial.go":           "the dialler: the proxy, or directly where none is used and to this machine",
	"storage/dial/client.go":         "the one builder of HTTP clients, over that dialler",
	"wallet/chain/node/rpc.go":       "takes its client from the dialler",
	"wallet/chain/peers/hosts.go":    "asks the system for a peer's address where no proxy is used",
	"wallet/agent/client.go":         "the agent's socket on this machine",
	"names/resolver/fetch.go":        "takes its client from the dialler, with the rules for what strangers chose",
	"wallet/chain/chaintest/core.go": "a server for tests, in front of a node on this machine",
	"storage/gaia/hub.go":            "takes its client from the caller",
	"storage/web/client.go":          "takes its client from the caller",
	"storage/webdav/webdav.go":       "takes its client from the caller",
	"home/profiles.go":               "takes its client from the dialler",
	"commands/profiles/env.go":       "names the type of the client that it is given",
	"profile/proof/dns.go":           "the system's resolver; home/proofs.go leaves it out where a proxy is used",
}

// dials are the ways of package net and net/http to reach the network, by package and name.
var dials = map[string][]string{
	"net":  {"Dial", "DialTimeout", "DialTCP", "DialUDP", "DialIP", "Dialer", "DefaultResolver", "Resolver", "LookupIP", "LookupHost", "LookupAddr", "LookupTXT", "ResolveTCPAddr", "ResolveIPAddr"},
	"http": {"Client", "Transport", "DefaultClient", "DefaultTransport", "Get", "Post", "PostForm", "Head", "ProxyFromEnvironment"},
	"tls":  {"Dial", "DialWithDialer", "Dialer"},
}

// TestNothingElseDials looks for connections that are made around the proxy.
func TestNothingElseDials(t *testing.T) {
	used := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && file != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		path := filepath.ToSlash(file)
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			s, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			pkg, ok := s.X.(*ast.Ident)
			if !ok || pkg.Obj != nil {
				return true
			}
			for _, name := range dials[pkg.Name] {
				if name != s.Sel.Name {
					continue
				}
				used[path] = true
				if _, allowed := mayDial[path]; !allowed {
					t.Errorf("%s uses %s.%s: connections are made by storage/dial or the Fetcher, so that --proxy holds for all", path, pkg.Name, name)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for path := range mayDial {
		if !used[path] {
			t.Errorf("%s is in the table and does not dial", path)
		}
	}
}

// TestOneBuilderOfClients: HTTP clients and their transports are made in one place, so that one
// rule holds for all of them.
func TestOneBuilderOfClients(t *testing.T) {
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		path := filepath.ToSlash(file)
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || path == "storage/dial/client.go" {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(f, func(n ast.Node) bool {
			made, ok := n.(*ast.CompositeLit)
			if !ok {
				return true
			}
			s, ok := made.Type.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if pkg, ok := s.X.(*ast.Ident); ok && pkg.Name == "http" && (s.Sel.Name == "Client" || s.Sel.Name == "Transport") {
				t.Errorf("%s makes an http.%s: storage/dial does", path, s.Sel.Name)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
