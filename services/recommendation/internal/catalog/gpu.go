package catalog

import (
	"fmt"

	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// gpu is what there is to know of an accelerator by its model.
type gpu struct {
	cuda       bool
	generation engine.Generation
}

const gpuColumns = "model,cuda,generation"

func parseGPUs(f File) (map[string]gpu, error) {
	models := map[string]gpu{}
	err := each(f, gpuColumns, func(r record) error {
		model := r.fields[0]
		if _, twice := models[model]; twice || model == "" {
			return fmt.Errorf("model %q is empty or appears twice", model)
		}
		cuda, err := flag(r.fields[1])
		if err != nil {
			return fmt.Errorf("cuda: %w", err)
		}
		generation, known := engine.ParseGeneration(r.fields[2])
		if known != cuda || !known && r.fields[2] != "" {
			return fmt.Errorf("generation %q does not go with cuda %s", r.fields[2], r.fields[1])
		}
		models[model] = gpu{cuda: cuda, generation: generation}
		return nil
	})
	return models, err
}
