package jobrun

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"

	"blockstack/commands/psbtfile"
	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/txbuilder/registrar"
)

// A job whose signatures come from elsewhere: `--psbt FILE` of the verb that begins it writes what
// is to be signed, `job resume --psbt FILE` takes it back.

// draftFile names the file of a draft: the first is as the user says, the others have their role
// before the ending.
func draftFile(path string, i int, role registrar.Role) string {
	if i == 0 || path == "-" || path == "" {
		return path
	}
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + "." + string(role) + ext
}

// WriteDrafts writes the PSBTs that a job waits to have signed.
func WriteDrafts(env *session.Session, j *registrar.Job, path string) ([]draftView, error) {
	views := viewDrafts(j)
	for i, d := range draftsOf(j) {
		p, err := d.PSBT()
		if err != nil {
			return nil, err
		}
		file := draftFile(path, i, d.Role)
		if views[i].PSBT, err = psbtfile.PutPacket(env, file, p); err != nil {
			return nil, fmt.Errorf("%w; job %s is recorded all the same: blockstack job show %s --psbt FILE", err, j.ID, j.ID)
		}
		if views[i].PSBT == "" {
			views[i].File = file
		}
	}
	return views, nil
}

// ExportDrafts writes the PSBTs that a job waits to have signed, and prints the job.
func ExportDrafts(env *session.Session, schema string, j *registrar.Job, path string) error {
	if len(j.Drafts()) == 0 {
		if err := Print(env, schema, j); err != nil {
			return err
		}
		return Outcome(j)
	}
	views, err := WriteDrafts(env, j, path)
	if err != nil {
		return err
	}
	if views[0].PSBT != "" && !env.Out.JSON() {
		return nil
	}
	doc := struct {
		View
		PSBTs []draftView `json:"psbts"`
	}{ViewOf(j), views}
	return env.Out.Result(schema, doc, func(t *voice.Text) {
		t.Field("job", "%s", j.ID)
		t.Field("state", "%s", Words(j.State))
		for _, v := range views {
			t.Field("to sign", "%s: %s, fee %s", v.File, strings.ReplaceAll(v.Role, "_", " "), voice.BTC(btcutil.Amount(v.FeeSat)))
			if v.By != nil {
				t.Field("", "it counts up to block %d, the sooner the better", *v.By)
			}
		}
		t.Field("then", "%s", env.Out.Here("blockstack job resume "+string(j.ID)+" --psbt FILE"))
	})
}

// PlannedBy finds the job of this home that has planned a PSBT's transaction; nil: none has.
func PlannedBy(ctx context.Context, e *session.Session, p *psbt.Packet) (*registrar.Job, *registrar.Draft, error) {
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, nil, err
	}
	j, d, err := registrar.FindDraft(jobs, p.UnsignedTx.TxHash())
	if errors.Is(err, registrar.ErrNoDraft) {
		return nil, nil, nil
	}
	return j, d, err
}

// RunAccepted accepts signed PSBTs for a job and advances it.
func RunAccepted(ctx context.Context, env *session.Session, schema string, job *registrar.Job, packets []*psbt.Packet, o Options) error {
	if err := env.WithJobs(ctx, ShowEvents(env), func(r *registrar.Registrar) error {
		for _, p := range packets {
			if _, err := r.Accept(ctx, p); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return RunJob(ctx, env, schema, job.ID, o)
}
