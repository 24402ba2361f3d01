package node

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/btcsuite/btcd/rpcclient"
	btcwallet "github.com/btcsuite/btcwallet/chain"

	"blockstack/wallet/chain"
)

// startPatience is how long a node may take to open its websocket and to answer two questions on
// it.
const startPatience = 30 * time.Second

// nodeClient is btcwallet's client for btcd, kept from waiting without end:
//
//   - Start listens to its context, and waits until the client has asked for the tip: a
//     notification that comes before that would stand in the way of the answer, and when the answer
//     is an error, btcwallet's client never closes its notifications.
//   - A connection that is lost is lost. rpcclient would connect again, and drop a scan that was
//     under way without a word to the one who waits for it.
type nodeClient struct {
	*btcwallet.RPCClient
	host     string
	patience time.Duration
	stopped  atomic.Bool
	lost     atomic.Bool
}

// newNodeClient makes a client that was not started.
func newNodeClient(cfg *btcwallet.RPCClientConfig) (*nodeClient, error) {
	client, err := btcwallet.NewRPCClientWithConfig(cfg)
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", cfg.Conn.Host, err)
	}
	cfg.Conn.DisableAutoReconnect = true // btcwallet has just set it to false; it is looked at when it connects
	return &nodeClient{RPCClient: client, host: cfg.Conn.Host, patience: startPatience}, nil
}

// Start connects. When it returns an error, the client is of no more use.
func (c *nodeClient) Start(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.patience)
	defer cancel()
	done := make(chan error, 1)
	go func() {
		err := c.RPCClient.Start(ctx)
		if err == nil {
			_, err = c.RPCClient.BlockStamp() // its first question is answered, or it has ended
		}
		done <- err
	}()
	var err error
	select {
	case err = <-done:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		go c.RPCClient.Stop() // which waits for a connection that is being opened
		return fmt.Errorf("node %s: websocket: %w", c.host, chain.Unreachable(ctx, err))
	}
	go func() {
		c.connection().WaitForShutdown()
		c.lost.Store(!c.stopped.Load())
		c.RPCClient.Stop() // closes the notifications
	}()
	return nil
}

// connection is what btcwallet's client talks through.
func (c *nodeClient) connection() *rpcclient.Client { return c.RPCClient.Client }

// Stop ends the client.
func (c *nodeClient) Stop() {
	c.stopped.Store(true)
	c.RPCClient.Stop()
}

// Lost says that the connection ended by itself.
func (c *nodeClient) Lost() bool { return c.lost.Load() }
