package registrar

import "blockstack/names"

// View is what programs see of the job. Transactions are those that the job has
// come to: what is signed ahead does not count.
func (j *Job) View() View {
	v := View{
		JobID: j.ID, Kind: j.Request.Kind, State: j.State.String(), Txids: []string{},
		Name: j.Request.Name.String(), Published: j.Published, Reason: j.Reason,
	}
	if j.Request.Kind == KindLaunch {
		v.Namespace = j.Request.Namespace.ID
	}
	for _, tx := range j.reached() {
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

// reached are the current versions of the transactions that the job has come to.
func (j *Job) reached() []*Version {
	if j.State == Cancelling || j.State == Cancelled {
		if st := j.stage(RoleReturn); st != nil {
			return []*Version{st.Versions[st.Current]}
		}
		return nil
	}
	var reached []*Version
	fl := j.flow()
	for _, role := range []Role{RoleMove, fl.preorder, fl.register, fl.update} {
		if st := j.stage(role); st != nil && st.Used {
			reached = append(reached, st.Versions[st.Current])
		}
	}
	return reached
}
