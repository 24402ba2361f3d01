package sandboxes

import (
	"bytes"
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/commands/record"
	"blockstack/commands/voice"
	"blockstack/names/nameop"
	"blockstack/wallet/sandbox"
)

// What the story's commands answer, as far as it is used.
type (
	demoWallet struct {
		Address string `json:"address"`
		Owner   string `json:"owner_address"`
	}
	demoJob struct {
		State    string   `json:"state"`
		Txids    []string `json:"txids"`
		FeeSat   int64    `json:"fee_sat"`
		BurnSat  int64    `json:"burn_sat"`
		ZoneFile string   `json:"zonefile_hash"`
	}
	demoBalance struct {
		TotalSat int64 `json:"total_sat"`
	}
)

// story is the demo from beginning to end.
func (d *demo) story(ctx context.Context) error {
	for _, part := range []func(context.Context) error{d.startNode, d.people, d.register, d.publishProfile, d.meet, d.end} {
		if err := part(ctx); err != nil {
			return err
		}
	}
	return nil
}

// startNode starts the node.
func (d *demo) startNode(ctx context.Context) error {
	if err := d.title("A real Bitcoin full node starts on this machine"); err != nil {
		return err
	}
	var st sandboxView
	if err := d.run(ctx, &st, "sandbox", "start", "--home", "node"); err != nil {
		return err
	}
	if err := d.connect(ctx); err != nil {
		return err
	}
	height, _, err := d.sandbox.Chain().Tip(ctx)
	if err != nil {
		return err
	}
	if st.Height == nil || *st.Height != height {
		return fmt.Errorf("sandbox start says another height than the node, %d", height)
	}
	return d.fact("btcd %s answers at %s, height %d", st.Node, st.RPC, height)
}

// people makes wallets for two people and funds them.
func (d *demo) people(ctx context.Context) error {
	if err := d.title("Alice and Bob make wallets in homes of their own, and get coins"); err != nil {
		return err
	}
	for _, p := range []struct{ name, btc, stacks string }{{"alice", "10", "64000"}, {"bob", "2", ""}} {
		if err := d.password(p.name); err != nil {
			return err
		}
		var w demoWallet
		if err := d.run(ctx, &w, d.signing(p.name, "wallet", "create", "--words-file", p.name+".words")...); err != nil {
			return err
		}
		if err := d.fund(ctx, w.Address, p.btc); err != nil {
			return err
		}
		if p.stacks != "" {
			if err := d.fund(ctx, w.Address, p.stacks, "--stacks"); err != nil {
				return err
			}
		}
		var b demoBalance
		if err := d.run(ctx, &b, d.as(p.name, "balance")...); err != nil {
			return err
		}
		if err := d.fact("%s has %s at %s", p.name, voice.BTC(btcutil.Amount(b.TotalSat)), w.Address); err != nil {
			return err
		}
	}
	return nil
}

// fund lets the faucet send something.
func (d *demo) fund(ctx context.Context, address, amount string, flags ...string) error {
	var sent struct{ Txid string }
	words := append([]string{"sandbox", "fund", address, amount, "--home", "node"}, flags...)
	if err := d.run(ctx, &sent, words...); err != nil {
		return err
	}
	if len(flags) > 0 {
		_, err := d.operation(ctx, sent.Txid, nameop.OpTokenTransfer)
		return err
	}
	_, err := sandbox.FindMined(ctx, d.sandbox, sent.Txid)
	return err
}

// register launches the namespace and registers the name.
func (d *demo) register(ctx context.Context) error {
	if err := d.title("Alice launches the namespace id"); err != nil {
		return err
	}
	if err := d.write("id.toml", demoSpec); err != nil {
		return err
	}
	if err := d.job(ctx, nil, []nameop.Opcode{nameop.OpNamespacePreorder, nameop.OpNamespaceReveal, nameop.OpNamespaceReady},
		"namespace", "launch", "id.toml"); err != nil {
		return err
	}
	if err := d.title("Alice registers alice.id"); err != nil {
		return err
	}
	var job demoJob
	if err := d.job(ctx, &job, []nameop.Opcode{nameop.OpNamePreorder, nameop.OpNameRegistration},
		"name", "register", "alice.id", "--profile-url", d.www+"/profile.json"); err != nil {
		return err
	}
	m, err := sandbox.FindMined(ctx, d.sandbox, job.Txids[1])
	if err != nil {
		return err
	}
	payload, _ := nameop.FindPayload(m.Tx, [2]byte{'i', 'd'})
	if len(job.ZoneFile) != 40 || !bytes.Contains([]byte(voice.Hex(payload)), []byte(job.ZoneFile)) {
		return fmt.Errorf("the registration does not carry the zone-file hash %s", job.ZoneFile)
	}
	return d.fact("its registration carries the zone-file hash %s", job.ZoneFile)
}

// job runs a job of Alice's and compares its transactions with the node's.
func (d *demo) job(ctx context.Context, into *demoJob, ops []nameop.Opcode, words ...string) error {
	var job demoJob
	if err := d.run(ctx, &job, d.signing("alice", words...)...); err != nil {
		return err
	}
	if job.State != "done" || len(job.Txids) != len(ops) {
		return fmt.Errorf("the job is %s with %d transactions", job.State, len(job.Txids))
	}
	var mined []*sandbox.Mined
	for i, op := range ops {
		m, err := d.operation(ctx, job.Txids[i], op)
		if err != nil {
			return err
		}
		mined = append(mined, m)
	}
	if fees := sandbox.Fees(mined); int64(fees) != job.FeeSat {
		return fmt.Errorf("the job says fees of %d satoshi, the node's transactions paid %d", job.FeeSat, int64(fees))
	}
	if into != nil {
		*into = job
	}
	return nil
}

// publishProfile makes, signs and publishes the profile, and the zone file that leads to it.
func (d *demo) publishProfile(ctx context.Context) error {
	if err := d.title("Alice signs a profile and publishes it on a web server of her own"); err != nil {
		return err
	}
	var a demoWallet
	if err := d.run(ctx, &a, d.as("alice", "wallet", "address", "--new")...); err != nil {
		return err
	}
	for _, words := range [][]string{
		d.as("alice", "profile", "create", "name=Alice", "description=The first of her name", "payment.bitcoin="+a.Address, "--out", "alice.json"),
		d.signing("alice", "profile", "sign", "alice.json", "--out", "profile.token.json"),
		d.as("alice", "profile", "publish", "profile.token.json", "--to", "www"),
		d.as("alice", "zonefile", "publish", "alice.id", "--to", "zonefiles"),
	} {
		if err := d.run(ctx, nil, words...); err != nil {
			return err
		}
	}
	return d.fact("served at %s/profile.json; the zone file lies in the folder zonefiles", d.www)
}

// meet lets Bob find, judge and pay Alice.
func (d *demo) meet(ctx context.Context) error {
	if err := d.title("Bob looks alice.id up in blocks that he read himself, and trusts no server"); err != nil {
		return err
	}
	if err := d.lookUp(ctx); err != nil {
		return err
	}
	if err := d.title("Bob pays alice.id"); err != nil {
		return err
	}
	var before, after demoBalance
	if err := d.run(ctx, &before, d.as("alice", "balance")...); err != nil {
		return err
	}
	var paid struct {
		Txid      string `json:"txid"`
		Address   string `json:"address"`
		AmountSat int64  `json:"amount_sat"`
		FeeSat    int64  `json:"fee_sat"`
	}
	if err := d.run(ctx, &paid, d.signing("bob", "pay", "alice.id", "0.25", "--zonefiles", "zonefiles")...); err != nil {
		return err
	}
	if err := d.run(ctx, &after, d.as("alice", "balance")...); err != nil {
		return err
	}
	m, err := sandbox.FindMined(ctx, d.sandbox, paid.Txid)
	if err != nil {
		return err
	}
	if after.TotalSat-before.TotalSat != paid.AmountSat || int64(m.Fee) != paid.FeeSat || !m.Pays(btcutil.Amount(paid.AmountSat)) {
		return fmt.Errorf("alice had %d satoshi and has %d, after a payment of %d", before.TotalSat, after.TotalSat, paid.AmountSat)
	}
	return d.fact("block %d: %s, %s to %s, fee %s; alice now has %s", m.Height, paid.Txid, voice.BTC(btcutil.Amount(paid.AmountSat)),
		paid.Address, voice.BTC(m.Fee), voice.BTC(btcutil.Amount(after.TotalSat)))
}

// lookUp compares what Bob finds with what Alice has and what the node has.
func (d *demo) lookUp(ctx context.Context) error {
	var alices, bobs record.View
	if err := d.run(ctx, &alices, d.as("alice", "name", "show", "alice.id")...); err != nil {
		return err
	}
	var found struct {
		record.View
		Verdict struct {
			Valid bool   `json:"valid"`
			Owner string `json:"owner_address"`
		} `json:"verdict"`
		Profile struct {
			Name string `json:"name"`
		} `json:"profile"`
	}
	if err := d.run(ctx, &found, d.as("bob", "lookup", "alice.id", "--zonefiles", "zonefiles")...); err != nil {
		return err
	}
	bobs = found.View
	tip, _, err := d.sandbox.Chain().Tip(ctx)
	if err != nil {
		return err
	}
	switch {
	case bobs.Status != "registered" || bobs.OwnerAddress == nil || alices.OwnerAddress == nil || *bobs.OwnerAddress != *alices.OwnerAddress:
		return fmt.Errorf("bob's index does not say what alice's says about alice.id")
	case bobs.Height != tip || alices.Height != tip || bobs.Consensus != alices.Consensus || bobs.Consensus.IsZero():
		return fmt.Errorf("the two indexes do not agree at the node's height %d", tip)
	case !found.Verdict.Valid || found.Verdict.Owner != *bobs.OwnerAddress || found.Profile.Name != "Alice":
		return fmt.Errorf("bob does not find a valid profile of alice's")
	}
	if err := d.fact("height %d, consensus hash %s in both indexes; owner %s", tip, bobs.Consensus, *bobs.OwnerAddress); err != nil {
		return err
	}
	var verdict struct {
		Valid  bool   `json:"valid"`
		Reason string `json:"reason"`
	}
	words := d.as("bob", "profile", "verify", filepath.Join("www", "profile.json"), "--name", "alice.id", "--zonefiles", "zonefiles")
	if err := d.run(ctx, &verdict, words...); err != nil {
		return err
	}
	if !verdict.Valid {
		return fmt.Errorf("the profile is not valid: %s", verdict.Reason)
	}
	return d.fact("the profile's signature is by the owner of alice.id in the index")
}

// end stops the node.
func (d *demo) end(ctx context.Context) error {
	if err := d.title("The node stops"); err != nil {
		return err
	}
	d.sandbox.Close()
	d.sandbox = nil
	if err := d.run(ctx, nil, "sandbox", "stop", "--home", "node"); err != nil {
		return err
	}
	return d.fact("everything above really happened, in %s", time.Since(d.started).Round(100*time.Millisecond))
}
