package engine

// Purchase is how an instance is bought.
type Purchase uint8

// The ways to buy. Reservations and commitments are not in the catalogue.
const (
	OnDemand Purchase = iota + 1
	Spot
)

var purchaseNames = [...]string{"", "on-demand", "spot"}

// String is the way to buy in words.
func (p Purchase) String() string { return nameOf(purchaseNames[:], int(p)) }

// buy says how a row is bought and at what price. Work that may be interrupted
// takes the lower of the two prices, and on-demand where they are equal. A
// price of 0 means that it cannot be bought for such work.
func (r *Row) buy(interruptible bool) (Purchase, MicroUSD) {
	switch {
	case interruptible && r.Spot > 0 && (r.SpotOnly || r.Spot < r.OnDemand):
		return Spot, r.Spot
	case r.SpotOnly:
		return 0, 0
	}
	return OnDemand, r.OnDemand
}

// cost is what instances of a price cost for hours, exactly.
func cost(price MicroUSD, instances int, hours Amount) exact {
	// A price in 10⁻⁶ times an amount in 10⁻⁶ is 10⁻¹²; a hundredfold makes it
	// the 10⁻¹⁴ of exact.
	return product(int64(instances)*int64(hours)*100, int64(price))
}

// DefaultCost is a cost at a flat default price, which the provider's own may
// differ from.
type DefaultCost struct {
	// GiB of storage of all instances together, or of traffic in a month.
	GiB Amount
	// PerGiB is the default price, of storage for a month of 730 hours. 0: the
	// catalogue has no default, and the cost is not known.
	PerGiB Rate
	Cost   Cents
	// Source is where the default price comes from.
	Source string
	exact  exact
}

// Priced reports whether there is a price.
func (d *DefaultCost) Priced() bool { return d.PerGiB > 0 }

func defaultCost(gib Amount, perGiB Rate, source string) *DefaultCost {
	if gib == 0 {
		return nil
	}
	c := product(int64(gib), int64(perGiB))
	return &DefaultCost{GiB: gib, PerGiB: perGiB, Cost: c.rounded(), Source: source, exact: c}
}

// storageCost is the block storage of all instances. A disk is paid for as long
// as it exists, which is the whole month, however few hours its instance runs.
func (m *Market) storageCost(w Workload, instances int) *DefaultCost {
	monthly := m.storage.PerGiBHour * Rate(Month/Unit)
	return defaultCost(w.StorageGiB*Amount(instances), monthly, m.storage.Source)
}

// egressCost is a workload's traffic to the internet, which more replicas do
// not make more of.
func (m *Market) egressCost(w Workload, provider int) *DefaultCost {
	e := m.providers[provider].egress
	return defaultCost(w.EgressGiB, e.PerGiB, e.Source)
}
