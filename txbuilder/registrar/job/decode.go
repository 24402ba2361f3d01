package job

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Intention is what is agreed to: the job and its request, without what may change afterwards.
func (j *Job) Intention() ([]byte, error) {
	n, err := Clone(j) // as it is stored
	if err != nil {
		return nil, err
	}
	q := n.Request
	q.Rate, q.HighRate, q.Hold, q.External, q.Assured = 0, 0, false, false, 0
	return json.Marshal(struct {
		ID      ID      `json:"id"`
		Request Request `json:"request"`
	}{n.ID, q})
}

// maxJobBytes bounds what is read as one job.
const maxJobBytes = 16 << 20

// Decode reads the JSON of a job and holds its transactions to their txids.
func Decode(raw []byte) (*Job, error) {
	if len(raw) > maxJobBytes {
		return nil, fmt.Errorf("%w: a job of %d bytes", ErrBadJournal, len(raw))
	}
	var j Job
	if err := json.Unmarshal(raw, &j); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadJournal, err)
	}
	for _, s := range j.Stages {
		if s == nil || s.Current < 0 || s.Current >= len(s.Versions) {
			return nil, fmt.Errorf("%w: job %s: stage without its current version", ErrBadJournal, j.ID)
		}
		for _, v := range s.Versions {
			if v == nil {
				return nil, fmt.Errorf("%w: job %s: empty version", ErrBadJournal, j.ID)
			}
			if _, err := v.Tx(); err != nil {
				return nil, fmt.Errorf("job %s: %w", j.ID, err)
			}
		}
	}
	for _, d := range j.Drafted {
		if err := d.check(); err != nil {
			return nil, fmt.Errorf("%w: job %s: %w", ErrBadJournal, j.ID, err)
		}
	}
	if err := j.Check(); err != nil {
		return nil, fmt.Errorf("%w: job %s: %w", ErrBadJournal, j.ID, err)
	}
	return &j, nil
}

// Check holds a stored job to what its state takes for granted.
func (j *Job) Check() error {
	if stateName(j.State) == "" {
		return fmt.Errorf("no state %d", uint8(j.State))
	}
	switch j.Request.Kind {
	case KindRegister:
		if j.Request.Name.IsZero() || j.Request.Namespace != nil {
			return errors.New("a registration without its name")
		}
	case KindLaunch:
		if j.Request.Namespace == nil {
			return errors.New("a launch without its rules")
		}
	case KindImport:
		if j.Request.Import == nil || len(j.Request.Import.Names) == 0 || len(j.Request.Import.Names) > MaxImports ||
			len(j.Request.Import.Names) > 1 && len(j.Request.Import.Ring) == 0 {
			return errors.New("an import without its list")
		}
	case KindRenew, KindUpdate, KindTransfer, KindRevoke:
		if j.Request.Name.IsZero() || j.Request.Namespace != nil {
			return fmt.Errorf("kind %s without its name", j.Request.Kind)
		}
		if j.State == PreorderSigned || j.State == PreorderConfirmed || j.State == RegisterSigned || j.State == RegisterConfirmed {
			return fmt.Errorf("kind %s is never %s", j.Request.Kind, j.State)
		}
	case KindSplit, KindSeries:
		return j.checkSeries()
	default:
		return fmt.Errorf("unknown kind %.20q", j.Request.Kind)
	}
	if j.Price != nil && (j.Price.Amount == nil || j.Price.Amount.Sign() < 0) {
		return errors.New("a price without an amount")
	}
	fl := j.Flow()
	need := map[State][]Role{
		MoveSigned: {RoleMove}, PreorderSigned: {fl.Preorder}, PreorderConfirmed: {fl.Preorder}, RegisterSigned: {fl.Preorder, fl.Register},
		RegisterConfirmed: {fl.Preorder, fl.Register}, UpdateSigned: {fl.Preorder, fl.Register, fl.Update},
		UpdateConfirmed: {fl.Preorder, fl.Register, fl.Update}, Done: {fl.Preorder, fl.Register},
		Cancelling: {fl.First(), RoleReturn},
	}[j.State]
	if j.State == Done && j.Request.Kind.OfOwner() {
		need = []Role{fl.Update}
	}
	ending := j.State == UpdateSigned || j.State == UpdateConfirmed || j.State == Done
	if len(need) > 0 && j.Request.Kind == KindImport && (ending || !j.Request.External) {
		need = append(j.Roles(), need...) // all are signed together, unless elsewhere
	}
	for _, role := range need {
		if role != "" && j.Stage(role) == nil {
			return fmt.Errorf("%s without its transaction", j.State)
		}
	}
	return nil
}

// checkSeries holds a stored job of a batch to what its state takes for granted.
func (j *Job) checkSeries() error {
	if j.Request.Kind == KindSplit {
		if j.Request.Split == nil || j.State != Planned && j.State != Cancelled && j.Stage(RoleSplit) == nil {
			return errors.New("a split without its transaction")
		}
		return nil
	}
	s := j.Request.Series
	if s == nil || len(s.Items) == 0 || len(j.Items) != len(s.Items) || s.Output < 0 {
		return errors.New("a series without its names")
	}
	for _, p := range j.Items {
		if stateName(p.State) == "" || p.Dropped != 0 && stateName(p.Dropped) == "" || p.Price != nil && p.Price.Amount == nil {
			return errors.New("a name in no state")
		}
	}
	known := j.Links()
	for _, p := range j.Paths {
		for _, id := range p.Links {
			if known[id].Version == nil {
				return fmt.Errorf("no transaction %s", id)
			}
		}
	}
	if j.Path < 0 || j.Path >= max(1, len(j.Paths)) {
		return errors.New("no such path")
	}
	return nil
}

// Clone copies a job through its stored form, so that nothing that is not saved is ever believed.
func Clone(j *Job) (*Job, error) {
	raw, err := json.Marshal(j)
	if err != nil {
		return nil, fmt.Errorf("job %s: %w", j.ID, err)
	}
	return Decode(raw)
}
