package catalog

import (
	"errors"
	"fmt"

	"github.com/inframind/inframind/pkg/region"
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// Row is a line of the catalogue: what the engine decides by, and where it
// comes from.
type Row struct {
	engine.Row
	// GPUCount is the accelerators as listed, which may be a part of one.
	GPUCount engine.Amount
	// LocalSSDGB is the disk that comes with the instance. 0: none.
	LocalSSDGB engine.Amount
	// Burstable rows share their processors.
	Burstable bool
	// CPUArch is the microarchitecture, and CPUArchBasis how it is known.
	// Empty: it is not.
	CPUArch, CPUArchBasis string
	// PriceBasis is "listed" for a price that two sources agree on or that is
	// on one official list, and "listed-unchecked" for one that a single other
	// source has.
	PriceBasis string
	// PriceDate is the day of the price, as YYYY-MM-DD.
	PriceDate string
}

// instanceColumns, and their places in a line.
const instanceColumns = "provider,region,type,family,category,arch,vcpu,memory_gib," +
	"gpu_model,gpu_count,gpu_memory_gib,local_ssd_gb,burstable," +
	"cpu_arch,cpu_arch_basis,price_usd_hour,spot_usd_hour,price_basis,price_date"

const (
	colProvider = iota
	colRegion
	colType
	colFamily
	colCategory
	colArch
	colVCPU
	colMemory
	colGPUModel
	colGPUCount
	colGPUMemory
	colLocalSSD
	colBurstable
	colCPUArch
	colCPUArchBasis
	colPrice
	colSpot
	colPriceBasis
	colPriceDate
)

// rowParser reads the instance files, one after the other.
type rowParser struct {
	families   *families
	gpus       map[string]gpu
	exceptions exceptionTable
	rows       []Row
}

func (p *rowParser) file(f File) error {
	return each(f, instanceColumns, func(r record) error {
		// The row is read where it stays, so that none is copied.
		n := len(p.rows)
		p.rows = append(p.rows, Row{})
		if n == 0 {
			return p.row(&p.rows[n], nil, r.fields)
		}
		return p.row(&p.rows[n], &p.rows[n-1], r.fields)
	})
}

// follows checks that a row comes after another in the order of provider,
// region and type. With that, a row that is there twice stands beside itself.
func follows(row, last *Row) error {
	switch {
	case last == nil:
		return nil
	case row.Provider != last.Provider:
		if row.Provider > last.Provider {
			return nil
		}
	case row.Region != last.Region:
		if row.Region > last.Region {
			return nil
		}
	case row.Type == last.Type:
		return fmt.Errorf("%s %s %s appears twice", row.Provider, row.Region, row.Type)
	case row.Type > last.Type:
		return nil
	}
	return errors.New("the rows are not in the order of provider, region and type")
}

// row reads a line into a row that comes after another, or after none.
func (p *rowParser) row(row, last *Row, f []string) error {
	row.Provider, row.Region, row.Type = f[colProvider], f[colRegion], f[colType]
	row.Family, row.GPUModel = f[colFamily], f[colGPUModel]
	row.CPUArch, row.CPUArchBasis = f[colCPUArch], f[colCPUArchBasis]
	row.PriceBasis, row.PriceDate = f[colPriceBasis], f[colPriceDate]
	if last == nil || last.Region != row.Region || last.Provider != row.Provider {
		if _, known := region.Lookup(row.Provider, row.Region); !known {
			return fmt.Errorf("unknown region %s %s", row.Provider, row.Region)
		}
	}
	if err := follows(row, last); err != nil {
		return err
	}
	if row.Type == "" {
		return errors.New("type is empty")
	}
	var ok bool
	if row.Arch, ok = engine.ParseArch(f[colArch]); !ok {
		return fmt.Errorf("unknown arch %q", f[colArch])
	}
	if row.PriceBasis != "listed" && row.PriceBasis != "listed-unchecked" {
		return fmt.Errorf("unknown price_basis %q", row.PriceBasis)
	}
	if err := day(row.PriceDate, false); err != nil {
		return fmt.Errorf("price_date: %w", err)
	}
	if err := row.numbers(f); err != nil {
		return err
	}
	family, err := p.families.of(row.Provider, row.Family)
	if err != nil {
		return err
	}
	row.Class, row.Accelerated = family.class(row.Type), family.accelerated()
	return p.accelerate(row)
}

// numbers reads the numeric columns. A blank means none in those that may be.
func (row *Row) numbers(f []string) error {
	var err error
	if row.Burstable, err = flag(f[colBurstable]); err != nil {
		return fmt.Errorf("burstable: %w", err)
	}
	for _, c := range []struct {
		name     string
		column   int
		optional bool
		into     *int64
	}{
		{"vcpu", colVCPU, false, (*int64)(&row.VCPU)},
		{"memory_gib", colMemory, false, (*int64)(&row.MemoryGiB)},
		{"gpu_count", colGPUCount, true, (*int64)(&row.GPUCount)},
		{"gpu_memory_gib", colGPUMemory, true, (*int64)(&row.GPUMemoryGiB)},
		{"local_ssd_gb", colLocalSSD, true, (*int64)(&row.LocalSSDGB)},
		{"price_usd_hour", colPrice, false, (*int64)(&row.OnDemand)},
		{"spot_usd_hour", colSpot, true, (*int64)(&row.Spot)},
	} {
		text := f[c.column]
		if text == "" && c.optional {
			continue
		}
		if *c.into, err = decimal(text, 6); err != nil {
			return fmt.Errorf("%s: %w", c.name, err)
		}
		if *c.into == 0 && !c.optional {
			return fmt.Errorf("%s is 0", c.name)
		}
	}
	return nil
}

// accelerate says what the row's accelerators are to the engine: whole CUDA
// GPUs count, parts of one and other accelerators do not.
func (p *rowParser) accelerate(row *Row) error {
	fact := p.exceptions.of(row.Provider, row.Type)
	row.SpotOnly = fact == factSpotOnly
	if row.GPUModel == "" {
		if row.GPUCount > 0 {
			return errors.New("gpu_count without gpu_model")
		}
		return nil
	}
	g, known := p.gpus[row.GPUModel]
	if !known {
		return fmt.Errorf("unknown gpu_model %q", row.GPUModel)
	}
	if g.cuda && fact != factGPUSlice {
		row.GPUs = int(row.GPUCount / engine.Unit)
	}
	if row.GPUs > 0 {
		row.Generation = g.generation
	}
	return nil
}
