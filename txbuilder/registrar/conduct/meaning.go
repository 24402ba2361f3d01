package conduct

import (
	"bytes"
	"slices"

	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// What a request means, from the jobs that there are, oldest first, and from what the index says.

// stands reports whether a job is under way or has done what it is for.
func stands(j *registrar.Job) bool { return j.Open() || j.State == registrar.Done }

// latest is the last of jobs that stands and is meant; nil: none is.
func latest(jobs []*registrar.Job, meant func(j *registrar.Job) bool) *registrar.Job {
	for _, j := range slices.Backward(jobs) {
		if stands(j) && meant(j) {
			return j
		}
	}
	return nil
}

// OwnerOf is the script of ours that a request of a name's owner speaks for: the one that has the
// name, when it is ours. After a transfer, or while a reorg has undone what gave us the name, it is
// the one of the latest job that meant the same. Else *NotOwner.
func OwnerOf(req *registrar.Request, rec *names.Record, ours bool, jobs []*registrar.Job) ([]byte, error) {
	if rec.Status != names.Available && ours {
		return rec.Owner, nil
	}
	same := latest(jobs, func(j *registrar.Job) bool {
		return j.Request.Kind == req.Kind && j.Request.Name == req.Name && bytes.Equal(j.Request.To, req.To)
	})
	if same == nil {
		return nil, &registrar.NotOwner{Name: req.Name, Status: rec.Status, Owner: rec.OwnerAddress}
	}
	return same.Request.Owner, nil
}

// LaunchOf is the latest job that launches a namespace; nil: there is none.
func LaunchOf(id names.NamespaceID, jobs []*registrar.Job) *registrar.Job {
	return latest(jobs, func(j *registrar.Job) bool {
		return j.Request.Kind == registrar.KindLaunch && j.Request.NamespaceID() == id
	})
}

// RevealerOf is the script that a launch of a namespace is for: the one of the job that launches
// it, else the first of those that next gives which no launch has used.
func RevealerOf(id names.NamespaceID, jobs []*registrar.Job, next func(i uint32) ([]byte, error)) ([]byte, error) {
	if launch := LaunchOf(id, jobs); launch != nil {
		return launch.Request.Owner, nil
	}
	for i := uint32(0); ; i++ {
		script, err := next(i)
		if err != nil {
			return nil, err
		}
		used := slices.ContainsFunc(jobs, func(j *registrar.Job) bool {
			return j.Request.Kind == registrar.KindLaunch && bytes.Equal(j.Request.Owner, script)
		})
		if !used {
			return script, nil
		}
	}
}

// ImportingInto is the first open job that imports names into a namespace, which is not opened
// meanwhile; nil: there is none.
func ImportingInto(id names.NamespaceID, jobs []*registrar.Job) *registrar.Job {
	for _, j := range jobs {
		if j.Request.Kind == registrar.KindImport && j.Request.NamespaceID() == id && j.Open() {
			return j
		}
	}
	return nil
}

// RegistrationsOf are the jobs that register remembered names, so that who asks for them again goes
// on with them.
func RegistrationsOf(remembered []names.Name, jobs []*registrar.Job) (found []*registrar.Job) {
	for _, j := range jobs {
		if j.Request.Kind == registrar.KindRegister && stands(j) && slices.Contains(remembered, j.Request.Name) {
			found = append(found, j)
		}
	}
	return found
}

// Resumable are the jobs that go on with what was sent.
func Resumable(list []*registrar.Pending) (jobs []*registrar.Job) {
	for _, p := range list {
		if p.Job != nil {
			jobs = append(jobs, p.Job)
		}
	}
	return jobs
}
