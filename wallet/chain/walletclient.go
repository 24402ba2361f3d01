package chain

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/btcsuite/btcd/rpcclient"
	btcwallet "github.com/btcsuite/btcwallet/chain"
)

// WalletClient returns a client of btcwallet's kind for the coin tracker. It is
// not started yet; the caller starts and stops it. That the node is there is
// checked first, because the client's own attempts take many seconds.
//
// btcd is followed by its websocket; bitcoind by asking once a second, which
// needs no ZMQ set up.
func (n *Node) WalletClient(ctx context.Context) (btcwallet.Interface, error) {
	conn, err := (&net.Dialer{Timeout: connectTimeout}).DialContext(ctx, "tcp", n.cfg.Host)
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", n.cfg.Host, unreachable(ctx, err))
	}
	_ = conn.Close()
	if n.cfg.Kind == Bitcoind {
		return n.bitcoindClient()
	}
	client, err := btcwallet.NewRPCClientWithConfig(&btcwallet.RPCClientConfig{
		Conn: &rpcclient.ConnConfig{
			Host:         n.cfg.Host,
			Endpoint:     "ws",
			User:         n.cfg.User,
			Pass:         n.cfg.Pass.Reveal(),
			Certificates: n.cfg.Cert,
			DisableTLS:   len(n.cfg.Cert) == 0,
		},
		Chain:             n.cfg.Net,
		ReconnectAttempts: 1,
	})
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", n.cfg.Host, err)
	}
	return client, nil
}

// bitcoindWallet is the client together with the connection that it alone uses.
type bitcoindWallet struct {
	*btcwallet.BitcoindClient
	conn *btcwallet.BitcoindConn
}

// Stop ends the client and its connection.
func (w *bitcoindWallet) Stop() {
	w.BitcoindClient.Stop()
	w.conn.Stop()
}

func (n *Node) bitcoindClient() (btcwallet.Interface, error) {
	if len(n.cfg.Cert) > 0 {
		return nil, fmt.Errorf("node %s: bitcoind has no TLS of its own: leave the certificate out and use a tunnel", n.cfg.Host)
	}
	conn, err := btcwallet.NewBitcoindConn(&btcwallet.BitcoindConfig{
		ChainParams: n.cfg.Net,
		Host:        n.cfg.Host,
		User:        n.cfg.User,
		Pass:        n.cfg.Pass.Reveal(),
		PollingConfig: &btcwallet.PollingConfig{
			BlockPollingInterval: time.Second,
			TxPollingInterval:    2 * time.Second,
		},
		PrunedModeMaxPeers: 4,
		Dialer: func(address string) (net.Conn, error) {
			return net.DialTimeout("tcp", address, 10*time.Second)
		},
	})
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", n.cfg.Host, err)
	}
	if err := conn.Start(); err != nil {
		return nil, fmt.Errorf("node %s: %w", n.cfg.Host, err)
	}
	return &bitcoindWallet{BitcoindClient: conn.NewBitcoindClient(), conn: conn}, nil
}
