package jobs

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/urfave/cli/v2"

	"blockstack/commands/fault"
	"blockstack/commands/jobrun"
	"blockstack/commands/line"
	"blockstack/commands/session"
	"blockstack/commands/specfile"
	"blockstack/commands/voice"
	"blockstack/home/jobports"
	"blockstack/names"
	"blockstack/names/nameop"
	"blockstack/names/zonefile"
	"blockstack/storage/textfile"
	"blockstack/txbuilder/registrar"
	"blockstack/txbuilder/registrar/conduct"
)

// jobRescueCommand is `job rescue`.
func jobRescueCommand() *cli.Command {
	return &cli.Command{
		Name:      "rescue",
		Usage:     "find preorders of this wallet on the chain whose jobs are lost, and go on with them",
		ArgsUsage: "[NAME...]",
		Description: "A preorder hides its name, so it takes somebody who remembers it: names that may have been preordered are tested\n" +
			"against what the keys of this wallet have sent. One that fits is registered; its price is not paid again.\n" +
			"Without a name the preorders are listed, those in no block yet, too. A journal that is damaged is kept beside its place and\n" +
			"made anew from its copy, where one is kept (--journal-copy), and the chain.\n\n" + line.Examples(
			"blockstack job rescue",
			"blockstack job rescue alice.id alicia.id --profile-url https://alice.example/profile.json",
			"blockstack job rescue --names-file names.txt --owner 1BoatSLRHtKNngkdXEeobR76b53LETtpyT",
			"blockstack job rescue --namespace id.toml"),
		Flags: jobrun.Flags(
			&cli.StringFlag{Name: "names-file", Usage: "names that may have been preordered, one a line, from `FILE`; - is standard input"},
			&cli.StringSliceFlag{Name: "owner", Usage: "the `ADDRESS` that a name was meant for, when it is not of this wallet; may be repeated"},
			&cli.StringFlag{Name: "namespace", Usage: "the rules of a namespace that may have been preordered, from `FILE`"},
			&cli.StringFlag{Name: "profile-url", Usage: "for one name: make a zone file that says the profile is at `URL`"},
			&cli.StringFlag{Name: "zonefile", Usage: "for one name: take the zone file from `FILE`"}),
		Action: line.Verb(parseRescue, runJobRescue),
	}
}

// rescueOptions are what somebody remembers.
type rescueOptions struct {
	Names     []names.Name
	File      string
	Owners    []string
	Namespace string
	jobrun.ZoneFileOptions
	jobrun.Options
}

// parseRescue reads the names.
func parseRescue(c *cli.Context) (o rescueOptions, err error) {
	for _, word := range c.Args().Slice() {
		n, err := names.Parse(word)
		if err != nil {
			return o, err
		}
		o.Names = append(o.Names, n)
	}
	o.File, o.Owners, o.Namespace = c.String("names-file"), c.StringSlice("owner"), c.String("namespace")
	o.URL, o.ZoneFileOptions.File = c.String("profile-url"), c.String("zonefile")
	if o.URL != "" || o.ZoneFileOptions.File != "" {
		if o.URL != "" && o.ZoneFileOptions.File != "" || len(o.Names) != 1 || o.File != "" {
			return o, fault.Usage("a zone file belongs to one name: give one NAME, and either --profile-url or --zonefile")
		}
		if _, err := zonefile.Make(o.Names[0], o.URL); o.URL != "" && err != nil {
			return o, err
		}
	}
	o.Options, err = jobrun.ParseOptions(c)
	return o, err
}

// The bounds of what is tested.
const (
	maxRescueFile  = 64 << 20
	maxRescueNames = 1_000_000
)

// ReadNames reads names, one a line; what cannot be a name is left out, and counted.
func ReadNames(path string, in io.Reader) (list []names.Name, skipped int, err error) {
	if path != "-" {
		f, err := os.Open(path)
		if err != nil {
			return nil, 0, fmt.Errorf("names: %w", err)
		}
		defer f.Close()
		in = f
	}
	limited := &io.LimitedReader{R: textfile.Unmarked(in), N: maxRescueFile + 1}
	lines := bufio.NewScanner(limited)
	for lines.Scan() {
		word := strings.TrimSpace(lines.Text())
		if word == "" {
			continue
		}
		n, err := names.Parse(word)
		if err != nil {
			skipped++
			continue
		}
		if list = append(list, n); len(list) > maxRescueNames {
			return nil, 0, fault.Usage("%s has more than %d names", path, maxRescueNames)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, 0, fmt.Errorf("names: %w", err)
	}
	if limited.N <= 0 {
		return nil, 0, fault.Usage("%s has more than %d bytes", path, maxRescueFile)
	}
	return list, skipped, nil
}

// rescueRequest gathers what is remembered and what the wallet knows.
func (o *rescueOptions) rescueRequest(ctx context.Context, env *session.Session) (req registrar.RescueRequest, err error) {
	req.Names = o.Names
	if o.File != "" {
		list, skipped, err := ReadNames(o.File, env.In)
		if err != nil {
			return req, err
		}
		if skipped > 0 {
			env.Out.Note("%s of %s cannot be a name and is left out", voice.Count(skipped, "line"), o.File)
		}
		req.Names = append(req.Names, list...)
	}
	if o.Namespace != "" {
		spec, err := specfile.Read(o.Namespace, env.In)
		if err != nil {
			return req, err
		}
		req.Namespaces = []nameop.NamespaceReveal{*spec}
	}
	if o.URL != "" || o.ZoneFileOptions.File != "" {
		if req.Template.ZoneFile, err = o.Text(env, o.Names[0]); err != nil {
			return req, err
		}
	}
	w, err := env.Wallet(ctx)
	if err != nil {
		return req, err
	}
	if req.Scripts, err = w.Scripts(ctx); err != nil {
		return req, err
	}
	ring, err := jobports.Wallet{Wallet: w}.Owners(ctx)
	if err != nil {
		return req, err
	}
	req.Owners = slices.Concat(req.Scripts, ring)
	for _, text := range o.Owners {
		script, err := session.AddressScript(env, text)
		if err != nil {
			return req, err
		}
		req.Owners = append(req.Owners, script)
	}
	req.Template.External = o.PSBT != ""
	return req, o.Fill(ctx, env, &req.Template)
}

// pendingView is what programs see of a preorder without a job.
type pendingView struct {
	Txid      string       `json:"txid"`
	Height    *int32       `json:"height"` // null: in no block yet
	Sender    string       `json:"sender_address"`
	Until     *int32       `json:"until_height"`
	Lapsed    bool         `json:"lapsed"`
	Name      string       `json:"name,omitempty"`
	Namespace string       `json:"namespace,omitempty"`
	JobID     registrar.ID `json:"job_id,omitempty"`
	Reason    string       `json:"reason,omitempty"`
}

// viewPending turns a preorder into what programs see. given says that names were tested against
// it.
func viewPending(ctx context.Context, e *session.Session, p *registrar.Pending, given bool) (pendingView, error) {
	rules, err := e.Registry(ctx)
	if err != nil {
		return pendingView{}, err
	}
	v := pendingView{Txid: p.Txid.String(), Lapsed: p.Lapsed, Name: p.Name.String(), Namespace: p.Namespace}
	if v.Sender, err = rules.ScriptAddress(p.Sender); err != nil {
		return v, err
	}
	if p.Until > 0 {
		v.Until = &p.Until
	}
	if p.Height > 0 {
		v.Height = &p.Height
	}
	switch {
	case p.Owned != nil:
		v.JobID, v.Name = p.Owned.ID, p.Owned.Request.Name.String()
		v.Reason = "a job of this home has it"
	case p.Err != nil:
		v.Reason = p.Err.Error()
	case p.Lapsed:
		v.Reason = "too old to be registered; what it burnt is lost"
	case p.Job != nil:
		v.JobID = p.Job.ID
	case !given:
		v.Reason = "no job follows it; it does not show its name"
	default:
		v.Reason = "none of the names that were given"
	}
	return v, nil
}

// runJobRescue looks for preorders and goes on with those whose names are known.
func runJobRescue(ctx context.Context, env *session.Session, o rescueOptions) error {
	if err := o.CheckPSBTFile(); err != nil {
		return err
	}
	copied, err := regainJournal(ctx, env, o.DryRun)
	if err != nil {
		return err
	}
	req, err := o.rescueRequest(ctx, env)
	if err != nil {
		return err
	}
	var list []*registrar.Pending
	find := func(dry bool) error {
		return env.WithJobs(ctx, nil, func(r *registrar.Registrar) (err error) {
			list, err = r.Rescue(ctx, req, dry)
			return err
		})
	}
	if err := find(true); err != nil {
		return err
	}
	if n := len(conduct.Resumable(list)); n > 0 && !o.DryRun {
		if err := jobrun.NeedsKeys(ctx, env, o.Options); err != nil {
			return err
		}
		if n > 1 && o.PSBT != "" {
			return fault.Usage("%s fit, and --psbt writes what is to be signed for one", voice.Count(n, "preorder")).
				Hint("name one at a time: blockstack job rescue NAME --psbt FILE")
		}
		if err := jobrun.ServiceOf(env, false).AgreeToGoOn(ctx, conduct.Resumable(list), o.PSBT != "", o.FeeRate != ""); err != nil {
			return err
		}
		if err := find(false); err != nil {
			return err
		}
	}
	jobs := copied
	if !o.DryRun {
		jobs = append(jobs, conduct.Resumable(list)...)
	}
	launched, told, err := rescueLaunch(ctx, env, req.Namespaces, list, o.DryRun)
	if err != nil {
		return err
	}
	jobs = append(jobs, launched...)
	gone, err := rescuedBefore(ctx, env, req.Names, len(jobs) > 0 || o.DryRun)
	if err != nil {
		return err
	}
	done, err := jobrun.FollowEach(ctx, env, append(jobs, gone...), o.Options)
	if err != nil {
		return err
	}
	var outcome error
	jobViews := []jobrun.View{}
	for i := range done {
		v := done[i].View()
		if o.PSBT != "" && len(v.PSBTs) > 0 {
			if v.PSBTs, err = jobrun.WriteDrafts(env, done[i].Job, o.PSBT); err != nil {
				return err
			}
		} else {
			outcome = jobrun.Worse(outcome, done[i].Outcome())
		}
		jobViews = append(jobViews, v)
	}
	views, rows := []pendingView{}, [][]string{}
	for _, p := range list {
		v, err := viewPending(ctx, env, p, len(req.Names)+len(req.Namespaces) > 0)
		if err != nil {
			return err
		}
		until, block := "no limit", "none yet"
		if v.Until != nil {
			until = fmt.Sprintf("block %d", *v.Until)
		}
		if v.Height != nil {
			block = fmt.Sprint(*v.Height)
		}
		views = append(views, v)
		rows = append(rows, []string{v.Txid, block, until, v.Name + v.Namespace, string(v.JobID), v.Reason})
	}
	if err := env.Out.Result("job.rescue", map[string]any{"preorders": views, "jobs": jobViews}, func(t *voice.Text) {
		t.Table([]voice.Column{{Title: "preorder"}, {Title: "block", Right: true}, {Title: "good until"}, {Title: "name"}, {Title: "job"}, {Title: ""}}, rows)
	}); err != nil {
		return err
	}
	if len(jobs)+len(done) == 0 && !told && len(conduct.Resumable(list)) == 0 && len(req.Names)+len(req.Namespaces) > 0 {
		return fault.New("not_found", "no preorder of this wallet can be gone on with").Keep().
			Hint("name the address it was meant for, if it is not of this wallet: --owner ADDRESS").
			Hint("see all preorders of this wallet: blockstack job rescue")
	}
	return outcome
}

// rescuedBefore are the jobs of this home for remembered names, so that the same command again goes
// on with them; none when there is something new to go on with.
func rescuedBefore(ctx context.Context, e *session.Session, remembered []names.Name, busy bool) (found []*registrar.Job, err error) {
	if busy || len(remembered) == 0 {
		return nil, nil
	}
	jobs, err := e.Jobs(ctx)
	for _, j := range conduct.RegistrationsOf(remembered, jobs) {
		e.Out.Note("job %s for %s is recorded already (%s)", j.ID, j.Request.Subject(), jobrun.Words(j.State))
		found = append(found, j)
	}
	return found, err
}

// rescueLaunch goes on with a remembered namespace that this wallet has revealed already, up to
// where names can be imported.
func rescueLaunch(ctx context.Context, e *session.Session, remembered []nameop.NamespaceReveal, list []*registrar.Pending, dry bool) (jobs []*registrar.Job, told bool, err error) {
	for i := range remembered {
		id := names.NamespaceID(remembered[i].ID)
		if slices.ContainsFunc(list, func(p *registrar.Pending) bool { return p.Namespace == remembered[i].ID }) {
			continue // it is not revealed
		}
		if dry {
			ns, err := session.NamespaceOf(ctx, e, id)
			if err == nil {
				told = true
				e.Out.Note("namespace %s was revealed in block %d; without --dry-run it is gone on with, if the key of its revealer is here", id, ns.RevealHeight)
			} else if !errors.Is(err, names.ErrNotFound) {
				return nil, false, err
			}
			continue
		}
		j, err := jobrun.FindLaunch(ctx, e, id)
		if err != nil {
			return nil, false, err
		}
		if j == nil {
			continue
		}
		if *j.Request.Namespace != remembered[i] {
			e.Out.Warn("the rules of %s on the chain are not those of the file; those on the chain count: blockstack namespace show %s", id, id)
		}
		jobs = append(jobs, j)
	}
	return jobs, told, nil
}
