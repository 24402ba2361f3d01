package main

import (
	"strings"
	"testing"
)

func TestRun(t *testing.T) {
	const stream = `{"Action":"start","Package":"blockstack/a"}
{"Action":"run","Package":"blockstack/a","Test":"TestOne"}
{"Action":"output","Package":"blockstack/a","Test":"TestOne","Output":"=== RUN   TestOne\n"}
{"Action":"output","Package":"blockstack/a","Test":"TestOne","Output":"    one.go:1: it is wrong\n"}
{"Action":"fail","Package":"blockstack/a","Test":"TestOne","Elapsed":1.5}
{"Action":"output","Package":"blockstack/a","Test":"TestTwo","Output":"nobody wants to know\n"}
{"Action":"pass","Package":"blockstack/a","Test":"TestTwo/part","Elapsed":2.5}
{"Action":"pass","Package":"blockstack/a","Test":"TestTwo","Elapsed":9}
{"Action":"skip","Package":"blockstack/a","Test":"TestThree","Elapsed":0}
{"Action":"output","Package":"blockstack/a","Output":"FAIL\tblockstack/a\t3s\n"}
{"Action":"fail","Package":"blockstack/a","Elapsed":3}
{"Action":"output","Package":"blockstack/b","Test":"TestHangs","Output":"panic: test timed out\n"}
{"Action":"fail","Package":"blockstack/b","Elapsed":3}
{"ImportPath":"blockstack/c","Action":"build-output","Output":"c.go:1: does not compile\n"}
go: a word of go itself
exit 1
`
	const want = `    one.go:1: it is wrong
FAIL	blockstack/a	3s
panic: test timed out
c.go:1: does not compile
go: a word of go itself
the slowest tests:
     2.5 s  a TestTwo/part
     1.5 s  a TestOne (fail)
     0.0 s  a TestThree (skip)
`
	var out strings.Builder
	code, err := run(strings.NewReader(stream), &out)
	if err != nil || code != 1 {
		t.Errorf("exit %d, %v", code, err)
	}
	if out.String() != want {
		t.Errorf("got\n%s\nwant\n%s", out.String(), want)
	}
}

// TestNoCode: output that breaks off is a failure, whatever it says.
func TestNoCode(t *testing.T) {
	for _, stream := range []string{"", `{"Action":"pass","Package":"a"}` + "\n", "exit many\n", "exit 0\nmore\n"} {
		if code, err := run(strings.NewReader(stream), &strings.Builder{}); err == nil {
			t.Errorf("%q: exit %d", stream, code)
		}
	}
	if code, err := run(strings.NewReader("exit 0\n"), &strings.Builder{}); err != nil || code != 0 {
		t.Errorf("exit %d, %v", code, err)
	}
}
