package owned

import (
	"context"
	"fmt"
	"os"
	"time"

	"blockstack/commands/jobrun"
	"blockstack/commands/voice"
	"blockstack/home"
	"blockstack/home/config"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
	"blockstack/wallet"
	"blockstack/wallet/labels"
)

// maxSuggested bounds the candidates of one kind: more help nobody.
const maxSuggested = 500

// Things looks into the files of a wallet. Each method gives nothing where something is missing,
// damaged or busy.
type Things struct {
	Ctx    context.Context
	Cfg    *config.Config
	Wallet *wallet.Wallet
	known  []*registrar.Job
	read   bool
}

// Owners are the addresses of the identities.
func (o *Things) Owners() []wallet.Address {
	if o.Wallet == nil {
		return nil
	}
	n, err := o.Wallet.Identities(o.Ctx)
	if err != nil {
		return nil
	}
	var list []wallet.Address
	for i := range min(n, maxSuggested) {
		a, err := o.Wallet.OwnerAddress(o.Ctx, i)
		if err != nil {
			break
		}
		list = append(list, a)
	}
	return list
}

// Names are the names of the identities, as the index has them.
func (o *Things) Names() []Candidate {
	owners := o.Owners()
	if len(owners) == 0 {
		return nil
	}
	rules, err := home.Rules(o.Cfg)
	if err != nil {
		return nil
	}
	x, err := index.Open(o.Cfg.IndexFile(), rules, index.Options{ReadOnly: true, Timeout: completePatience})
	if err != nil {
		return nil
	}
	defer x.Close()
	var list []Candidate
	for _, a := range owners {
		records, err := x.NamesOf(o.Ctx, a.Script)
		if err != nil {
			return list
		}
		for _, r := range records {
			list = append(list, Candidate{r.Name.String(), fmt.Sprintf("%s, identity %d", r.Status, a.Index)})
		}
	}
	return list
}

// journal are the jobs.
func (o *Things) journal() []*registrar.Job {
	if o.read || o.Cfg == nil {
		return o.known
	}
	o.read = true
	if _, err := os.Stat(o.Cfg.JournalFile()); err != nil {
		return nil // opening it would make it
	}
	j, err := registrar.OpenJournal(o.Cfg.JournalFile(), completePatience)
	if err != nil {
		return nil
	}
	defer j.Close()
	o.known, _ = j.Jobs(o.Ctx)
	return o.known
}

// Subjects are the names of open jobs.
func (o *Things) Subjects() []Candidate {
	var list []Candidate
	for _, j := range o.journal() {
		if j.Open() {
			list = append(list, Candidate{j.Request.Subject(), jobrun.Words(j.State)})
		}
	}
	return list
}

// Jobs are the ids of open jobs.
func (o *Things) Jobs() []Candidate {
	var list []Candidate
	for _, j := range o.journal() {
		if j.Open() {
			list = append(list, Candidate{string(j.ID), j.Request.Subject() + ": " + jobrun.Words(j.State)})
		}
	}
	return list
}

// Payees are the names that were paid before.
func (o *Things) Payees() []Candidate {
	if o.Wallet == nil {
		return nil
	}
	paid, err := o.Wallet.PaidNames(o.Ctx)
	if err != nil {
		return nil
	}
	var list []Candidate
	for _, byAddress := range paid {
		for _, name := range byAddress {
			list = append(list, Candidate{name, "paid before"})
		}
	}
	return list
}

// OwnerAddresses are the addresses of the identities.
func (o *Things) OwnerAddresses() []Candidate {
	var list []Candidate
	for _, a := range o.Owners() {
		list = append(list, Candidate{a.Text, fmt.Sprintf("identity %d", a.Index)})
	}
	return list
}

// Identities are their numbers.
func (o *Things) Identities(before string) []Candidate {
	var list []Candidate
	for _, a := range o.Owners() {
		list = append(list, Candidate{fmt.Sprintf("%s%d", before, a.Index), a.Text})
	}
	return list
}

// Labelled are the things of a type that have a label.
func (o *Things) Labelled(kind labels.Type) []Candidate {
	if o.Wallet == nil {
		return nil
	}
	labels, err := o.Wallet.Labels(o.Ctx)
	if err != nil {
		return nil
	}
	var list []Candidate
	for _, l := range labels {
		if l.Type == kind && len(list) < maxSuggested {
			list = append(list, Candidate{l.Ref, l.Text})
		}
	}
	return list
}

// Transactions are the newest ones, with their labels.
func (o *Things) Transactions() []Candidate {
	if o.Wallet == nil {
		return nil
	}
	entries, err := o.Wallet.History(o.Ctx)
	if err != nil {
		return nil
	}
	about := map[string]string{}
	for _, c := range o.Labelled(labels.Tx) {
		about[c.Text] = c.About
	}
	var list []Candidate
	for _, e := range entries[:min(len(entries), maxSuggested)] {
		list = append(list, Candidate{e.Txid.String(), about[e.Txid.String()]})
	}
	return list
}

// Coins are the coins with their amounts.
func (o *Things) Coins() []Candidate {
	if o.Wallet == nil {
		return nil
	}
	all, err := o.Wallet.Coins(o.Ctx)
	if err != nil {
		return nil
	}
	var list []Candidate
	for _, c := range all[:min(len(all), maxSuggested)] {
		list = append(list, Candidate{c.OutPoint.String(), voice.BTC(c.Amount)})
	}
	return list
}

// completePatience is how long files that another command holds are waited for.
const completePatience = 150 * time.Millisecond

// Candidate is something that the word may become.
type Candidate struct {
	Text, About string
}
