package catalog

import (
	_ "embed"
	"strings"
)

// File is one file of the catalogue: its name, for errors, and its text.
type File struct{ Name, Text string }

// The files are embedded as text, and every name in a parsed row is a piece of
// it: 33,000 rows are read without copying one string.
var (
	//go:embed data/aws_instances.csv
	awsInstances string
	//go:embed data/azure_instances.csv
	azureInstances string
	//go:embed data/gcp_instances.csv
	gcpInstances string
	//go:embed data/family_class.csv
	familyClass string
	//go:embed data/gpu_models.csv
	gpuModels string
	//go:embed data/exceptions.csv
	exceptions string
	//go:embed data/sla.csv
	slaTiers string
	//go:embed data/defaults.csv
	defaultPrices string
)

// Files are the parts that a catalogue is made of.
type Files struct {
	// Instances have one file a provider, in the order of the providers.
	Instances  []File
	Families   File
	GPUs       File
	Exceptions File
	SLA        File
	Defaults   File
}

// Embedded are the files that this build carries.
func Embedded() Files {
	return Files{
		Instances: []File{
			{"aws_instances.csv", awsInstances},
			{"azure_instances.csv", azureInstances},
			{"gcp_instances.csv", gcpInstances},
		},
		Families:   File{"family_class.csv", familyClass},
		GPUs:       File{"gpu_models.csv", gpuModels},
		Exceptions: File{"exceptions.csv", exceptions},
		SLA:        File{"sla.csv", slaTiers},
		Defaults:   File{"defaults.csv", defaultPrices},
	}
}

// inOrder are all files in the order in which the version sums them up.
func (f Files) inOrder() []File {
	return append(append([]File{}, f.Instances...), f.Families, f.GPUs, f.Exceptions, f.SLA, f.Defaults)
}

// lines is how many lines the instance files have together.
func (f Files) lines() int {
	n := 0
	for _, file := range f.Instances {
		n += strings.Count(file.Text, "\n")
	}
	return n
}
