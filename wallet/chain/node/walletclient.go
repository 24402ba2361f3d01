package node

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/chainhash/v2"
	"github.com/btcsuite/btcd/rpcclient"
	btcwallet "github.com/btcsuite/btcwallet/chain"

	"blockstack/storage/dial"
	"blockstack/wallet/chain"
	"blockstack/wallet/chain/follow"
)

// nodePoll is how often a bitcoind is asked for its tip and its memory pool.
const nodePoll = time.Second

// WalletClient returns a client of btcwallet's kind for the coin tracker. It is not started yet;
// the caller starts and stops it. That the node is there and has caught up is checked first:
// btcwallet's client would try for many seconds, and wait for the end of the node's own sync
// without end.
//
// A node is asked once a second, so that no ZMQ has to be set up, and the blocks that it gives are
// checked. Only a btcd whose chain is believed (no Headers: the sandbox's) is followed by its
// websocket and scans on its own: what it tells that way cannot be checked. btcwallet's own client
// for bitcoind is not used: it gives wrong hashes for all blocks of a reorg but the first, takes 22
// seconds to notice that nothing listens, and knows no proxy.
func (n *Node) WalletClient(ctx context.Context) (btcwallet.Interface, error) {
	if err := n.caughtUp(ctx); err != nil {
		return nil, err
	}
	if n.cfg.Kind == Bitcoind || n.cfg.Headers != nil {
		return &poolClient{follow.New(&nodeSource{Node: n}, n.cfg.Kind.String(), nodePoll), n}, nil
	}
	conn, err := n.cfg.Proxy.Dial(ctx, "tcp", n.cfg.Host)
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", n.cfg.Host, chain.Unreachable(ctx, err))
	}
	_ = conn.Close()
	proxied := ""
	if host, _, _ := net.SplitHostPort(n.cfg.Host); !dial.IsLoopback(host) {
		proxied = n.cfg.Proxy.Address
	}
	return newNodeClient(&btcwallet.RPCClientConfig{
		Conn: &rpcclient.ConnConfig{
			Host:         n.cfg.Host,
			Endpoint:     "ws",
			User:         n.cfg.User,
			Pass:         n.cfg.Pass.Reveal(),
			Certificates: n.cfg.Cert,
			DisableTLS:   len(n.cfg.Cert) == 0,
			Proxy:        proxied,
		},
		Chain:             n.cfg.Net,
		ReconnectAttempts: 1,
	})
}

// poolClient is a client of the coin tracker whose source has a memory pool, which Coins reads.
type poolClient struct {
	*follow.Client
	node *Node
}

// GetRawMempool lists the unconfirmed transactions.
func (f *poolClient) GetRawMempool() ([]*chainhash.Hash, error) {
	ids, err := f.node.MempoolTxs(f.Context())
	out := make([]*chainhash.Hash, len(ids))
	for i := range ids {
		out[i] = &ids[i]
	}
	return out, err
}

// PoolLoaded says whether that list is all that the node holds.
func (f *poolClient) PoolLoaded() (bool, error) { return f.node.PoolLoaded(f.Context()) }

// GetRawTransaction fetches an unconfirmed transaction.
func (f *poolClient) GetRawTransaction(txid *chainhash.Hash) (*btcutil.Tx, error) {
	tx, err := f.node.Tx(f.Context(), *txid)
	if err != nil {
		return nil, err
	}
	return btcutil.NewTx(tx), nil
}
