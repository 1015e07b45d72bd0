package assessment

import "reflect"

// Content is what an owner states. Zero values and nil mean that something is
// not stated; what is read for them is up to whoever calculates.
type Content struct {
	Title            string
	Profile          *Profile
	Objectives       *Objectives
	MonthlyBudgetUSD float64 // before tax; 0: no limit
	Frameworks       []Framework
	DataResidency    []string // areas and countries of pkg/region; empty: anywhere
	AllowedProviders []string // empty: all
	AllowedRegions   []string // names at the providers; empty: all that residency allows
	Workloads        []Workload
}

// Equal reports whether both state the same.
func (c Content) Equal(other Content) bool { return reflect.DeepEqual(c, other) }

// Profile says who the team is.
type Profile struct {
	Organisation string
	Industry     string
	Employees    int32
}

// Objectives says what matters, in weights relative to each other.
type Objectives struct {
	CostWeight        float64
	PerformanceWeight float64
	CarbonWeight      float64
	ResilienceWeight  float64
}

// Framework is a body of rules that the team has to follow.
type Framework string

// The frameworks.
const (
	FrameworkGDPR     Framework = "gdpr"
	FrameworkHIPAA    Framework = "hipaa"
	FrameworkPCIDSS   Framework = "pci_dss"
	FrameworkSOC2     Framework = "soc2"
	FrameworkISO27001 Framework = "iso27001"
	FrameworkFedRAMP  Framework = "fedramp"
)
