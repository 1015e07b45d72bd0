package catalog

import (
	"errors"
	"fmt"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

const slaColumns = "provider,tier,percent,source,date,assumption"

// tierInstances is how many instances a tier takes at least.
var tierInstances = map[string]int{"single-instance": 1, "multi-zone": 2}

func parseTiers(f File) ([]engine.Tier, error) {
	var tiers []engine.Tier
	err := each(f, slaColumns, func(r record) error {
		t := engine.Tier{
			Provider:  r.fields[0],
			Name:      r.fields[1],
			Instances: tierInstances[r.fields[1]],
			Source:    r.fields[3],
			Date:      r.fields[4],
		}
		if t.Instances == 0 {
			return fmt.Errorf("unknown tier %q", t.Name)
		}
		percent, err := decimal(r.fields[2], 6)
		if err != nil {
			return fmt.Errorf("percent: %w", err)
		}
		t.Percent = engine.Amount(percent)
		if t.Assumed, err = flag(r.fields[5]); err != nil {
			return fmt.Errorf("assumption: %w", err)
		}
		if t.Date != "" {
			if err := day(t.Date, true); err != nil {
				return err
			}
		}
		if !t.Assumed && (t.Source == "" || t.Date == "") {
			return errors.New("a tier without a dated source is an assumption")
		}
		tiers = append(tiers, t)
		return nil
	})
	return tiers, err
}
