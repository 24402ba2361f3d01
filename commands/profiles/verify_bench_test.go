//go:build unix

package profiles_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/btcsuite/btcd/btcec/v2"
	"github.com/btcsuite/btcd/btcec/v2/ecdsa"

	"blockstack/profile"
	"blockstack/storage/gaia/gaiatest"
)

// benchSigner signs with a key of the benchmark.
type benchSigner struct{ key *btcec.PrivateKey }

func (s benchSigner) PublicKey() *btcec.PublicKey { return s.key.PubKey() }

func (s benchSigner) SignToken(_ context.Context, header, payload []byte) (*ecdsa.Signature, error) {
	hash := sha256.Sum256([]byte(base64.RawURLEncoding.EncodeToString(header) + "." + base64.RawURLEncoding.EncodeToString(payload)))
	return ecdsa.Sign(s.key, hash[:]), nil
}

// BenchmarkVerifyStream pipes tokens into `blockstack profile verify -` and reports how many a
// second it judges, and the most memory it held (aim: below 200 MB whatever their number). STREAM
// is how many; make bench takes a million.
func BenchmarkVerifyStream(b *testing.B) {
	total := 20_000
	if text := os.Getenv("STREAM"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			b.Fatal(err)
		}
		total = n
	}
	program := b.TempDir() + "/blockstack"
	build := exec.Command("go", "build", "-trimpath", "-o", program, "../..")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		b.Fatalf("%v: %s", err, out)
	}
	const owners = 1000
	lines := make([][]byte, owners)
	for i := range lines {
		key, _ := btcec.PrivKeyFromBytes(bytes.Repeat([]byte{byte(i), byte(i>>8) + 1}, 16))
		p := profile.New(profile.Person)
		if err := p.Set("name", fmt.Sprintf("Owner %d", i)); err != nil {
			b.Fatal(err)
		}
		token, err := profile.Sign(b.Context(), p, benchSigner{key})
		if err != nil {
			b.Fatal(err)
		}
		line, err := json.Marshal(map[string]string{"token": token.String(), "address": gaiatest.Address(key.PubKey())})
		if err != nil {
			b.Fatal(err)
		}
		lines[i] = append(line, '\n')
	}
	cmd := exec.CommandContext(b.Context(), program, "--network", "mainnet", "--home", b.TempDir(), "profile", "verify", "-", "--json")
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	var trouble bytes.Buffer
	cmd.Stderr = &trouble
	start := time.Now()
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	written := make(chan error, 1)
	go func() {
		w := bufio.NewWriterSize(in, 1<<20)
		var err error
		for i := 0; i < total && err == nil; i++ {
			_, err = w.Write(lines[i%owners])
		}
		if err == nil {
			err = w.Flush()
		}
		in.Close()
		written <- err
	}()
	judged, last := 0, []byte(nil)
	results := bufio.NewReaderSize(out, 1<<20)
	for {
		line, err := results.ReadBytes('\n')
		if len(line) > 0 {
			judged, last = judged+1, line
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			b.Fatal(err)
		}
	}
	if err := <-written; err != nil {
		b.Fatal(err)
	}
	if err := cmd.Wait(); err != nil {
		b.Fatalf("%v: %s", err, trouble.Bytes())
	}
	spent := time.Since(start)
	var summary struct{ Total, Valid int }
	if err := json.Unmarshal(last, &summary); err != nil || summary.Valid != total || judged != total+1 {
		b.Fatalf("%d results, %+v, %v", judged, summary, err)
	}
	usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage)
	if !ok {
		b.Fatal("the system does not say how much memory was held")
	}
	peak := float64(usage.Maxrss) // kilobytes, on macOS bytes
	if runtime.GOOS != "darwin" {
		peak *= 1024
	}
	b.ReportMetric(peak/1e6, "peak_MB")
	b.ReportMetric(float64(total)/spent.Seconds(), "verified/s")
	b.ReportMetric(float64(total), "tokens")
	b.ReportMetric(0, "ns/op")
	if peak > 200e6 {
		b.Errorf("held %.0f MB, want at most 200", peak/1e6)
	}
}
