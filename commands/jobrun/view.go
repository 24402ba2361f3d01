package jobrun

import (
	"math/big"
	"strings"

	"github.com/btcsuite/btcd/btcutil/v2"

	"blockstack/commands/session"
	"blockstack/commands/voice"
	"blockstack/names"
	"blockstack/txbuilder/registrar"
)

// View is what programs see of a job.
type View struct {
	registrar.View
	BurnUstacks *big.Int `json:"burn_ustacks"`
	Owner       string   `json:"owner_script,omitempty"`
	NewOwner    string   `json:"new_owner_script,omitempty"`
	ZoneFile    string   `json:"zonefile_hash,omitempty"`
	External    bool     `json:"external,omitempty"` // signed elsewhere
	// PSBTs wait for signatures.
	PSBTs   []draftView `json:"psbts,omitempty"`
	Undone  bool        `json:"undone,omitempty"` // done, and a reorg took its last transaction out of the chain
	Error   *Problem    `json:"error,omitempty"`  // what stopped it, where several jobs are advanced
	Created string      `json:"created"`
	Updated string      `json:"updated"`
}

// ViewOf turns a job into what programs see.
func ViewOf(j *registrar.Job) View {
	v := View{View: j.View(), BurnUstacks: new(big.Int), Owner: voice.Hex(j.Request.Owner), External: j.Request.External, PSBTs: viewDrafts(j), Created: voice.Time(j.Created), Updated: voice.Time(j.Updated)}
	if j.Price != nil && j.Price.Unit == names.MicroStacks && len(v.Txids) > 0 {
		v.BurnUstacks = j.Price.Amount
	}
	if j.Request.To != nil {
		v.NewOwner = voice.Hex(j.Request.To)
	}
	if len(j.Request.ZoneFile) > 0 {
		v.ZoneFile = names.HashZoneFile(j.Request.ZoneFile).String()
	}
	return v
}

// Print prints a job as the result of a verb.
func Print(env *session.Session, schema string, j *registrar.Job) error {
	return PrintView(env, schema, j, ViewOf(j))
}

// PrintView is Print with the view made before.
func PrintView(env *session.Session, schema string, j *registrar.Job, v View) error {
	return env.Out.Result(schema, v, func(t *voice.Text) {
		t.Field("job", "%s", v.JobID)
		t.Field("what", "%s %s", v.Kind, j.Request.Subject())
		t.Field("state", "%s", v.Standing())
		for i, txid := range v.Txids {
			label := ""
			if i == 0 {
				label = "transactions"
			}
			t.Field(label, "%s", txid)
		}
		t.Field("fees", "%s", voice.BTC(btcutil.Amount(v.FeeSat)))
		if v.BurnUstacks.Sign() > 0 {
			t.Field("burnt", "%s", voice.Stacks(v.BurnUstacks))
		} else {
			t.Field("burnt", "%s", voice.BTC(btcutil.Amount(v.BurnSat)))
		}
		if v.ZoneFile != "" {
			t.Field("zone file", "%s", v.ZoneFile)
		}
		for _, d := range v.PSBTs {
			t.Field("to sign", "%s, fee %s: %s", strings.ReplaceAll(d.Role, "_", " "), voice.BTC(btcutil.Amount(d.FeeSat)),
				env.Out.Here("blockstack job show "+string(v.JobID)+" --psbt FILE"))
		}
		if v.Reason != "" {
			t.Field("reason", "%s", v.Reason)
		}
		if v.WaitingFor != "" {
			t.Field("waiting for", "%s", v.WaitingFor)
		}
	})
}

// Problem is why a name is refused.
type Problem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// Standing is the state of a job in words.
func (v View) Standing() string {
	s := strings.ReplaceAll(v.State, "_", " ")
	if v.Undone {
		s += ", undone by a reorg"
	}
	return s
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
