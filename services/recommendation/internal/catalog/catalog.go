// Package catalog holds the prices and facts that recommendations are made of:
// what aws, azure and gcp sell in which region, for how much and as of when.
// The data is embedded, read strictly, and named by a version that changes with
// every byte of it. data/SOURCES.md says where each figure comes from and what
// is deliberately missing.
package catalog

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// Catalog is a parsed catalogue. It never changes.
type Catalog struct {
	// Version is the day of the newest price and the start of the checksum of
	// all files, such as 2026-08-03.0123456789ab.
	Version string
	// Prices is the age of the prices, a line a provider in alphabetical order.
	Prices []PriceDates
	// Rows are in the order of provider, region and type.
	Rows []Row
	// Tiers are what the providers' service level agreements promise.
	Tiers []engine.Tier
	// Defaults stand in for prices that there is no table of.
	Defaults engine.Defaults
}

// PriceDates is the age of a provider's prices, as YYYY-MM-DD.
type PriceDates struct{ Provider, Oldest, Newest string }

// Load parses the embedded catalogue.
func Load() (*Catalog, error) { return Parse(Embedded()) }

// Parse reads a catalogue and refuses anything it does not know: a column, a
// region, a family, an accelerator, a number that is not one. Errors name the
// file and the line.
func Parse(files Files) (*Catalog, error) {
	families, err := parseFamilies(files.Families)
	if err != nil {
		return nil, err
	}
	gpus, err := parseGPUs(files.GPUs)
	if err != nil {
		return nil, err
	}
	exceptions, err := parseExceptions(files.Exceptions)
	if err != nil {
		return nil, err
	}
	c := &Catalog{}
	parser := rowParser{families: families, gpus: gpus, exceptions: exceptions, rows: make([]Row, 0, files.lines())}
	for _, f := range files.Instances {
		if err := parser.file(f); err != nil {
			return nil, err
		}
	}
	c.Rows = parser.rows
	if err := families.settle(); err != nil {
		return nil, err
	}
	if err := exceptions.settle(); err != nil {
		return nil, err
	}
	if c.Tiers, err = parseTiers(files.SLA); err != nil {
		return nil, err
	}
	if c.Defaults, err = parseDefaults(files.Defaults); err != nil {
		return nil, err
	}
	c.Prices = priceDates(c.Rows)
	c.Version = version(files, c.Prices)
	return c, nil
}

// Market compiles the catalogue for the engine.
func (c *Catalog) Market() (*engine.Market, error) {
	rows := make([]engine.Row, len(c.Rows))
	for i := range c.Rows {
		rows[i] = c.Rows[i].Row
	}
	m, err := engine.Compile(rows, c.Tiers, c.Defaults)
	if err != nil {
		return nil, fmt.Errorf("catalogue %s: %w", c.Version, err)
	}
	return m, nil
}

// Find looks up a row, for the facts that the engine does not carry.
func (c *Catalog) Find(provider, region, instanceType string) (Row, bool) {
	i, found := slices.BinarySearchFunc(c.Rows, instanceType, func(r Row, instanceType string) int {
		return cmp.Or(
			cmp.Compare(r.Provider, provider),
			cmp.Compare(r.Region, region),
			cmp.Compare(r.Type, instanceType),
		)
	})
	if !found {
		return Row{}, false
	}
	return c.Rows[i], true
}

func priceDates(rows []Row) []PriceDates {
	var dates []PriceDates
	for _, r := range rows {
		n := len(dates)
		if n == 0 || dates[n-1].Provider != r.Provider {
			dates = append(dates, PriceDates{Provider: r.Provider, Oldest: r.PriceDate, Newest: r.PriceDate})
			continue
		}
		dates[n-1].Oldest = min(dates[n-1].Oldest, r.PriceDate)
		dates[n-1].Newest = max(dates[n-1].Newest, r.PriceDate)
	}
	return dates
}

// version sums up names and texts with their lengths, so that no two different
// sets of files run together to the same bytes.
func version(files Files, dates []PriceDates) string {
	sum := sha256.New()
	for _, f := range files.inOrder() {
		sum.Write(fmt.Appendf(nil, "%s %d\n%s", f.Name, len(f.Text), f.Text))
	}
	newest := ""
	for _, d := range dates {
		newest = max(newest, d.Newest)
	}
	return newest + "." + hex.EncodeToString(sum.Sum(nil))[:12]
}
