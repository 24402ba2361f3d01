package job

import "slices"

// ImportOutcome says what became of a job that was brought in.
type ImportOutcome string

// The outcomes. The values are shown to programs.
const (
	ImportNew    ImportOutcome = "imported" // the journal did not have it
	ImportMerged ImportOutcome = "merged"   // the journal had it, with fewer transactions
	ImportKnown  ImportOutcome = "known"    // the journal has all of it
	ImportBarred ImportOutcome = "barred"   // another job stands in its way
)

// Together makes one job of several copies of it, old and new: with every transaction that one of
// them knows, in the state of the latest.
func Together(jobs []*Job) (merged []*Job, err error) {
	at := make(map[ID]int)
	for _, j := range jobs {
		i, known := at[j.ID]
		if !known || merged[i].Request.Differs(&j.Request) != "" {
			at[j.ID] = len(merged)
			merged = append(merged, j)
			continue
		}
		late, early := merged[i], j
		if j.Updated.After(late.Updated) {
			late, early = j, merged[i]
		}
		if merged[i], _, err = Merge(late, early); err != nil {
			return nil, err
		}
	}
	return merged, nil
}

// Merge adds what another journal knows of a job to what this one knows; ours is nil when it knows
// nothing. Neither is changed.
func Merge(ours, theirs *Job) (*Job, ImportOutcome, error) {
	if ours == nil {
		next, err := Clone(theirs)
		return next, ImportNew, err
	}
	next, err := Clone(ours)
	if err != nil {
		return nil, "", err
	}
	if ours.State == Planned { // nothing was signed here, so theirs is the job
		next, err := Clone(theirs)
		if err == nil && len(next.Mark) == 0 {
			next.Mark = ours.Mark
		}
		return next, ImportMerged, err
	}
	what := ImportKnown
	for _, from := range theirs.Stages {
		to := next.StageOf(from.Role, from.Name)
		if to == nil {
			next.Stages = append(next.Stages, from)
			what = ImportMerged
			continue
		}
		sent := from.Versions[from.Current]
		if !from.Used {
			sent = nil
		}
		for _, v := range from.Versions {
			if to.Include(v) {
				what = ImportMerged
			}
		}
		// Each of the two may have been sent; the higher fee is the later one.
		if i := slices.IndexFunc(to.Versions, func(v *Version) bool { return sent != nil && v.Txid == sent.Txid }); i > to.Current || i >= 0 && !to.Used {
			to.Current, to.Since, to.Used = i, max(to.Since, from.Since), true
			what = ImportMerged
		}
	}
	if mergePaths(next, theirs) {
		what = ImportMerged
	}
	if what == ImportKnown {
		return next, what, nil
	}
	if len(next.Sender) == 0 {
		next.Sender = theirs.Sender
	}
	if next.Price == nil {
		next.Price = theirs.Price
	}
	next.NeedsUpdate = next.NeedsUpdate || theirs.NeedsUpdate
	return next, what, next.Check()
}

// mergePaths adds what another journal knows of the ways through a series.
func mergePaths(j, theirs *Job) (more bool) {
	if j.Request.Kind != KindSeries || len(theirs.Items) != len(j.Items) {
		return false
	}
	for _, p := range theirs.Paths {
		if !slices.ContainsFunc(j.Paths, func(o Path) bool { return o.Root == p.Root && slices.Equal(o.Links, p.Links) }) {
			j.Paths, more = append(j.Paths, p), true
		}
	}
	for i := range j.Items {
		if j.Items[i].Coin == nil {
			j.Items[i].Coin = theirs.Items[i].Coin
		}
	}
	return more
}
