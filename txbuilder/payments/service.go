package payments

import (
	"context"
	"errors"
	"time"

	"github.com/btcsuite/btcd/chaincfg/v2"

	"blockstack/txbuilder"
	"blockstack/txbuilder/payments/send"
)

// Config is what payments need.
type Config struct {
	Net     *chaincfg.Params
	Network string // what the user calls it
	Wallet  Wallet
	Past    Past
	Book    Book
	Names   Names
	Jobs    Jobs
	// Node opens what transactions are sent through.
	Node func(ctx context.Context) (send.Node, error)
	// Now tells the time; nil: time.Now.
	Now func() time.Time
}

// Service pays from one wallet. It keeps no state between calls.
type Service struct{ cfg Config }

// New checks a configuration.
func New(cfg Config) (*Service, error) {
	if cfg.Net == nil || cfg.Wallet == nil || cfg.Past == nil || cfg.Book == nil || cfg.Names == nil || cfg.Jobs == nil || cfg.Node == nil {
		return nil, errors.New("payments: a part of the configuration is missing")
	}
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	return &Service{cfg}, nil
}

// script reads an address of the network.
func (s *Service) script(text string) ([]byte, error) {
	return txbuilder.AddressScript(text, s.cfg.Net, s.cfg.Network)
}

// holding runs f while no other command of the home can spend.
func (s *Service) holding(ctx context.Context, f func() error) error {
	done, err := s.cfg.Jobs.Reserve(ctx)
	if err != nil {
		return err
	}
	return errors.Join(f(), done())
}
