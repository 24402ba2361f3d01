package chain

import "context"

// Peers is how many peers the node is connected to.
func (n *Node) Peers(ctx context.Context) (int, error) {
	var count int
	err := n.rpc.call(ctx, "getconnectioncount", &count)
	return count, err
}
