package names

import (
	"strconv"
)

// registryFileOf turns params into a registry file.
func registryFileOf(p *Params) *registryFile {
	f := &registryFile{
		Schema:  RegistrySchema,
		Network: p.Network,
		Constants: constantsFile{
			MagicBytes:             string(p.Magic[:]),
			FirstBlock:             p.FirstBlock,
			InitialConsensusHashes: make(map[string]string, len(p.InitialConsensus)),
			ConsensusHashWindow:    p.ConsensusWindow,
			NamePreorderExpire:     p.NamePreorderLifetime,
			NamespacePreorder:      p.NamespacePreorderLifetime,
			NamespaceRevealExpire:  p.NamespaceRevealLifetime,
			MaxNamesPerSender:      p.MaxNamesPerOwner,
			NameImportKeyringSize:  p.ImportKeys,
			UnitSatoshis:           p.UnitSat,
			UnitMicrostacks:        p.UnitMicroStacks,
			P2PKHVersion:           p.PubKeyHashVersion,
			P2SHVersion:            p.ScriptHashVersion,
			BurnAddress:            p.BurnAddress,
			Announcers:             append([]string{}, p.Announcers...),
		},
		Genesis: genesisFile{Rows: writeRows(p.Genesis), Unknown: p.GenesisUnknown},
	}
	for height, hash := range p.InitialConsensus {
		f.Constants.InitialConsensusHashes[heightText(height)] = hash.String()
	}
	for i := range p.Epochs {
		f.Constants.Epochs = append(f.Constants.Epochs, p.Epochs[i].file())
	}
	for height, patch := range p.GenesisPatches {
		if f.GenesisPatches == nil {
			f.GenesisPatches = make(map[string]patchFile, len(p.GenesisPatches))
		}
		f.GenesisPatches[heightText(height)] = patchFile{Add: writeRows(patch.Add), Del: writeRows(patch.Delete)}
	}
	return f
}

func (e *Epoch) file() epochFile {
	f := epochFile{
		EndBlock:              e.EndBlock,
		Features:              []string{},
		NamespacePriceUnits:   string(e.NamespacePriceUnit),
		NamespacePrices:       e.NamespacePrices,
		NamespacePricesStacks: e.NamespacePricesStacks,
		Namespaces:            make(map[string]rulesFile, len(e.Namespaces)),
		ScriptTypes:           writeTypes(e.ScriptTypes),
		SenderTypes:           writeTypes(e.SenderTypes),
	}
	for bit, word := range featureNames() {
		if e.Features.Has(1 << bit) {
			f.Features = append(f.Features, word)
		}
	}
	for id, r := range e.Namespaces {
		f.Namespaces[string(id)] = rulesFile{
			LifetimeMultiplier:    r.LifetimeMultiplier,
			GracePeriod:           r.GracePeriod,
			ReceiveFeesPeriod:     r.ReceiveFeesPeriod,
			PriceMultiplier:       unlessZero(r.PriceMultiplier),
			PriceMultiplierStacks: unlessZero(r.PriceMultiplierStacks),
			PriceDivisor:          unlessZero(r.PriceDivisor),
			PriceDivisorStacks:    unlessZero(r.PriceDivisorStacks),
		}
	}
	return f
}

func writeTypes(s ScriptTypes) []string {
	words := []string{}
	for t := NonStandard; t < scriptTypeCount; t++ {
		if s.Has(t) {
			words = append(words, t.String())
		}
	}
	return words
}

func writeRows(accounts []GenesisAccount) []rowFile {
	rows := make([]rowFile, 0, len(accounts))
	for i := range accounts {
		a := &accounts[i]
		r := rowFile{
			Address: a.Address, Type: a.Type, Value: amountText{a.Value}, Vesting: make(map[string]amountText, len(a.Vesting)),
			LockSend: a.LockSend, ReceiveWhitelisted: a.ReceiveWhitelisted, Metadata: unlessZero(a.Metadata),
		}
		for _, v := range a.Vesting {
			r.Vesting[heightText(v.Height)] = amountText{v.Amount}
		}
		rows = append(rows, r)
	}
	return rows
}

func heightText(h int32) string { return strconv.FormatInt(int64(h), 10) }

func unlessZero[T comparable](v T) *T {
	var zero T
	if v == zero {
		return nil
	}
	return &v
}
