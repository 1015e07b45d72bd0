package main

import (
	"encoding/csv"
	"math/big"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	commonv1 "github.com/inframind/inframind/proto/gen/go/inframind/common/v1"
)

// The oracle answers an assessment by looking at every line of the catalogue's
// CSV files for every workload, with rational numbers. It shares no code with
// the engine: where the two differ, one of them is wrong.

const catalogFolder = "../../../../services/recommendation/internal/catalog/data"

// oracleRow is a line of a price list.
type oracleRow struct {
	provider, region, name, arch, class, model string
	geo, country                               string
	date, basis                                string
	vcpu, memory, gpus, gpuMemory              float64
	price, spot                                *big.Rat // spot is nil where there is none
	accelerated                                bool     // its family has accelerators
}

type oracle struct {
	rows    []*oracleRow
	classes map[string][]string // of provider/family
	geo     map[string][2]string
	single  map[string]float64 // single-instance SLA of a provider, percent
}

func newOracle(t *testing.T) *oracle {
	t.Helper()
	o := &oracle{classes: map[string][]string{}, geo: map[string][2]string{}, single: map[string]float64{}}
	for _, line := range readCSV(t, filepath.Join(catalogFolder, "family_class.csv")) {
		key := line["provider"] + "/" + line["family"]
		o.classes[key] = append(o.classes[key], line["class"])
	}
	for _, line := range readCSV(t, "../../../../pkg/region/regions.csv") {
		o.geo[line["provider"]+"/"+line["region"]] = [2]string{line["geo"], line["country"]}
	}
	for _, line := range readCSV(t, filepath.Join(catalogFolder, "sla.csv")) {
		if line["tier"] == "single-instance" {
			o.single[line["provider"]] = number(line["percent"])
		}
	}
	for _, provider := range []string{"aws", "azure", "gcp"} {
		for _, line := range readCSV(t, filepath.Join(catalogFolder, provider+"_instances.csv")) {
			o.rows = append(o.rows, o.row(line))
		}
	}
	return o
}

func (o *oracle) row(line map[string]string) *oracleRow {
	place := o.geo[line["provider"]+"/"+line["region"]]
	r := &oracleRow{
		provider: line["provider"], region: line["region"], name: line["type"], arch: line["arch"],
		model: line["gpu_model"], geo: place[0], country: place[1],
		date: line["price_date"], basis: line["price_basis"],
		vcpu: number(line["vcpu"]), memory: number(line["memory_gib"]),
		gpus: number(line["gpu_count"]), gpuMemory: number(line["gpu_memory_gib"]),
		price:       rational(line["price_usd_hour"]),
		class:       o.class(line["provider"]+"/"+line["family"], line["type"]),
		accelerated: slices.Contains(o.classes[line["provider"]+"/"+line["family"]], "accelerator"),
	}
	if line["spot_usd_hour"] != "" {
		r.spot = rational(line["spot_usd_hour"])
	}
	return r
}

func readCSV(t *testing.T, path string) []map[string]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	rows := make([]map[string]string, 0, len(lines))
	for _, line := range lines[1:] {
		row := map[string]string{}
		for i, column := range lines[0] {
			row[column] = line[i]
		}
		rows = append(rows, row)
	}
	return rows
}

func number(text string) float64 {
	if text == "" {
		return 0
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	return f
}

var constrained = regexp.MustCompile(`\d-\d`)

func (o *oracle) class(family, name string) string {
	classes := o.classes[family]
	if len(classes) == 1 {
		return classes[0]
	}
	special := ""
	switch {
	case slices.Contains(classes, "whole-host") && strings.Contains(name, "metal"):
		special = "whole-host"
	case slices.Contains(classes, "constrained-vcpu") && constrained.MatchString(name):
		special = "constrained-vcpu"
	}
	if special != "" {
		return special
	}
	for _, class := range classes {
		if class != "whole-host" && class != "constrained-vcpu" {
			return class
		}
	}
	panic("no class for " + name)
}

// generations of CUDA GPUs by the year of their architecture.
var gpuYear = map[string]int{
	"K520": 2012, "K80": 2012, "M60": 2014, "P4": 2016, "P100": 2016, "V100": 2017, "V100-32GB": 2017,
	"T4": 2018, "T4G": 2018, "A10": 2020, "A10G": 2020, "A100": 2020, "A100-40GB": 2020, "A100-80GB": 2020,
	"L4": 2022, "L40S": 2022, "H100": 2022, "H200": 2022,
	"B200": 2024, "B300": 2024, "GB200": 2024, "RTX PRO 4500": 2024, "RTX PRO 6000": 2024,
}

func (r *oracleRow) wholeCUDA() bool {
	return gpuYear[r.model] != 0 && r.gpus >= 1 && r.gpus == float64(int(r.gpus))
}

func (r *oracleRow) spotOnly() bool {
	return slices.Contains([]string{"a3-highgpu-1g", "a3-highgpu-2g", "a3-highgpu-4g"}, r.name)
}

// need returns the vCPUs and GiB that a replica must have.
func need(w *commonv1.Workload) (vcpu, memory float64) {
	vcpu, memory = w.GetVcpu(), w.GetMemoryGib()
	if w.GetSizingBasis() == commonv1.Workload_SIZING_BASIS_USAGE {
		target := w.GetTargetUtilisation()
		if target == 0 {
			target = 0.70
		}
		vcpu, memory = vcpu/target, memory/0.85
	}
	if w.GetGpus() > 0 && vcpu == 0 {
		vcpu = float64(4 * w.GetGpus())
	}
	if w.GetGpus() > 0 && memory == 0 {
		memory = float64(w.GetGpus()) * w.GetGpuMemoryGib()
	}
	return vcpu, memory
}

var extraClasses = map[commonv1.Workload_InstanceClass]string{
	commonv1.Workload_INSTANCE_CLASS_BURSTABLE:        "burstable",
	commonv1.Workload_INSTANCE_CLASS_WHOLE_HOST:       "whole-host",
	commonv1.Workload_INSTANCE_CLASS_CONSTRAINED_VCPU: "constrained-vcpu",
	commonv1.Workload_INSTANCE_CLASS_CONFIDENTIAL:     "confidential",
}

func admitted(w *commonv1.Workload, pass int) []string {
	var classes []string
	for _, extra := range w.GetExtraClasses() {
		classes = append(classes, extraClasses[extra])
	}
	if w.GetGpus() > 0 {
		return append(classes, "accelerator")
	}
	classes = append(classes, "current")
	if w.GetKind() == commonv1.Workload_KIND_API {
		classes = append(classes, "economy")
	}
	if pass == 2 {
		classes = append(classes, "previous", "special", "economy")
	}
	return classes
}

// reject returns the first constraint that the row fails, or "".
func reject(a *assessmentv1.Assessment, w *commonv1.Workload, r *oracleRow, pass int) string {
	vcpu, memory := need(w)
	arch := "x86_64"
	if w.GetArchitecture() == commonv1.Workload_ARCHITECTURE_ARM64 {
		arch = "arm64"
	}
	youngest := 2018
	if w.GetKind() == commonv1.Workload_KIND_TRAINING {
		youngest = 2020
	}
	gpus := w.GetGpus() > 0
	residency := a.GetDataResidency()
	for _, check := range []struct {
		reason string
		fails  bool
	}{
		{"provider", len(a.GetAllowedProviders()) > 0 && !slices.Contains(a.GetAllowedProviders(), r.provider)},
		{"region", (len(a.GetAllowedRegions()) > 0 && !slices.Contains(a.GetAllowedRegions(), r.region)) ||
			(len(residency) > 0 && !slices.Contains(residency, r.geo) && !slices.Contains(residency, r.country))},
		{"accelerator", (gpus && !r.wholeCUDA()) || (!gpus && r.accelerated)},
		{"class", !slices.Contains(admitted(w, pass), r.class)},
		{"architecture", r.arch != arch},
		{"vcpu", r.vcpu < vcpu},
		{"memory", r.memory < memory},
		{"gpu_count", r.gpus < float64(w.GetGpus())},
		{"gpu_age", gpus && gpuYear[r.model] < youngest},
		{"gpu_memory", w.GetGpuMemoryGib() > 0 && r.gpuMemory < 0.91*w.GetGpuMemoryGib()},
		{"purchase", r.spotOnly() && !w.GetInterruptible()},
	} {
		if check.fails {
			return check.reason
		}
	}
	return ""
}

// oracleOption is a feasible row with what its instances cost a month, in USD.
type oracleOption struct {
	row       *oracleRow
	instances int64
	spot      bool
	usd       *big.Rat
}

func (o *oracle) option(w *commonv1.Workload, r *oracleRow) oracleOption {
	instances := int64(max(w.GetReplicas(), 1))
	target := w.GetAvailabilityTarget()
	if instances < 2 && (target >= 99.95 || target > o.single[r.provider]) {
		instances = 2
	}
	price, spot := r.price, false
	if w.GetInterruptible() && r.spot != nil && (r.spotOnly() || r.spot.Cmp(price) < 0) {
		price, spot = r.spot, true
	}
	hours := w.GetHoursPerMonth()
	if hours == 0 {
		hours = 730
	}
	usd := new(big.Rat).Mul(price, big.NewRat(instances, 1))
	usd.Mul(usd, rational(strconv.FormatFloat(hours, 'f', -1, 64)))
	return oracleOption{r, instances, spot, usd}
}

func rational(text string) *big.Rat {
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		panic("no number: " + text)
	}
	return r
}

func (x oracleOption) less(y oracleOption) bool {
	if c := x.usd.Cmp(y.usd); c != 0 {
		return c < 0
	}
	return slices.Compare(
		[]string{x.row.provider, x.row.region, x.row.name},
		[]string{y.row.provider, y.row.region, y.row.name},
	) < 0
}

// cents rounds half up.
func cents(usd *big.Rat) int64 {
	c := new(big.Rat).Add(new(big.Rat).Mul(usd, big.NewRat(100, 1)), big.NewRat(1, 2))
	return new(big.Int).Quo(c.Num(), c.Denom()).Int64()
}

// place is a provider and a region; without a region the whole provider, and
// without both everywhere.
type place struct{ provider, region string }

// oracleWorkload is what the scan says of one workload.
type oracleWorkload struct {
	counts   map[string]int
	feasible int
	second   bool
	cheapest map[place]oracleOption
}

func (o *oracle) scan(a *assessmentv1.Assessment, w *commonv1.Workload) oracleWorkload {
	var found oracleWorkload
	for pass := 1; pass <= 2 && found.feasible == 0; pass++ {
		found = oracleWorkload{counts: map[string]int{}, second: pass == 2, cheapest: map[place]oracleOption{}}
		for _, r := range o.rows {
			if reason := reject(a, w, r, pass); reason != "" {
				found.counts[reason]++
				continue
			}
			found.feasible++
			option := o.option(w, r)
			for _, where := range []place{{r.provider, r.region}, {r.provider, ""}, {}} {
				if best, ok := found.cheapest[where]; !ok || option.less(best) {
					found.cheapest[where] = option
				}
			}
		}
	}
	return found
}

func together(w *commonv1.Workload) bool {
	switch w.GetKind() {
	case commonv1.Workload_KIND_API, commonv1.Workload_KIND_DATABASE, commonv1.Workload_KIND_SERVING:
		return true
	default:
		return false
	}
}

// oraclePlan is a choice for each workload; nil where there is none.
type oraclePlan struct {
	choices []*oracleOption
	covered int
	usd     *big.Rat
}

func (p oraclePlan) compute() (total int64) {
	for _, choice := range p.choices {
		if choice != nil {
			total += cents(choice.usd)
		}
	}
	return total
}

// plan tries every provider and every region for the workloads that stand
// together. With several providers, the others may stand anywhere.
func plan(a *assessmentv1.Assessment, found []oracleWorkload, places []place, several bool) oraclePlan {
	var best oraclePlan
	for _, where := range places {
		candidate := oraclePlan{usd: new(big.Rat)}
		for i, w := range a.GetWorkloads() {
			at := place{where.provider, ""}
			if several {
				at = place{}
			}
			if together(w) {
				at = where
			}
			choice, ok := found[i].cheapest[at]
			if !ok {
				candidate.choices = append(candidate.choices, nil)
				continue
			}
			candidate.choices = append(candidate.choices, &choice)
			candidate.covered++
			candidate.usd.Add(candidate.usd, choice.usd)
		}
		if best.usd == nil || candidate.covered > best.covered ||
			(candidate.covered == best.covered && candidate.usd.Cmp(best.usd) < 0) {
			best = candidate
		}
	}
	return best
}
