package job

import "blockstack/names"

// View is what programs see of a job.
type View struct {
	JobID       ID       `json:"job_id"`
	Kind        Kind     `json:"kind"`
	Name        string   `json:"name,omitempty"`
	Namespace   string   `json:"namespace,omitempty"`
	Imports     int      `json:"imports,omitempty"` // how many names an import imports
	State       string   `json:"state"`
	Txids       []string `json:"txids"`
	FeeSat      int64    `json:"fee_sat"`
	BurnSat     int64    `json:"burn_sat"`
	BurnUstacks *string  `json:"burn_ustacks"` // decimal; null when paid in BTC
	Published   []string `json:"published,omitempty"`
	Reason      string   `json:"reason,omitempty"`
	WaitingFor  string   `json:"waiting_for,omitempty"`
	Blocks      *int32   `json:"waiting_blocks,omitempty"`
	// Names are those of a series.
	Names []NameView `json:"names,omitempty"`
}

// NameView is what programs see of one name of a series.
type NameView struct {
	Name      string   `json:"name"`
	Kind      Kind     `json:"kind"`
	State     string   `json:"state"`
	Txids     []string `json:"txids"`
	FeeSat    int64    `json:"fee_sat"`
	BurnSat   int64    `json:"burn_sat"`
	Published []string `json:"published,omitempty"`
	Reason    string   `json:"reason,omitempty"`
}

// View is what programs see of the job. Transactions are those that the job has come to: what is
// signed ahead does not count.
func (j *Job) View() View {
	v := View{
		JobID: j.ID, Kind: j.Request.Kind, State: j.State.String(), Txids: []string{},
		Name: j.Request.Name.String(), Published: j.Published, Reason: j.Reason,
	}
	if k := j.Request.Kind; k == KindLaunch || k == KindImport {
		v.Namespace = j.Request.Subject()
	}
	if j.Request.Kind == KindImport {
		v.Imports = len(j.Request.Import.Names)
	}
	if j.Request.Kind.BatchKind() {
		v.Name = ""
	}
	if j.Request.Kind == KindSeries {
		for i := range j.Items {
			v.Names = append(v.Names, j.viewItem(i))
		}
	}
	for _, tx := range j.Reached() {
		v.Txids = append(v.Txids, tx.Txid.String())
		v.FeeSat += int64(tx.Fee)
		v.BurnSat += int64(tx.Burn)
	}
	if j.Price != nil && j.Price.Unit == names.MicroStacks && j.State != Cancelling && j.State != Cancelled {
		text := j.Price.Amount.String()
		v.BurnUstacks = &text
	}
	if j.Wait != nil {
		v.WaitingFor = j.Wait.For
		if j.Wait.Blocks > 0 {
			v.Blocks = &j.Wait.Blocks
		}
	}
	return v
}

// viewItem is what programs see of one name of a series.
func (j *Job) viewItem(i int) NameView {
	p, it := &j.Items[i], &j.Request.Series.Items[i]
	n := NameView{Name: it.Name.String(), Kind: it.Kind, State: p.State.String(), Txids: []string{}, Published: p.Published, Reason: p.Reason}
	for _, l := range j.taken() {
		if l.Item == i {
			n.Txids = append(n.Txids, l.Version.Txid.String())
			n.FeeSat += int64(l.Version.Fee)
			n.BurnSat += int64(l.Version.Burn)
		}
	}
	return n
}

// taken are the transactions on the path of a series that it has come to.
func (j *Job) taken() (list []Link) {
	if j.Path >= len(j.Paths) {
		return nil
	}
	links := j.Links()
	for _, id := range j.Paths[j.Path].Links {
		if l := links[id]; l.Stage.Used {
			list = append(list, l)
		}
	}
	return list
}

// Reached are the current versions of the transactions that the job has come to.
func (j *Job) Reached() []*Version {
	if j.State == Cancelling || j.State == Cancelled {
		if st := j.Stage(RoleReturn); st != nil && (st.Used || j.State == Cancelling) {
			return []*Version{st.Versions[st.Current]}
		}
		return nil
	}
	var reached []*Version
	switch j.Request.Kind {
	case KindSplit:
		if st := j.Stage(RoleSplit); st != nil && j.State != Rejected {
			return []*Version{st.Versions[st.Current]}
		}
		return nil
	case KindSeries:
		for _, l := range j.taken() {
			reached = append(reached, l.Version)
		}
		return reached
	}
	for _, role := range j.Roles() {
		if st := j.Stage(role); st != nil && st.Used {
			reached = append(reached, st.Versions[st.Current])
		}
	}
	return reached
}
