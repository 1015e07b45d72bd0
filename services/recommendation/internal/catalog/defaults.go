package catalog

import (
	"errors"
	"fmt"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

const defaultColumns = "cost,provider,usd,unit,source"

// parseDefaults reads the flat prices of storage, which has no provider, and of
// traffic to the internet, which has one.
func parseDefaults(f File) (engine.Defaults, error) {
	var d engine.Defaults
	err := each(f, defaultColumns, func(r record) error {
		cost, provider, unit, source := r.fields[0], r.fields[1], r.fields[3], r.fields[4]
		price, err := decimal(r.fields[2], 8)
		if err != nil {
			return fmt.Errorf("usd: %w", err)
		}
		if price == 0 || source == "" {
			return errors.New("a default needs a price and a source")
		}
		switch {
		case cost == "storage" && unit == "GiB-hour" && provider == "" && d.Storage.PerGiBHour == 0:
			d.Storage = engine.StorageDefault{PerGiBHour: engine.Rate(price), Source: source}
		case cost == "egress" && unit == "GiB" && provider != "":
			for _, e := range d.Egress {
				if e.Provider == provider {
					return fmt.Errorf("egress of %s appears twice", provider)
				}
			}
			d.Egress = append(d.Egress, engine.EgressDefault{Provider: provider, PerGiB: engine.Rate(price), Source: source})
		default:
			return fmt.Errorf("unknown default %s %s per %s", cost, provider, unit)
		}
		return nil
	})
	return d, err
}
