package commands

import (
	"context"
	"errors"
	"fmt"

	"blockstack/commands/cli"

	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/names/index"
	"blockstack/txbuilder/registrar"
)

// nameCommand is the noun `name`.
func nameCommand() *cli.Command {
	return noun("name", "names: looking them up, registering them, and what their owners can do", catNames,
		nameCheckCommand(),
		namePriceCommand(),
		nameRegisterCommand("name register"),
		nameRenewCommand(),
		nameUpdateCommand(),
		nameTransferCommand(),
		nameRevokeCommand(),
		nameApplyCommand(),
		nameListCommand(),
		nameShowCommand(),
		nameHistoryCommand(),
	)
}

// nameArgument parses the first argument as a name.
func nameArgument(c *cli.Context) (names.Name, error) { return names.Parse(c.Args().First()) }

// nameView is what programs see of a name.
type nameView struct {
	Name            names.Name          `json:"name"`
	Status          string              `json:"status"`
	OwnerAddress    *string             `json:"owner_address"`
	OwnerScript     *string             `json:"owner_script"`
	ZoneFileHash    *string             `json:"zonefile_hash"`
	FirstRegistered *int32              `json:"first_registered_height"`
	RenewedAt       *int32              `json:"renewed_at_height"`
	ExpiresAt       *int32              `json:"expires_at_height"`
	GraceEnds       *int32              `json:"grace_ends_at_height,omitempty"`
	LastTxid        *string             `json:"last_txid"`
	Height          int32               `json:"height"`
	Consensus       names.ConsensusHash `json:"consensus_hash"`
	ExactUntil      *int32              `json:"exact_until_height,omitempty"`
	JobID           *registrar.ID       `json:"job_id,omitempty"`
}

// viewName turns a record into what programs see. What an available name does not have is null.
func viewName(r names.Record) nameView {
	v := nameView{Name: r.Name, Status: string(r.Status), Height: r.Height, Consensus: r.Consensus}
	if r.Status == names.Available {
		return v
	}
	script, txid := voice.Hex(r.Owner), r.LastTx.String()
	v.OwnerAddress, v.OwnerScript, v.LastTxid = &r.OwnerAddress, &script, &txid
	v.FirstRegistered, v.RenewedAt = &r.FirstRegistered, &r.RenewedAt
	if r.HasZoneFile {
		hash := r.ZoneFile.String()
		v.ZoneFileHash = &hash
	}
	if r.ExpiresAt > 0 {
		v.ExpiresAt = &r.ExpiresAt
		if r.GraceEnds > r.ExpiresAt {
			v.GraceEnds = &r.GraceEnds
		}
	}
	return v
}

// nameShowCommand is `name show`.
func nameShowCommand() *cli.Command {
	return &cli.Command{
		Name:      "show",
		Usage:     "say who owns a name, from the index alone",
		ArgsUsage: "NAME",
		Description: "It never opens the keychain. A name that nobody has is no error; its status is available, pending while a job\n" +
			"of yours registers it, or no_namespace where its namespace does not exist.\n\n" + examples("blockstack name show alice.id", "blockstack name show alice.id --offline --json"),
		Action: verb(nameArgument, runNameShow),
	}
}

// runNameShow reads the index, and the journal for what is under way.
func runNameShow(ctx context.Context, env *Env, n names.Name) error {
	x, err := env.Index(ctx)
	if err != nil {
		return err
	}
	rec, err := x.Record(ctx, n)
	if err != nil {
		return err
	}
	v := viewName(rec)
	if v.ExactUntil, err = exactUntil(ctx, x); err != nil {
		return err
	}
	if rec.Status == names.Available || rec.Status == names.Expired {
		job, err := env.registering(ctx, n)
		if err != nil {
			return err
		}
		if job != nil {
			v.Status, v.JobID = "pending", &job.ID
		}
	}
	if v.Status == string(names.Available) {
		if v.Status, err = freeStatus(ctx, x, n); err != nil {
			return err
		}
	}
	return env.Out.Result("name.show", v, func(t *voice.Text) { writeName(t, v) })
}

// freeStatus is the status of a name that nobody has: no_namespace where there is no namespace to register it in.
func freeStatus(ctx context.Context, x *index.Index, n names.Name) (string, error) {
	ns, err := x.Namespace(ctx, n.Namespace())
	if errors.Is(err, names.ErrNotFound) || err == nil && ns.Status == names.NamespaceExpired {
		return "no_namespace", nil
	}
	return string(names.Available), err
}

// writeName writes a name in words.
func writeName(t *voice.Text, v nameView) {
	text := func(s *string) string {
		if s == nil {
			return ""
		}
		return *s
	}
	height := func(h *int32) string {
		if h == nil {
			return ""
		}
		return fmt.Sprintf("block %d", *h)
	}
	t.Field("name", "%s", v.Name)
	t.Field("status", "%s", v.Status)
	t.Field("owner", "%s", text(v.OwnerAddress))
	t.Field("zone file", "%s", text(v.ZoneFileHash))
	t.Field("registered at", "%s", height(v.FirstRegistered))
	t.Field("renewed at", "%s", height(v.RenewedAt))
	if v.ExpiresAt == nil && v.OwnerAddress != nil {
		t.Field("expires", "never")
	} else {
		t.Field("expires at", "%s", height(v.ExpiresAt))
	}
	t.Field("can be renewed until", "%s", height(v.GraceEnds))
	t.Field("last transaction", "%s", text(v.LastTxid))
	if v.JobID != nil {
		t.Field("job", "%s", *v.JobID)
	}
	t.Field("height", "%d", v.Height)
	if v.ExactUntil != nil {
		t.Field("certain until", "%s", height(v.ExactUntil))
	}
	t.Field("consensus hash", "%s", v.Consensus)
}

// registering is the open job that registers a name, nil when there is none.
func (e *Env) registering(ctx context.Context, n names.Name) (*registrar.Job, error) {
	jobs, err := e.Jobs(ctx)
	if err != nil {
		return nil, err
	}
	for _, j := range jobs {
		if q, found := j.ForName(n); found && j.Open() && q.Kind == registrar.KindRegister && !j.ProgressOf(n).State.Final() {
			return j, nil
		}
	}
	return nil, nil
}
