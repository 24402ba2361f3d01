package registrar

import (
	"errors"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/names"
	"blockstack/txbuilder/registrar/advance"
	"blockstack/txbuilder/registrar/build"
	"blockstack/txbuilder/registrar/doubt"
	"blockstack/txbuilder/registrar/estimate"
	"blockstack/txbuilder/registrar/facts"
	"blockstack/txbuilder/registrar/match"
	"blockstack/txbuilder/registrar/own"
	"blockstack/txbuilder/registrar/ports"
	"blockstack/txbuilder/registrar/record"
	"blockstack/txbuilder/registrar/rescue"
	"blockstack/txbuilder/registrar/terms"
)

// Config is what a Registrar works with.
type Config struct {
	Journal   ports.Journal
	Chain     ports.Chain
	Names     ports.Names
	Wallet    ports.Wallet
	Publisher ports.Publisher // nil: zone files are not published by the job
	// Copies are kept before anything is sent. Nil: there are none.
	Copies ports.Copier
	// Copied reads the copies of jobs that this journal has not written. Nil: there are none.
	Copied own.CopiedJobs
	// LastDays says whether this home knows what it sent of late. Nil: it does.
	LastDays doubt.LastDays
	// DoubtBlocks is how many blocks a home that does not starts no preorder; zero: 12.
	DoubtBlocks int32
	Params      *names.Params
	Net         *chaincfg.Params
	Clock       ports.Clock // nil: the system's
	// Confirmations is when a transaction counts unless a request says otherwise; zero: 6.
	Confirmations int32
	// Owner says which scripts own names; their coins never pay. Nil: none.
	Owner func(script []byte) bool
	// Notify is told what happens, for showing. Nil: nobody.
	Notify func(record.Event)
}

// Registrar runs jobs. One process at a time has a journal open.
type Registrar struct {
	cfg    Config
	facts  *facts.Source
	search *own.Search
	checks *terms.Checks
	doubts *doubt.Doubts
	engine *advance.Engine
	build  *build.Config
	match  *match.Match
	finds  *rescue.Finds
	plans  *estimate.Plans
	book   *record.Book
}

// DefaultConfirmations is when a transaction counts on public networks.
const DefaultConfirmations = 6

// New checks a configuration.
func New(cfg Config) (*Registrar, error) {
	if cfg.Journal == nil || cfg.Chain == nil || cfg.Names == nil || cfg.Wallet == nil || cfg.Params == nil || cfg.Net == nil {
		return nil, errors.New("registrar: journal, chain, names, wallet, rules and network must be given")
	}
	if cfg.Confirmations == 0 {
		cfg.Confirmations = DefaultConfirmations
	}
	if cfg.DoubtBlocks == 0 {
		cfg.DoubtBlocks = doubt.DoubtBlocks
	}
	if cfg.LastDays != nil {
		cfg.Copies = doubt.KeptBoth{Copies: cfg.Copies, Days: cfg.LastDays}
	}
	if cfg.Copies != nil {
		cfg.Chain = ports.CopiedChain{Chain: cfg.Chain, Copies: cfg.Copies}
	}
	if cfg.Clock == nil {
		cfg.Clock = ports.SystemClock{}
	}
	return assemble(cfg), nil
}

// assemble puts the parts together.
func assemble(cfg Config) *Registrar {
	w := ports.World{Chain: cfg.Chain, Names: cfg.Names, Wallet: cfg.Wallet, Journal: cfg.Journal, Params: cfg.Params}
	r := &Registrar{cfg: cfg, facts: &facts.Source{World: w, Publishes: cfg.Publisher != nil}, search: own.NewSearch(w, cfg.Copied)}
	notary, _ := cfg.Wallet.(ports.Notary)
	r.book = &record.Book{Journal: cfg.Journal, Notary: notary, Clock: cfg.Clock, Notify: cfg.Notify}
	r.checks = &terms.Checks{World: w, Search: r.search, Owner: cfg.Owner}
	r.doubts = &doubt.Doubts{LastDays: cfg.LastDays, Blocks: cfg.DoubtBlocks, Net: cfg.Net, Chain: cfg.Chain, Search: r.search}
	r.build = &build.Config{World: w, Net: cfg.Net, Owner: cfg.Owner, Facts: r.facts, Search: r.search, Checks: r.checks,
		Doubts: r.doubts, Book: r.book}
	r.match = &match.Match{World: w, Facts: r.facts}
	r.finds = &rescue.Finds{World: w, Confirmations: cfg.Confirmations, Facts: r.facts, Search: r.search, Checks: r.checks, Match: r.match, Book: r.book,
		Build: r.build}
	r.engine = &advance.Engine{World: w, Publisher: cfg.Publisher, Facts: r.facts, Build: r.build, Doubts: r.doubts, Finds: r.finds, Book: r.book}
	r.plans = &estimate.Plans{World: w, Confirmations: cfg.Confirmations, Checks: r.checks, Doubts: r.doubts, Build: r.build, Match: r.match, Finds: r.finds}
	return r
}
