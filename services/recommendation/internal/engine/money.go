package engine

import "math/bits"

// Cents is an amount of money in hundredths of a US dollar: what a line costs
// once it is rounded.
type Cents int64

// USD is the amount in dollars, for answers on the wire.
func (c Cents) USD() float64 { return float64(c) / 100 }

// String is the amount in dollars with two decimals.
func (c Cents) String() string { return fixed(int64(c), 2) }

// MicroUSD is a price of one instance for an hour, in millionths of a US
// dollar, tax excluded.
type MicroUSD int64

// USD is the price in dollars, for answers on the wire.
func (m MicroUSD) USD() float64 { return float64(m) / 1e6 }

// String is the price in dollars without trailing zeros.
func (m MicroUSD) String() string { return decimal(int64(m), 6) }

// Rate is a default price per GiB in 10⁻⁸ US dollars, the precision that the
// default price of storage is stated in.
type Rate int64

// USD is the rate in dollars, for answers on the wire.
func (r Rate) USD() float64 { return float64(r) / 1e8 }

// String is the rate in dollars without trailing zeros.
func (r Rate) String() string { return decimal(int64(r), 8) }

// exact is money without rounding: whole cents, and a rest of less than a cent
// in 10⁻¹⁴ US dollars. That is the finest that a product here can be: a rate in
// 10⁻⁸ dollars times an amount in millionths. Options are ranked by it; what a
// reader sees is rounded.
type exact struct{ cents, rest int64 }

// cent is a hundredth of a dollar in 10⁻¹⁴ dollars.
const cent = 1_000_000_000_000

// product is a × b × 10⁻¹⁴ US dollars. The bounds of prices and workloads keep
// it below 2⁶³ cents; both factors are positive or zero.
func product(a, b int64) exact {
	high, low := bits.Mul64(uint64(a), uint64(b))
	cents, rest := bits.Div64(high, low, cent)
	return exact{cents: int64(cents), rest: int64(rest)}
}

func (e exact) plus(o exact) exact {
	sum := exact{cents: e.cents + o.cents, rest: e.rest + o.rest}
	if sum.rest >= cent {
		sum.cents++
		sum.rest -= cent
	}
	return sum
}

func (e exact) less(o exact) bool {
	if e.cents != o.cents {
		return e.cents < o.cents
	}
	return e.rest < o.rest
}

// rounded is the amount in whole cents, half a cent rounded up.
func (e exact) rounded() Cents {
	if 2*e.rest >= cent {
		return Cents(e.cents + 1)
	}
	return Cents(e.cents)
}
