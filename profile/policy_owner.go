package profile

import (
	"slices"
)

// JudgeOwner makes the policy ready for tokens of one owner who is known already, as from a bundle:
// no name is looked up. He may sign if one of the signers is his name, his address or his key;
// otherwise nobody may. base is as in Judge.
func (p *Policy) JudgeOwner(owner Owner, v AddressVersions, base Verifier) (*PolicyJudge, error) {
	j := &PolicyJudge{policy: p, byHash: map[[20]byte]Owner{}, byKey: map[string]Owner{}, base: base}
	for _, s := range p.Signers {
		admitted, err := s.admits(owner, v)
		switch {
		case err != nil:
			return nil, err
		case !admitted:
		case owner.key != nil:
			j.byKey[keyText(owner.key)] = owner
		case owner.isHash:
			j.byHash[owner.hash] = owner
		}
	}
	return j, nil
}

// admits reports whether an owner is the signer. An address stands for its own key, not for a data
// key that its name's zone file names.
func (s PolicySigner) admits(owner Owner, v AddressVersions) (bool, error) {
	switch {
	case s.Address != "":
		signer, err := OwnerAddress(s.Address, v)
		if err != nil || !signer.isHash {
			return false, err
		}
		return owner.key != nil && signer.is(owner.key) || owner.key == nil && owner.isHash && owner.hash == signer.hash, nil
	case s.Key != "":
		signer, err := OwnerKey(s.Key)
		return err == nil && owner.is(signer.key), err
	}
	return owner.record != nil && owner.record.Name == s.Name, nil
}

// WithoutNames is the policy as far as it can be decided without an index: signers that are names
// are left out.
func (p *Policy) WithoutNames() *Policy {
	q := *p
	q.Signers = slices.DeleteFunc(slices.Clone(p.Signers), func(s PolicySigner) bool { return !s.Name.IsZero() })
	return &q
}
