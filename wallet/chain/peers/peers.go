package peers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"
	"github.com/btcsuite/btcwallet/walletdb"
	_ "github.com/btcsuite/btcwallet/walletdb/bdb" // registers the driver "bdb"
	"github.com/lightninglabs/neutrino"
	"github.com/lightninglabs/neutrino/banman"
	bolterrors "go.etcd.io/bbolt/errors"

	"blockstack/storage/dbfile"
	"blockstack/storage/dial"
	"blockstack/wallet/chain"
)

const (
	storeFile   = "neutrino.db"
	peerConnect = 10 * time.Second // to open a TCP connection to a peer
	offerWait   = 3 * time.Second  // for peers to ask for a transaction
	peerWait    = 30 * time.Second // for the first peer to answer
	peerStop    = 5 * time.Second  // for neutrino to end after a write has failed
	peerStall   = 90 * time.Second // without a header, while peers are there
	peerTrial   = 2 * time.Second  // the same, before it is looked at whether the disk takes any
	peerLiar    = 10 * time.Second // for blocks that only a peer's greeting claims

	// filterCache holds one batch of filters, which neutrino fetches at once.
	filterCache = 40 << 20
	blockCache  = 16 << 20
)

// Config says how ordinary peers are found and where what they tell is kept.
type Config struct {
	// Dir keeps the headers of all blocks and of their filters. It may be deleted.
	Dir string
	Net *chaincfg.Params
	// Named are the only peers that are asked, as HOST or HOST:PORT. Empty: the DNS seeds of the
	// network's parameters name some, and those name others.
	Named []string
	Proxy dial.Proxy
	// Patience is how long the first peer may take to answer; 0: half a minute, longer through a
	// proxy.
	Patience time.Duration
	// Wait is how long a Dir that another process uses is waited for.
	Wait time.Duration
	// Progress is told how far the headers are; nil: nobody.
	Progress func(Progress)
}

// Progress is how far a sync with peers is.
type Progress struct {
	Blocks  int32 // headers of blocks
	Filters int32 // headers of filters
	Target  int32 // the height that peers claim
	Peers   int
}

// Peers are ordinary nodes of the network, reached without an account anywhere: block headers,
// compact filters (BIP 157 and 158), and the blocks in which a filter finds something of ours. What
// they say is checked as far as it can be: proof of work, and that blocks and filters are those of
// the headers. With one peer alone nobody contradicts what it says about filters.
//
// Peers show confirmed transactions only. They do not estimate fees, and do not say whether they
// accept a transaction.
type Peers struct {
	cfg   Config
	store *store
	cs    *neutrino.ChainService

	names *hostNames
	down  atomic.Pointer[dial.ProxyDown] // why the last connection could not even be tried
	// dialled are the addresses that were tried, as neutrino knows them: text → nil.
	dialled sync.Map
	once    sync.Once
	// quiet ends what asks peers for headers; what it returns is closed when that has ended.
	quiet func() <-chan struct{}
}

// Open connects to peers and waits until the headers of the best chain are here. Its errors wrap
// ErrUnreachable, ErrBusy when another process uses Dir, or the system's when Dir cannot be
// written. Only a Dir that is damaged is made anew.
func Open(ctx context.Context, cfg Config) (*Peers, error) {
	p, err := open(ctx, cfg)
	if errors.Is(err, errOtherChain) || errors.Is(err, ErrBadHeaders) || errors.Is(err, errBanned) {
		// What is kept can be had again.
		if err = os.RemoveAll(cfg.Dir); err == nil {
			p, err = open(ctx, cfg)
		}
	}
	return p, err
}

var (
	// errOtherChain: the headers that are kept are not those of the peers' chain.
	errOtherChain = errors.New("the stored headers are of another chain")
	// ErrBadHeaders means that the headers that are kept are not what was written. The next Open
	// asks for them again.
	ErrBadHeaders = errors.New("the stored headers are damaged")
	// errBanned: neutrino has banned all peers, for what contradicts the stored headers: those may
	// be wrong.
	errBanned = errors.New("what the peers say contradicts the headers, or itself")
)

func open(ctx context.Context, cfg Config) (*Peers, error) {
	if cfg.proxied() {
		if err := cfg.Proxy.Alive(ctx); err != nil {
			return nil, fmt.Errorf("peers: %w", noPeer(err))
		}
	}
	if err := os.MkdirAll(cfg.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("peers: %w", err)
	}
	path := filepath.Join(cfg.Dir, storeFile)
	db, err := openBolt(path, cfg.Wait)
	if err != nil {
		return nil, fmt.Errorf("peers: %w", err)
	}
	p := &Peers{cfg: cfg, store: &store{DB: db, dir: cfg.Dir}, names: newHostNames()}
	if err := p.store.room(); err != nil {
		return nil, fmt.Errorf("peers: %w", errors.Join(err, db.Close()))
	}
	if err := checkHeaders(cfg.Dir, cfg.Net); err != nil {
		return nil, fmt.Errorf("peers: %w", errors.Join(err, db.Close()))
	}
	if err := p.start(ctx); err != nil {
		_ = db.Close()
		return nil, fmt.Errorf("peers: %w", err)
	}
	if err := p.ready(ctx); err != nil {
		p.Close()
		return nil, fmt.Errorf("peers: %w", err)
	}
	return p, nil
}

// proxied says whether any peer is reached through the proxy.
func (c *Config) proxied() bool {
	if !c.Proxy.Used() || len(c.Named) == 0 {
		return c.Proxy.Used()
	}
	return slices.ContainsFunc(c.Named, func(address string) bool {
		host, _, err := dial.ASCIIAddress(address)
		return err != nil || !dial.IsLoopback(host)
	})
}

// openBolt opens the file, or makes it. neutrino reads it in goroutines of its own, so damage must
// be found before.
func openBolt(path string, wait time.Duration) (walletdb.DB, error) {
	wait = max(wait, time.Second)
	switch err := dbfile.Check(path, wait); {
	case err == nil, errors.Is(err, dbfile.ErrNotFound):
	case errors.Is(err, dbfile.ErrDamaged), errors.Is(err, dbfile.ErrNewer):
		return nil, fmt.Errorf("%w: %w", ErrBadHeaders, err)
	case errors.Is(err, dbfile.ErrBusy):
		return nil, fmt.Errorf("%s: %w", path, chain.ErrBusy)
	default:
		return nil, err
	}
	var db walletdb.DB
	err := dbfile.Guard(func() (err error) {
		db, err = walletdb.Create("bdb", path, true, wait, false)
		return err
	})
	switch {
	case errors.Is(err, dbfile.ErrDamaged):
		return nil, fmt.Errorf("%w: %w", ErrBadHeaders, err)
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fmt.Errorf("%s: %w", path, chain.ErrBusy)
	}
	return db, err
}

// start makes the service and lets it connect.
func (p *Peers) start(ctx context.Context) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if err, _ = r.(error); err == nil {
				err = fmt.Errorf("%v", r)
			}
			err = p.store.cause(err)
		}
	}()
	params := *p.cfg.Net
	named := p.cfg.Named
	var more []string
	if p.cfg.Proxy.Used() && len(named) == 0 {
		// The proxy resolves names, and a seed's name leads to one of the peers that it knows; that
		// one names others.
		more = seedHosts(&params)
	}
	if p.cfg.Proxy.Used() || len(named) > 0 {
		params.DNSSeeds = nil
	}
	cs, err := neutrino.NewChainService(neutrino.Config{
		DataDir: p.cfg.Dir, Database: p.store, ChainParams: params,
		ConnectPeers: named, AddPeers: more,
		Dialer:       func(a net.Addr) (net.Conn, error) { return p.dial(ctx, a) },
		NameResolver: func(host string) ([]net.IP, error) { return p.resolve(ctx, host) },

		FilterCacheSize: filterCache, BlockCacheSize: blockCache, BroadcastTimeout: p.offerTimeout(),
	})
	if err != nil {
		return p.store.cause(err)
	}
	from, err := headerSyncOf(cs)
	if err := errors.Join(err, heldTip(cs), guardHeaders(cs, p.store)); err != nil {
		return err
	}
	p.cs = cs
	p.store.serve()
	err = p.store.apart(func() (err error) { return cs.Start(context.WithoutCancel(ctx)) })
	if failed := p.store.err(); failed != nil {
		return failed
	}
	if err == nil {
		every := askEvery
		if p.cfg.Proxy.Used() {
			every *= 4
		}
		p.quiet = (&headerRequests{cs: cs, from: from, heights: p.heights, every: every, patience: p.connectWait()}).start()
	}
	return err
}

// ready waits until the headers are at the height that peers claim. A service that was at the tip
// yesterday holds itself for current before any peer has answered.
func (p *Peers) ready(ctx context.Context) error {
	var at, now Progress
	moved, lonely, asked, tried := time.Now(), time.Now(), false, false
	pause := time.Millisecond
	for {
		if err := p.store.room(); err != nil {
			return err
		}
		peers := p.cs.Peers()
		blocks, filters, err := p.heights()
		if err != nil {
			return err
		}
		now = Progress{Blocks: blocks, Filters: filters, Target: max(claimed(peers), blocks), Peers: len(peers)}
		if now != at {
			if now.Blocks != at.Blocks || now.Filters != at.Filters {
				moved, tried = time.Now(), false
			}
			if at = now; p.cfg.Progress != nil {
				p.cfg.Progress(now)
			}
		}
		still := time.Since(moved)
		if len(peers) > 0 {
			lonely = time.Now()
			current := false
			_ = p.store.apart(func() error { current = p.cs.IsCurrent(); return nil })
			switch {
			case current && claimed(peers) < blocks && chain.IsDevNetwork(p.cfg.Net) && still > time.Second:
				return errOtherChain // a test chain that was begun anew
			case current && now.Target <= blocks && claimed(peers) >= blocks, current && still > peerLiar:
				return nil
			case still > peerTrial && !tried:
				tried = true
				if err := p.store.trial(); err != nil {
					return fmt.Errorf("write headers: %w", err)
				}
			case still > peerStall:
				return fmt.Errorf("%w: peers are there and send no headers for %s (at block %d of %d)", chain.ErrUnreachable, peerStall, blocks, now.Target)
			}
		} else if down := p.down.Load(); down != nil {
			return noPeer(down)
		} else if time.Since(lonely) > probeAfter && p.allBanned() {
			return fmt.Errorf("%w: %w", chain.ErrUnreachable, errBanned)
		} else if !asked && len(p.cfg.Named) > 0 && time.Since(lonely) > probeAfter {
			asked = true
			if err := p.unfit(ctx); err != nil {
				return err
			}
		} else if time.Since(lonely) > p.connectWait() {
			return fmt.Errorf("%w: no peer that serves compact filters answered within %s", chain.ErrUnreachable, p.connectWait())
		}
		select {
		case <-time.After(pause):
			pause = min(2*pause, 50*time.Millisecond)
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// allBanned reports whether neutrino has banned every peer that it found for what it said. Those
// without filters say nothing.
func (p *Peers) allBanned() bool {
	bans, err := banman.NewStore(p.store)
	if err != nil {
		return false
	}
	found, banned := 0, 0
	p.dialled.Range(func(address, _ any) bool {
		network, err := banman.ParseIPNet(address.(string), nil)
		if err != nil {
			return true
		}
		status, err := bans.Status(network)
		switch {
		case err != nil || !status.Banned:
			found++
		case status.Reason != banman.NoCompactFilters:
			found++
			banned++
		}
		return true
	})
	return found > 0 && found == banned
}

// connectWait is how long the first peer may take.
func (p *Peers) connectWait() time.Duration {
	switch {
	case p.cfg.Patience > 0:
		return p.cfg.Patience
	case p.cfg.Proxy.Used():
		return peerWait + dial.CircuitTimeout
	}
	return peerWait
}

// offerTimeout is how long peers are given to ask for a transaction; one that has it already does
// not ask.
func (p *Peers) offerTimeout() time.Duration {
	if p.cfg.Proxy.Used() {
		return 4 * offerWait
	}
	return offerWait
}

// heights are how many headers of blocks and filters are here.
func (p *Peers) heights() (blocks, filters int32, err error) {
	if err := p.store.err(); err != nil {
		return 0, 0, err // nothing is written any more
	}
	p.store.chain.RLock()
	defer p.store.chain.RUnlock()
	_, b, err := p.cs.BlockHeaders.ChainTip()
	if err != nil {
		return 0, 0, lost(err)
	}
	_, f, err := p.cs.RegFilterHeaders.ChainTip()
	if err != nil {
		return 0, 0, lost(err)
	}
	return int32(b), int32(f), nil
}

// claimed is the height that the middle one of the peers has: one that lies does not count when
// there are others.
func claimed(peers []*neutrino.ServerPeer) int32 {
	var heights []int32
	for _, sp := range peers {
		heights = append(heights, sp.LastBlock())
	}
	return middle(heights)
}

// Close ends the connections.
func (p *Peers) Close() {
	p.once.Do(func() {
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			silent := p.quiet()
			_ = p.cs.Stop()
			<-silent
		}()
		var late <-chan time.Time
		if p.store.err() != nil {
			late = time.After(peerStop) // a goroutine that was ended may be waited for
		}
		select {
		case <-stopped:
		case <-late:
		}
		_ = p.store.Close()
	})
}
