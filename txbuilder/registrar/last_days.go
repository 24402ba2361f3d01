package registrar

import (
	"slices"

	"blockstack/txbuilder/registrar/job"
	"blockstack/txbuilder/registrar/rescue"
)

// CaughtUp ends the doubt about this home's last days when jobs were brought in that this
// journal did not know, or not so far: the copy is newer than the journal was.
func (r *Registrar) CaughtUp(list []rescue.Imported) error {
	if r.cfg.LastDays == nil || !slices.ContainsFunc(list, func(in rescue.Imported) bool { return in.What == job.ImportNew || in.What == job.ImportMerged }) {
		return nil
	}
	return r.cfg.LastDays.Settle()
}
