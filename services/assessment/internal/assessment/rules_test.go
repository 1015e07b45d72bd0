package assessment_test

import (
	"slices"
	"testing"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

func TestPlacesAreHeldAgainstWhatIsKnown(t *testing.T) {
	at := func(provider, region string) assessment.Workload {
		return assessment.Workload{Present: &assessment.Present{Provider: provider, Region: region}}
	}
	for name, c := range map[string]struct {
		content assessment.Content
		broken  []string // field and rule
	}{
		"nothing stated": {assessment.Content{}, nil},
		"a European company that names what it may use": {assessment.Content{
			DataResidency:    []string{"EU"},
			AllowedProviders: []string{"aws", "gcp"},
			AllowedRegions:   []string{"eu-central-1", "europe-west1"},
			Workloads:        []assessment.Workload{at("aws", "us-east-1"), {}},
		}, nil},
		"residency is an area or a country with a region": {
			assessment.Content{DataResidency: []string{"EU", "DE", "XX", "eu", "APAC"}},
			[]string{"dataResidency[2] residency.known", "dataResidency[3] residency.known"},
		},
		"a region that nobody has": {
			assessment.Content{AllowedRegions: []string{"eu-central-1", "atlantis-1"}},
			[]string{"allowedRegions[1] region.known"},
		},
		"a region of a provider that is not allowed": {
			assessment.Content{AllowedProviders: []string{"gcp"}, AllowedRegions: []string{"europe-west1", "eu-central-1"}},
			[]string{"allowedRegions[1] region.provider_allowed"},
		},
		"a region that residency excludes": {
			assessment.Content{DataResidency: []string{"EU"}, AllowedRegions: []string{"eu-west-2", "eu-central-1", "us-east-1"}},
			[]string{"allowedRegions[0] region.residency", "allowedRegions[2] region.residency"},
		},
		"residency entries add up": {
			assessment.Content{DataResidency: []string{"EU", "UK"}, AllowedRegions: []string{"eu-west-2", "eu-central-1"}},
			nil,
		},
		"a country narrows an area": {
			assessment.Content{DataResidency: []string{"DE"}, AllowedRegions: []string{"eu-central-1", "eu-west-1"}},
			[]string{"allowedRegions[1] region.residency"},
		},
		"an unknown entry is not reported again with each region": {
			assessment.Content{DataResidency: []string{"Europe"}, AllowedRegions: []string{"eu-central-1"}},
			[]string{"dataResidency[0] residency.known"},
		},
		"where a workload runs now must be that provider's region": {
			assessment.Content{Workloads: []assessment.Workload{{}, at("aws", "europe-west1"), at("gcp", "europe-west1"), at("azure", "")}},
			[]string{"workloads[1].present.region present.region", "workloads[3].present.region present.region"},
		},
		"all that is wrong is said at once": {
			assessment.Content{
				DataResidency:  []string{"nowhere"},
				AllowedRegions: []string{"atlantis-1"},
				Workloads:      []assessment.Workload{at("aws", "atlantis-1")},
			},
			[]string{
				"dataResidency[0] residency.known", "allowedRegions[0] region.known", "workloads[0].present.region present.region",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := c.content.Check()
			if c.broken == nil {
				if err != nil {
					t.Fatalf("got %v", err)
				}
				return
			}
			wantKind(t, err, errs.KindInvalid)
			e, _ := errs.From(err)
			var got []string
			for _, v := range e.Violations {
				got = append(got, v.Field+" "+v.Rule)
				if v.Message == "" {
					t.Errorf("%s says nothing", v.Rule)
				}
			}
			if !slices.Equal(got, c.broken) {
				t.Errorf("got %q, want %q", got, c.broken)
			}
		})
	}
}
