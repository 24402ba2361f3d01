package health

import (
	"context"

	"blockstack/commands/voice"
)

// checkNodeItself says what a node of one's own lacks, and how it is reached. Ordinary peers have
// nothing of the kind.
func (d *doctor) checkNodeItself(ctx context.Context) {
	if d.env.Config.Offline || d.env.Config.UsesPeers() {
		return
	}
	n, err := d.env.Node(ctx)
	if err != nil {
		return // it was told
	}
	if cfg := n.Config(); cfg.Plaintext() {
		d.add("node access", checkWarn, "%s is on another machine and spoken to without TLS (insecure_node): its password can be read on the way, and its answers changed", cfg.Host).
			hint("give its certificate (--node-cert-file FILE), or reach it through a tunnel to this machine")
	}
	state, err := n.Condition(ctx)
	if err != nil {
		d.fail(ctx, "node data", err)
		return
	}
	if state.Pruned {
		has := "it has deleted its older blocks"
		if state.PruneHeight > 0 {
			has = "it has no blocks below " + voice.Itoa(state.PruneHeight)
		}
		d.add("node blocks", checkWarn, "the node is pruned: %s, so names and older payments cannot be read from it", has).
			hint("use a node that keeps all blocks (prune=0), or for money alone ordinary peers: --backend neutrino")
	}
	switch {
	case state.CatchingUp:
		d.add("node data", checkWarn, "the node is still downloading blocks: what it does not have may be there all the same")
	case state.PoolLoading:
		d.add("node data", checkWarn, "the node is still loading its memory pool")
	case state.Building:
		d.add("node data", checkWarn, "the node is still building its transaction index")
	default:
		d.add("node data", checkOK, "it has what it needs to answer")
	}
}
