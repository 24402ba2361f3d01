package commands

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"
	"github.com/btcsuite/btcd/psbt/v2"
	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/voice"
	"blockstack/txbuilder/psbtmap"
	"blockstack/txbuilder/registrar"
)

// A job whose signatures come from elsewhere: `--psbt FILE` of the verb that begins it writes what is to be signed, `job resume
// --psbt FILE` takes it back.

// psbtFlag is --psbt of the verbs that write to the chain.
func psbtFlag() cli.Flag {
	return &cli.StringFlag{Name: "psbt", Usage: "do not sign: write the PSBT to `FILE` for a machine or people with the keys (- for standard output, base64); " +
		"job resume --psbt takes it back"}
}

// draftView is what programs see of a transaction that waits for signatures.
type draftView struct {
	Role     string `json:"role"`
	Unsigned string `json:"unsigned_txid"`
	FeeSat   int64  `json:"fee_sat"`
	BurnSat  int64  `json:"burn_sat"`
	VSize    int64  `json:"vsize"`
	By       *int32 `json:"sign_before_height,omitempty"`
	File     string `json:"file,omitempty"`
	PSBT     string `json:"psbt,omitempty"`
}

// draftsOf lists what a job waits to have signed; what gives it up comes first.
func draftsOf(j *registrar.Job) []*registrar.Draft {
	var first, rest []*registrar.Draft
	for _, d := range j.Drafts() {
		if d.Role == registrar.RoleReturn {
			first = append(first, d)
		} else {
			rest = append(rest, d)
		}
	}
	return append(first, rest...)
}

// viewDrafts lists what a job waits to have signed.
func viewDrafts(j *registrar.Job) []draftView {
	var views []draftView
	for _, d := range draftsOf(j) {
		v := draftView{Role: string(d.Role), Unsigned: d.Unsigned.String(), FeeSat: int64(d.Version.Fee), BurnSat: int64(d.Version.Burn), VSize: d.Version.VSize}
		if w := d.Version.Window; w > 0 {
			v.By = &w
		}
		views = append(views, v)
	}
	return views
}

// checkPSBTFile makes sure, before a job begins, that its PSBT can be written: files that are there are not overwritten.
func (o jobOptions) checkPSBTFile() error {
	if o.PSBT == "" || o.PSBT == "-" {
		return nil
	}
	if _, err := os.Lstat(o.PSBT); err == nil {
		return fault.Usage("--psbt: %s is there already", o.PSBT).Hint("name a file that is not there, or - for standard output")
	}
	if info, err := os.Stat(filepath.Dir(o.PSBT)); err != nil || !info.IsDir() {
		return fault.Usage("--psbt: there is no folder %s", filepath.Dir(o.PSBT))
	}
	return nil
}

// draftFile names the file of a draft: the first is as the user says, the others have their role before the ending.
func draftFile(path string, i int, role registrar.Role) string {
	if i == 0 || path == "-" || path == "" {
		return path
	}
	ext := filepath.Ext(path)
	return strings.TrimSuffix(path, ext) + "." + string(role) + ext
}

// writeDrafts writes the PSBTs that a job waits to have signed.
func writeDrafts(env *Env, j *registrar.Job, path string) ([]draftView, error) {
	views := viewDrafts(j)
	for i, d := range draftsOf(j) {
		p, err := d.PSBT()
		if err != nil {
			return nil, err
		}
		file := draftFile(path, i, d.Role)
		if views[i].PSBT, err = env.putPacket(file, p); err != nil {
			return nil, fmt.Errorf("%w; job %s is recorded all the same: blockstack job show %s --psbt FILE", err, j.ID, j.ID)
		}
		if views[i].PSBT == "" {
			views[i].File = file
		}
	}
	return views, nil
}

// exportDrafts writes the PSBTs that a job waits to have signed, and prints the job.
func exportDrafts(env *Env, schema string, j *registrar.Job, path string) error {
	if len(j.Drafts()) == 0 {
		if err := printJob(env, schema, j); err != nil {
			return err
		}
		return jobOutcome(j)
	}
	views, err := writeDrafts(env, j, path)
	if err != nil {
		return err
	}
	if views[0].PSBT != "" && !env.Out.JSON() {
		return nil
	}
	doc := struct {
		jobView
		PSBTs []draftView `json:"psbts"`
	}{viewJob(j), views}
	return env.Out.Result(schema, doc, func(t *voice.Text) {
		t.Field("job", "%s", j.ID)
		t.Field("state", "%s", words(j.State))
		for _, v := range views {
			t.Field("to sign", "%s: %s, fee %s", v.File, strings.ReplaceAll(v.Role, "_", " "), voice.BTC(btcutil.Amount(v.FeeSat)))
			if v.By != nil {
				t.Field("", "it counts up to block %d, the sooner the better", *v.By)
			}
		}
		t.Field("then", "%s", env.Out.Here("blockstack job resume "+string(j.ID)+" --psbt FILE"))
	})
}

// prepare takes a job to where signatures are needed and writes what is to be signed.
func prepare(ctx context.Context, env *Env, schema string, id registrar.ID, o jobOptions) error {
	job, err := advanceOnce(ctx, env, id)
	if err != nil {
		return err
	}
	return exportDrafts(env, schema, job, o.PSBT)
}

// plannedBy finds the job of this home that has planned a PSBT's transaction; nil: none has.
func (e *Env) plannedBy(ctx context.Context, p *psbt.Packet) (*registrar.Job, *registrar.Draft, error) {
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

// readPSBTs reads the PSBTs of a file: one in binary, or any number in base64, one a line.
func (e *Env) readPSBTs(path string) ([]*psbt.Packet, error) {
	raw, err := e.readFileOrStdin(path, psbtmap.MaxSize)
	if err != nil {
		return nil, fmt.Errorf("PSBT: %w", err)
	}
	texts := [][]byte{raw}
	if lines := bytes.Fields(raw); !bytes.HasPrefix(raw, psbtmap.Magic[:]) && len(lines) > 1 && bytes.HasPrefix(lines[1], []byte("cHNidP8")) {
		texts = lines
	}
	var list []*psbt.Packet
	for _, text := range texts {
		f, err := parsePSBT(text)
		if err != nil {
			return nil, fault.New("malformed", "%s: %v", path, err).Because(err)
		}
		list = append(list, f.Packet)
	}
	return list, nil
}

// resumeSigned takes signed PSBTs back into the job that planned them, and goes on with it.
func resumeSigned(ctx context.Context, env *Env, o resumeOptions) error {
	var packets []*psbt.Packet
	var job *registrar.Job
	if o.What != "" {
		found, err := env.findJob(ctx, o.What)
		if err != nil {
			return err
		}
		job = found
	}
	for _, path := range o.Signed {
		list, err := env.readPSBTs(path)
		if err != nil {
			return err
		}
		for _, p := range list {
			j, _, err := env.plannedBy(ctx, p)
			switch {
			case err != nil:
				return err
			case j == nil:
				return fmt.Errorf("%s: %w", path, registrar.ErrNoDraft)
			case job != nil && job.ID != j.ID:
				return fault.New("conflict", "%s is of job %s (%s), not of job %s", path, j.ID, j.Request.Subject(), job.ID).
					Hint("give the PSBTs of one job at a time")
			}
			job = j
			packets = append(packets, p)
		}
	}
	return runAccepted(ctx, env, "job.resume", job, packets, o.jobOptions)
}

// runAccepted accepts signed PSBTs for a job and advances it.
func runAccepted(ctx context.Context, env *Env, schema string, job *registrar.Job, packets []*psbt.Packet, o jobOptions) error {
	if err := env.withJobs(ctx, showEvents(env), func(r *registrar.Registrar) error {
		for _, p := range packets {
			if _, err := r.Accept(ctx, p); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	return runJob(ctx, env, schema, job.ID, o)
}
