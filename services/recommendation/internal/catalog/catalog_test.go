package catalog_test

import (
	"encoding/csv"
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/inframind/inframind/pkg/region"
	"github.com/inframind/inframind/services/recommendation/internal/catalog"
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

func load(t testing.TB) *catalog.Catalog {
	t.Helper()
	c, err := catalog.Load()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// lines reads a file the way everybody does, a map a line.
func lines(t testing.TB, f catalog.File) []map[string]string {
	t.Helper()
	records, err := csv.NewReader(strings.NewReader(f.Text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	all := make([]map[string]string, 0, len(records)-1)
	for _, r := range records[1:] {
		line := map[string]string{}
		for i, name := range records[0] {
			line[name] = r[i]
		}
		all = append(all, line)
	}
	return all
}

func TestTheCatalogueHasEveryRowOfItsFiles(t *testing.T) {
	c := load(t)
	row := 0
	for _, f := range catalog.Embedded().Instances {
		for _, line := range lines(t, f) {
			got := c.Rows[row]
			row++
			for column, value := range map[string]string{
				"provider": got.Provider, "region": got.Region, "type": got.Type, "family": got.Family,
				"arch": got.Arch.String(), "gpu_model": got.GPUModel, "cpu_arch": got.CPUArch, "cpu_arch_basis": got.CPUArchBasis,
				"price_basis": got.PriceBasis, "price_date": got.PriceDate,
			} {
				if line[column] != value {
					t.Fatalf("%s: %s is read as %q: %v", f.Name, column, value, line)
				}
			}
			for column, value := range map[string]float64{
				"vcpu": got.VCPU.Float(), "memory_gib": got.MemoryGiB.Float(), "gpu_count": got.GPUCount.Float(),
				"gpu_memory_gib": got.GPUMemoryGiB.Float(), "local_ssd_gb": got.LocalSSDGB.Float(),
				"price_usd_hour": got.OnDemand.USD(), "spot_usd_hour": got.Spot.USD(),
			} {
				want := 0.0
				if line[column] != "" {
					want, _ = strconv.ParseFloat(line[column], 64)
				}
				if math.Abs(want-value) > 1e-9 {
					t.Fatalf("%s: %s is read as %v: %v", f.Name, column, value, line)
				}
			}
			if (line["burstable"] == "1") != got.Burstable || got.Burstable != (got.Class == engine.ClassBurstable) {
				t.Fatalf("%s: burstable is read as %v, of the class %s: %v", f.Name, got.Burstable, got.Class, line)
			}
			if got, found := c.Find(line["provider"], line["region"], line["type"]); !found || got != c.Rows[row-1] {
				t.Fatalf("%s: %v is not found", f.Name, line)
			}
		}
	}
	if row != 33_091 || len(c.Rows) != row {
		t.Errorf("%d lines and %d rows, want 33,091", row, len(c.Rows))
	}
}

func TestNamePatternsReproduceTheRowsOfEveryFamilyClass(t *testing.T) {
	files := catalog.Embedded()
	metal := regexp.MustCompile(`[.-]metal(-|$)`)
	constrained := regexp.MustCompile(`^Standard_[A-Z]+[a-z]*[0-9]+-[0-9]+`)
	want := map[string]int{}
	several := map[string]int{}
	for _, line := range lines(t, files.Families) {
		n, err := strconv.Atoi(line["rows"])
		if err != nil {
			t.Fatal(err)
		}
		want[line["provider"]+" "+line["family"]+" "+line["class"]] = n
		several[line["provider"]+" "+line["family"]]++
	}
	got := map[string]int{}
	for _, r := range load(t).Rows {
		family := r.Provider + " " + r.Family
		got[family+" "+r.Class.String()]++
		// Told apart here by patterns of another make.
		if several[family] > 1 && (metal.MatchString(r.Type) != (r.Class == engine.ClassWholeHost) ||
			constrained.MatchString(r.Type) != (r.Class == engine.ClassConstrainedVCPU)) {
			t.Errorf("%s is of the class %s", r.Type, r.Class)
		}
	}
	for name, rows := range want {
		if got[name] != rows {
			t.Errorf("%s: %d rows, the table says %d", name, got[name], rows)
		}
	}
	if len(got) != len(want) || len(want) != 611 {
		t.Errorf("%d family classes, the table has %d, want 611", len(got), len(want))
	}
}

func TestPricesThatWereCheckedElsewhereAreTheSame(t *testing.T) {
	c := load(t)
	for _, want := range []struct {
		provider, region, instanceType string
		price                          engine.MicroUSD
	}{
		{"aws", "us-east-1", "m5.large", 96_000},
		{"aws", "us-east-1", "p5.48xlarge", 55_040_000},
		{"azure", "eastus", "Standard_D2s_v5", 96_000},
		{"gcp", "us-central1", "n2-standard-4", 194_236},
	} {
		if got, found := c.Find(want.provider, want.region, want.instanceType); !found || got.OnDemand != want.price {
			t.Errorf("%s costs %s, want %s", want.instanceType, got.OnDemand, want.price)
		}
	}
	if _, found := c.Find("aws", "us-east-1", "m5.gigantic"); found {
		t.Error("a type that is not sold is found")
	}
}

func TestTheCatalogueSaysHowOldItsPricesAre(t *testing.T) {
	c := load(t)
	want := []catalog.PriceDates{
		{Provider: "aws", Oldest: "2026-02-17", Newest: "2026-07-20"},
		{Provider: "azure", Oldest: "2026-05-20", Newest: "2026-06-18"},
		{Provider: "gcp", Oldest: "2026-08-03", Newest: "2026-08-03"},
	}
	if fmt.Sprint(c.Prices) != fmt.Sprint(want) {
		t.Errorf("%v", c.Prices)
	}
	if !regexp.MustCompile(`^2026-08-03\.[0-9a-f]{12}$`).MatchString(c.Version) {
		t.Errorf("version %q", c.Version)
	}
}

func TestTheVersionChangesWithEveryFile(t *testing.T) {
	versions := map[string]string{}
	for name, change := range map[string]func(*catalog.Files){
		"nothing": func(*catalog.Files) {},
		"a price": func(f *catalog.Files) {
			f.Instances[0].Text = strings.Replace(f.Instances[0].Text, ",0.2568,", ",0.2569,", 1)
		},
		"a source": func(f *catalog.Files) { f.SLA.Text = strings.Replace(f.SLA.Text, "region-level", "regional", 1) },
		"a reason": func(f *catalog.Files) {
			f.Exceptions.Text = strings.Replace(f.Exceptions.Text, "sold as spot", "sold on spot", 1)
		},
		"a default": func(f *catalog.Files) { f.Defaults.Text = strings.Replace(f.Defaults.Text, "0.143", "0.144", 1) },
		"an unused model": func(f *catalog.Files) {
			f.GPUs.Text += "RTX PRO 7000,1,blackwell\n"
		},
	} {
		files := catalog.Embedded()
		change(&files)
		c, err := catalog.Parse(files)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if other, same := versions[c.Version]; same {
			t.Errorf("the version is the same after a change of %s and of %s", name, other)
		}
		versions[c.Version] = name
	}
}

func TestAcceleratorsCountAsWholeCUDAGPUsOrNotAtAll(t *testing.T) {
	c := load(t)
	for _, want := range []struct {
		provider, region, instanceType string
		gpus                           int
		generation                     engine.Generation
		accelerated, spotOnly          bool
	}{
		{"aws", "eu-central-1", "g6e.2xlarge", 1, engine.Ada, true, false},
		{"aws", "eu-central-1", "g4dn.metal", 8, engine.Turing, true, false},
		{"aws", "eu-central-1", "g6f.xlarge", 0, 0, true, false},
		{"aws", "eu-central-1", "inf2.xlarge", 0, 0, true, false},
		{"azure", "westeurope", "Standard_NV32as_v4", 0, 0, true, false},
		{"azure", "westeurope", "Standard_NV6ads_A10_v5", 0, 0, true, false},
		{"azure", "westeurope", "Standard_NV72ads_A10_v5", 2, engine.Ampere, true, false},
		{"gcp", "europe-west4", "a3-highgpu-1g", 1, engine.Hopper, true, true},
		{"gcp", "europe-west4", "a3-highgpu-8g", 8, engine.Hopper, true, false},
		{"gcp", "europe-west4", "n4-highcpu-32", 0, 0, false, false},
	} {
		r, found := c.Find(want.provider, want.region, want.instanceType)
		if !found || r.GPUs != want.gpus || r.Generation != want.generation || r.Accelerated != want.accelerated || r.SpotOnly != want.spotOnly {
			t.Errorf("%s (found: %v): %d GPUs of %s, accelerated %v, spot only %v", want.instanceType, found, r.GPUs, r.Generation, r.Accelerated, r.SpotOnly)
		}
	}
}

func TestEveryTierHasADatedSourceOrIsAnAssumption(t *testing.T) {
	c := load(t)
	promised := map[string]string{}
	for _, tier := range c.Tiers {
		promised[tier.Provider+" "+tier.Name] = tier.Percent.String()
		if !tier.Assumed && (tier.Source == "" || tier.Date == "") {
			t.Errorf("%+v", tier)
		}
	}
	want := map[string]string{
		"aws single-instance": "99.5", "azure single-instance": "99.9", "gcp single-instance": "99.9",
		"aws multi-zone": "99.99", "azure multi-zone": "99.99", "gcp multi-zone": "99.99",
	}
	if fmt.Sprint(promised) != fmt.Sprint(want) {
		t.Errorf("%v", promised)
	}
}

func TestDefaultsHaveAPriceForEveryProvider(t *testing.T) {
	d := load(t).Defaults
	if d.Storage.PerGiBHour != 5_479 || d.Storage.Source == "" {
		t.Errorf("storage %+v", d.Storage)
	}
	rates := map[string]string{}
	for _, e := range d.Egress {
		rates[e.Provider] = e.PerGiB.String()
	}
	if fmt.Sprint(rates) != fmt.Sprint(map[string]string{"aws": "0.143", "azure": "0.0725", "gcp": "0.12"}) || len(rates) != len(region.Providers()) {
		t.Errorf("egress %v", rates)
	}
}

func BenchmarkLoad(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := load(b).Market(); err != nil {
			b.Fatal(err)
		}
	}
}
