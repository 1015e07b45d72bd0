package engine

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
)

// Market is everything that can be bought, compiled for quick search. It never
// changes, and any number of goroutines may ask it at once.
type Market struct {
	// rows are in the order of provider, region and type, bytewise. A row's
	// index therefore settles every tie.
	rows      []Row
	places    []place
	providers []provider
	columns   columns
	storage   StorageDefault
}

// Defaults are flat prices that stand in for what the catalogue has no table
// of. They are the same in every region, and an answer labels them.
type Defaults struct {
	Storage StorageDefault
	Egress  []EgressDefault
}

// StorageDefault is the price of block storage.
type StorageDefault struct {
	// PerGiBHour is what a GiB costs for an hour. 0: no default.
	PerGiBHour Rate
	Source     string
}

// EgressDefault is a provider's price of traffic to the internet.
type EgressDefault struct {
	Provider string
	// PerGiB is what a GiB costs. 0: no default.
	PerGiB Rate
	Source string
}

// place is a provider's region: a run of rows.
type place struct {
	provider int
	region   string
	from, to int
}

// provider is a run of places.
type provider struct {
	name     string
	from, to int
	tiers    []Tier
	egress   EgressDefault
	// listsSpot: at least one row has a spot price.
	listsSpot bool
}

// columns hold what decides over a row, a slice a fact, so that the search
// reads a few bytes of each row and not its names.
type columns struct {
	vcpu, memory, gpuMemory []Amount
	gpus                    []uint8
	generation              []Generation
	class                   []Class
	arch                    []Arch
	accelerated             []bool
	// firm and loose are the price for work that must not be interrupted and
	// for work that may be. 0: cannot be bought for it.
	firm, loose []MicroUSD
}

// The bounds of a catalogue. With those of an assessment they keep every cost
// within range.
const (
	MaxPrice = MicroUSD(1_000_000_000)
	MaxRate  = Rate(100_000_000)
)

// Compile makes a market of rows, in any order, and refuses rows that no answer
// could be trusted with. It takes the slice over: the caller must not touch it
// again.
func Compile(rows []Row, tiers []Tier, defaults Defaults) (*Market, error) {
	m := &Market{rows: rows, storage: defaults.Storage, columns: columnsFor(len(rows))}
	if len(rows) == 0 {
		return nil, errors.New("compile catalogue: no rows")
	}
	if !slices.IsSortedFunc(m.rows, compareRows) {
		slices.SortFunc(m.rows, compareRows)
	}
	for i := range m.rows {
		r := &m.rows[i]
		if err := r.check(); err != nil {
			return nil, fmt.Errorf("compile catalogue: %s %s %s: %w", r.Provider, r.Region, r.Type, err)
		}
		if i > 0 && compareRows(m.rows[i-1], *r) == 0 {
			return nil, fmt.Errorf("compile catalogue: %s %s %s appears twice", r.Provider, r.Region, r.Type)
		}
		m.place(i, r)
		m.columns.append(r)
	}
	if err := m.equip(ladder(tiers), defaults); err != nil {
		return nil, fmt.Errorf("compile catalogue: %w", err)
	}
	return m, nil
}

func compareRows(a, b Row) int {
	return cmp.Or(
		cmp.Compare(a.Provider, b.Provider),
		cmp.Compare(a.Region, b.Region),
		cmp.Compare(a.Type, b.Type),
	)
}

func (r *Row) check() error {
	switch {
	case r.Provider == "" || r.Region == "" || r.Type == "":
		return errors.New("provider, region or type is empty")
	case r.Class < ClassCurrent || r.Class > ClassConfidential:
		return errors.New("unknown class")
	case r.Arch < ArchX86 || r.Arch > ArchARM:
		return errors.New("unknown instruction set")
	case r.VCPU <= 0 || r.VCPU > MaxVCPU || r.MemoryGiB <= 0 || r.MemoryGiB > MaxMemoryGiB:
		return errors.New("vCPU or memory is out of bounds")
	case r.GPUs < 0 || r.GPUs > MaxGPUs || r.GPUMemoryGiB < 0 || r.GPUMemoryGiB > MaxGPUMemoryGiB:
		return errors.New("GPUs are out of bounds")
	case r.GPUs > 0 && (r.Generation < Kepler || r.Generation > Blackwell):
		return errors.New("GPUs without a generation")
	case r.OnDemand <= 0 || r.OnDemand > MaxPrice || r.Spot < 0 || r.Spot > MaxPrice:
		return errors.New("price is out of bounds")
	}
	return nil
}

// place opens a place or a provider where a row is the first of one, and
// stretches it where it is not.
func (m *Market) place(at int, r *Row) {
	if n := len(m.providers); n == 0 || m.providers[n-1].name != r.Provider {
		m.providers = append(m.providers, provider{name: r.Provider, from: len(m.places), to: len(m.places)})
	}
	p := len(m.providers) - 1
	if n := len(m.places); n == 0 || m.places[n-1].provider != p || m.places[n-1].region != r.Region {
		m.places = append(m.places, place{provider: p, region: r.Region, from: at})
	}
	m.places[len(m.places)-1].to = at + 1
	m.providers[p].to = len(m.places)
	m.providers[p].listsSpot = m.providers[p].listsSpot || r.Spot > 0
}

func columnsFor(rows int) columns {
	return columns{
		vcpu:        make([]Amount, 0, rows),
		memory:      make([]Amount, 0, rows),
		gpuMemory:   make([]Amount, 0, rows),
		gpus:        make([]uint8, 0, rows),
		generation:  make([]Generation, 0, rows),
		class:       make([]Class, 0, rows),
		arch:        make([]Arch, 0, rows),
		accelerated: make([]bool, 0, rows),
		firm:        make([]MicroUSD, 0, rows),
		loose:       make([]MicroUSD, 0, rows),
	}
}

func (c *columns) append(r *Row) {
	_, firm := r.buy(false)
	_, loose := r.buy(true)
	c.vcpu = append(c.vcpu, r.VCPU)
	c.memory = append(c.memory, r.MemoryGiB)
	c.gpuMemory = append(c.gpuMemory, r.GPUMemoryGiB)
	c.gpus = append(c.gpus, uint8(r.GPUs))
	c.generation = append(c.generation, r.Generation)
	c.class = append(c.class, r.Class)
	c.arch = append(c.arch, r.Arch)
	c.accelerated = append(c.accelerated, r.Accelerated)
	c.firm = append(c.firm, firm)
	c.loose = append(c.loose, loose)
}

// equip gives every provider its tiers and its default prices.
func (m *Market) equip(tiers []Tier, d Defaults) error {
	if d.Storage.PerGiBHour < 0 || d.Storage.PerGiBHour > MaxRate {
		return errors.New("default price of storage is out of bounds")
	}
	for i := range m.providers {
		p := &m.providers[i]
		for _, t := range tiers {
			if t.Provider != p.name {
				continue
			}
			if t.Percent <= 0 || t.Percent > 100*Unit || t.Instances < 1 || t.Instances > MaxReplicas {
				return fmt.Errorf("tier %s of %s is out of bounds", t.Name, t.Provider)
			}
			p.tiers = append(p.tiers, t)
		}
		for _, e := range d.Egress {
			if e.Provider != p.name {
				continue
			}
			if e.PerGiB < 0 || e.PerGiB > MaxRate {
				return fmt.Errorf("default price of egress at %s is out of bounds", e.Provider)
			}
			p.egress = e
		}
	}
	return nil
}
