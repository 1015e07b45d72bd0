package engine

import (
	"math"
	"strconv"
	"strings"
)

// Amount is a quantity in millionths of its unit: vCPUs, GiB, hours, percent.
// Catalogues state memory to six decimals, and whole millionths compare and add
// without the surprises of binary fractions: 2.1 vCPUs at 70 % are exactly 3.
type Amount int64

// Unit is one of whatever an Amount counts.
const Unit Amount = 1_000_000

// AmountOf rounds a figure to whole millionths. What is not a number, or too
// large to hold, becomes a figure that every bound refuses.
func AmountOf(f float64) Amount {
	scaled := math.Round(f * float64(Unit))
	if math.IsNaN(scaled) || math.Abs(scaled) >= math.MaxInt64 {
		return math.MinInt64
	}
	return Amount(scaled)
}

// Float is the amount as a floating-point figure, for answers on the wire.
func (a Amount) Float() float64 { return float64(a) / float64(Unit) }

// String is the amount in decimals, without trailing zeros.
func (a Amount) String() string { return decimal(int64(a), 6) }

// decimal writes n ÷ 10^places without trailing zeros.
func decimal(n int64, places int) string {
	text := fixed(n, places)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// fixed writes n ÷ 10^places with every decimal.
func fixed(n int64, places int) string {
	sign, magnitude := "", uint64(n)
	if n < 0 {
		sign, magnitude = "-", -magnitude
	}
	digits := strconv.FormatUint(magnitude, 10)
	if missing := places + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole := len(digits) - places
	return sign + digits[:whole] + "." + digits[whole:]
}

// divideUp is a ÷ b rounded up to the next whole millionth. An offer in whole
// millionths reaches the exact quotient if and only if it reaches this.
func divideUp(a, b Amount) Amount { return (a + b - 1) / b }
