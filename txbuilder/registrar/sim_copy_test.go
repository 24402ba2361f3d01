package registrar

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/btcsuite/btcd/wire/v2"
)

// Every other pair of worlds keeps copies of its journal on another disk, which can be full. There
// the journal may be lost altogether, and is made again from the copies; and a second machine with
// the same seed, which never has the keys unlocked, imports the jobs now and then and sends what is
// signed, while the first one lives on.

// keepsCopies says whether a world does.
func keepsCopies(n uint64) bool { return n%4 >= 2 }

// keepCopies begins with the copies.
func (s *sim) keepCopies() {
	s.copies = s.t.TempDir()
	s.writeCopy = func(write func() error) error {
		s.disk.settle(!s.journal.Flushes())
		if err := s.at("before copy"); err != nil {
			return err
		}
		if s.copyFull > 0 {
			s.copyFull--
			return fmt.Errorf("write a copy: %w", syscall.ENOSPC)
		}
		if err := write(); err != nil {
			return err
		}
		return s.at("after copy")
	}
	s.open()
}

// copyTrouble is what can happen to copies, and what they are for.
func (s *sim) copyTrouble() {
	switch s.rng.IntN(4) {
	case 0:
		s.copyFull = 1 + s.rng.IntN(4)
		s.say("the disk with the copies is full for %d writes", s.copyFull)
	case 1:
		s.lose()
	default:
		s.second()
	}
}

// copied are the jobs in the copies.
func (s *sim) copied() (jobs []*Job) {
	files, err := filepath.Glob(filepath.Join(s.copies, "*.job"))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			s.t.Fatal(err)
		}
		j, err := DecodeCopy(b, testNet, testOpen)
		if err != nil {
			s.fault("%s does not open: %v", file, err)
		}
		jobs = append(jobs, j)
	}
	return jobs
}

// lose loses the journal; the user notices, and makes it again from the copies.
func (s *sim) lose() {
	if err := s.journal.Close(); err != nil {
		s.t.Fatal(err)
	}
	s.journal = nil
	if err := os.Remove(s.path); err != nil {
		s.t.Fatal(err)
	}
	kill, full, tear := s.kill, s.disk.full, s.disk.tear
	s.kill, s.disk.full, s.disk.tear, s.disk.lost = nil, 0, 0, false
	s.open()
	s.disk.durable = s.disk.read()
	s.losses++
	list, err := s.r.Import(s.t.Context(), s.copied())
	if err != nil {
		s.fault("import: %v", err)
	}
	if slices.ContainsFunc(list, func(in Imported) bool { return in.What == ImportBarred }) {
		// The end of a job was not in its copy yet, and another one began after it.
		if _, err := s.r.AdvanceAll(s.t.Context()); err == nil {
			if list, err = s.r.Import(s.t.Context(), s.copied()); err != nil {
				s.fault("import: %v", err)
			}
		}
	}
	for _, in := range list {
		if in.What == ImportBarred && s.wasSent(in.Job) && !(errors.Is(in.Err, ErrBadCopy) && !s.wasMined(in.Job)) {
			s.fault("%s is barred from an empty journal: %v", in.Job.ID, in.Err)
		}
	}
	s.say("the journal is lost; %d jobs are imported", len(list))
	s.kill, s.disk.full, s.disk.tear = kill, full, tear
}

// wasSent says whether the node was ever offered a transaction of a job.
func (s *sim) wasSent(j *Job) bool {
	for _, tx := range s.btc.Sent() {
		for _, st := range j.Stages {
			if st.Has(tx.TxHash()) {
				return true
			}
		}
	}
	return false
}

// second lets the other machine do what it can.
func (s *sim) second() {
	if s.far == nil {
		w := *s.world
		w.disk, w.sending, w.kill, w.fail, w.copies, w.journal, w.kept, w.days = nil, nil, nil, nil, "", nil, nil, ""
		w.path, w.writeCopy = filepath.Join(s.t.TempDir(), "far.db"), nil
		w.pub = &publisher{v: &w}
		w.open()
		s.far = &w
		s.t.Cleanup(func() { _ = s.far.journal.Close() })
	}
	locked := s.w.locked
	s.w.locked = true
	defer func() { s.w.locked = locked }()
	if s.rng.IntN(2) == 0 {
		if _, err := s.far.r.Import(s.t.Context(), s.copied()); err != nil {
			s.fault("import on the other machine: %v", err)
		}
	}
	_, err := s.far.r.AdvanceAll(s.t.Context())
	s.say("the other machine: %v", err)
}

// inCopy holds a transaction that is about to be sent to the copies.
func (s *sim) inCopy(tx *wire.MsgTx) {
	if s.copies == "" {
		return
	}
	var raw bytes.Buffer
	if err := tx.Serialize(&raw); err != nil {
		s.t.Fatal(err)
	}
	for _, j := range s.copied() {
		for _, st := range j.Stages {
			for _, v := range st.Versions {
				if bytes.Equal(v.Raw, raw.Bytes()) {
					return
				}
			}
		}
	}
	s.fault("transaction %s is sent and in no copy", tx.TxHash())
}

// wasMined says whether a transaction of a job is in a block. As long as none is, which of two
// coins a job may spend is not known.
func (s *sim) wasMined(j *Job) bool {
	return slices.ContainsFunc(j.Stages, func(st *Stage) bool {
		return slices.ContainsFunc(st.Versions, func(v *Version) bool {
			at, err := s.btc.TxStatus(s.t.Context(), v.Txid)
			if err != nil {
				s.t.Fatal(err)
			}
			return at.Height > 0
		})
	})
}
