package catalog_test

import (
	"strings"
	"testing"

	"github.com/inframind/inframind/services/recommendation/internal/catalog"
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

const instanceColumns = "provider,region,type,family,category,arch,vcpu,memory_gib,gpu_model,gpu_count,gpu_memory_gib,local_ssd_gb,burstable,cpu_arch,cpu_arch_basis,price_usd_hour,spot_usd_hour,price_basis,price_date\n"

// small is a catalogue of a few lines.
func small() catalog.Files {
	return catalog.Files{
		Instances: []catalog.File{
			{Name: "aws.csv", Text: instanceColumns +
				"aws,eu-central-1,g5.xlarge,g5,g,x86_64,4,16,A10G,1,22,250,0,,,1.25,,listed,2026-01-31\n" +
				"aws,eu-central-1,m7i.large,m7i,m,x86_64,2,8,,,,,0,Sapphire Rapids,ccf,0.12075,,listed,2026-02-17\n" +
				"aws,eu-west-1,m7i.large,m7i,m,x86_64,2,8,,,,,0,Sapphire Rapids,ccf,0.1123,,listed,2026-02-17\n"},
			{Name: "gcp.csv", Text: instanceColumns +
				"gcp,europe-west1,n4-standard-2,n4-standard,n4,x86_64,2,8,,,,,0,,,0.1,0.04,listed-unchecked,2026-08-03\n"},
		},
		Families:   catalog.File{Name: "family.csv", Text: "provider,family,class,rows\naws,g5,accelerator,1\naws,m7i,current,2\ngcp,n4-standard,current,1\n"},
		GPUs:       catalog.File{Name: "gpu.csv", Text: "model,cuda,generation\nA10G,1,ampere\nMI25,0,\n"},
		Exceptions: catalog.File{Name: "exceptions.csv", Text: "provider,type,fact,why\ngcp,n4-standard-2,spot-only,as a test\n"},
		SLA:        catalog.File{Name: "sla.csv", Text: "provider,tier,percent,source,date,assumption\naws,multi-zone,99.99,a document,2022-05,0\n"},
		Defaults:   catalog.File{Name: "defaults.csv", Text: "cost,provider,usd,unit,source\nstorage,,0.00005479,GiB-hour,a table\negress,aws,0.143,GiB,a table\n"},
	}
}

func TestASmallCatalogueIsRead(t *testing.T) {
	c, err := catalog.Parse(small())
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Rows) != 4 || len(c.Tiers) != 1 || len(c.Defaults.Egress) != 1 {
		t.Errorf("%d rows, %d tiers, %d defaults of egress", len(c.Rows), len(c.Tiers), len(c.Defaults.Egress))
	}
	if g := c.Rows[0]; g.GPUs != 1 || g.Generation != engine.Ampere || g.LocalSSDGB != 250*engine.Unit || !g.Accelerated {
		t.Errorf("%+v", g)
	}
	if n := c.Rows[3]; !n.SpotOnly || n.Spot != 40_000 || n.PriceBasis != "listed-unchecked" {
		t.Errorf("%+v", n)
	}
	if _, err := c.Market(); err != nil {
		t.Error(err)
	}
}

func TestAFaultIsNamedByItsFileAndLine(t *testing.T) {
	row := "aws,eu-central-1,m7i.large,m7i,m,x86_64,2,8,,,,,0,Sapphire Rapids,ccf,0.12075,,listed,2026-02-17\n"
	for name, c := range map[string]struct{ old, replacement, want string }{
		"an unknown column":              {"spot_usd_hour", "spot_usd", "aws.csv:1: the columns are"},
		"a column too many in a line":    {"0.12075,,listed,2026-02-17\n", "0.12075,,listed,2026-02-17,x\n", "aws.csv:3: there are more fields than columns"},
		"a column too few in a line":     {"0.12075,,listed,2026-02-17\n", "0.12075,,listed\n", "aws.csv:3: there are fewer fields than columns"},
		"a blank line":                   {row, "\n" + row, "aws.csv:3: there are fewer fields than columns"},
		"a quoted field":                 {"m7i.large", `"m7i.large"`, "aws.csv:3: quotes"},
		"a carriage return":              {"2026-02-17\n", "2026-02-17\r\n", "aws.csv:3: quotes and carriage returns"},
		"a file cut short":               {"0.1123,,listed,2026-02-17\n", "0.1123,,listed,2026-02-17", "aws.csv:4: the last line does not end"},
		"an unknown region":              {"aws,eu-central-1,g5", "aws,eu-central-9,g5", "aws.csv:2: unknown region aws eu-central-9"},
		"another provider's region":      {"gcp,europe-west1", "gcp,eu-west-1", "gcp.csv:2: unknown region gcp eu-west-1"},
		"a row twice":                    {row, row + row, "aws.csv:4: aws eu-central-1 m7i.large appears twice"},
		"rows out of order":              {"m7i.large,m7i,m,x86_64,2,8,,,,,0,Sapphire Rapids,ccf,0.12075", "a7i.large,m7i,m,x86_64,2,8,,,,,0,Sapphire Rapids,ccf,0.12075", "aws.csv:3: the rows are not in the order"},
		"a type without a name":          {"g5.xlarge", "", "aws.csv:2: type is empty"},
		"a family without a class":       {"m7i.large,m7i,", "m7i.large,m7z,", "aws.csv:3: m7z has no class in family.csv"},
		"an unknown instruction set":     {",x86_64,4,16", ",mips,4,16", `aws.csv:2: unknown arch "mips"`},
		"a negative price":               {"0.12075", "-0.12075", `aws.csv:3: price_usd_hour: "-0.12075" is not a number`},
		"a price in words":               {"0.12075", "cheap", `aws.csv:3: price_usd_hour: "cheap" is not a number`},
		"a price with an exponent":       {"0.12075", "1e3", `aws.csv:3: price_usd_hour: "1e3" is not a number`},
		"a price of seven decimals":      {"0.12075", "0.1207501", "aws.csv:3: price_usd_hour: \"0.1207501\" has more than 6 decimals"},
		"a price that ends in its point": {"0.12075", "1.", `aws.csv:3: price_usd_hour: "1." is not a number`},
		"a price without a whole part":   {"0.12075", ".5", `aws.csv:3: price_usd_hour: ".5" is not a number`},
		"no price":                       {"0.12075", "", `aws.csv:3: price_usd_hour: "" is not a number`},
		"a price of nothing":             {"0.12075", "0.0", "aws.csv:3: price_usd_hour is 0"},
		"a price beyond counting":        {"0.12075", "1234567890", `aws.csv:3: price_usd_hour: "1234567890" is not a number`},
		"no vCPUs":                       {"x86_64,2,8,,,,,0,Sapphire Rapids,ccf,0.12075", "x86_64,,8,,,,,0,Sapphire Rapids,ccf,0.12075", `aws.csv:3: vcpu: "" is not a number`},
		"a flag that is neither":         {"250,0,", "250,yes,", `aws.csv:2: burstable: "yes" is neither 0 nor 1`},
		"an unknown basis of the price":  {"listed-unchecked", "estimated", `gcp.csv:2: unknown price_basis "estimated"`},
		"a day that is none":             {"2026-01-31", "31.01.2026", `aws.csv:2: price_date: "31.01.2026" is not a date`},
		"a day without its dashes":       {"2026-01-31", "2026001031", `aws.csv:2: price_date: "2026001031" is not a date`},
		"an unknown accelerator":         {"A10G,1,22", "A11G,1,22", `aws.csv:2: unknown gpu_model "A11G"`},
		"accelerators without a model":   {"A10G,1,22", ",1,22", "aws.csv:2: gpu_count without gpu_model"},
		"an unknown family class":        {"m7i,current", "m7i,shiny", `family.csv:3: unknown family class "shiny"`},
		"a family class twice":           {"aws,m7i,current,2\n", "aws,m7i,current,2\naws,m7i,current,2\n", "family.csv:4: aws m7i has the class current twice"},
		"a family of two usual classes":  {"aws,m7i,current,2\n", "aws,m7i,current,2\naws,m7i,special,2\n", "family.csv:4: aws m7i is both current and special"},
		"another number of rows":         {"aws,m7i,current,2", "aws,m7i,current,3", "family.csv:3: aws m7i has 2 rows of the class current, and the table says 3"},
		"a CUDA GPU of no generation":    {"A10G,1,ampere", "A10G,1,", "gpu.csv:2: generation"},
		"an unknown generation":          {"MI25,0,", "MI25,0,vega", "gpu.csv:3: generation"},
		"a model twice":                  {"MI25,0,", "A10G,0,", `gpu.csv:3: model "A10G"`},
		"an unknown fact":                {"spot-only", "spot-mostly", `exceptions.csv:2: unknown fact "spot-mostly"`},
		"an exception for no type":       {"gcp,n4-standard-2,spot-only", "gcp,n4-standard-3,spot-only", "exceptions.csv:2: there is no type gcp n4-standard-3"},
		"an unknown tier":                {"multi-zone", "multi-planet", `sla.csv:2: unknown tier "multi-planet"`},
		"a tier without a date":          {"2022-05,0", ",0", "sla.csv:2: a tier without a dated source is an assumption"},
		"a tier with a date that is not": {"2022-05,0", "May 2022,0", `sla.csv:2: "May 2022" is not a date`},
		"a percentage in words":          {"99.99", "four nines", `sla.csv:2: percent: "four nines"`},
		"an unknown default":             {"egress,aws", "ingress,aws", "defaults.csv:3: unknown default ingress aws"},
		"a default without a source":     {"0.143,GiB,a table", "0.143,GiB,", "defaults.csv:3: a default needs a price and a source"},
	} {
		t.Run(name, func(t *testing.T) {
			files := small()
			changed := false
			for _, f := range []*catalog.File{
				&files.Instances[0], &files.Instances[1], &files.Families, &files.GPUs, &files.Exceptions, &files.SLA, &files.Defaults,
			} {
				if !changed && strings.Contains(f.Text, c.old) {
					f.Text = strings.Replace(f.Text, c.old, c.replacement, 1)
					changed = true
				}
			}
			if !changed {
				t.Fatalf("no file has %q", c.old)
			}
			if _, err := catalog.Parse(files); err == nil || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%v, want %s…", err, c.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	s := small()
	f.Add(s.Instances[0].Text, s.Families.Text, s.GPUs.Text, s.Exceptions.Text, s.SLA.Text, s.Defaults.Text)
	f.Add(instanceColumns, "provider,family,class,rows\n", "model,cuda,generation\n", "provider,type,fact,why\n", "", "\n")
	f.Fuzz(func(t *testing.T, instances, families, gpus, exceptions, sla, defaults string) {
		c, err := catalog.Parse(catalog.Files{
			Instances: []catalog.File{{Name: "i", Text: instances}}, Families: catalog.File{Name: "f", Text: families},
			GPUs: catalog.File{Name: "g", Text: gpus}, Exceptions: catalog.File{Name: "e", Text: exceptions},
			SLA: catalog.File{Name: "s", Text: sla}, Defaults: catalog.File{Name: "d", Text: defaults},
		})
		if err != nil {
			return
		}
		for _, r := range c.Rows {
			if found, ok := c.Find(r.Provider, r.Region, r.Type); !ok || found != r {
				t.Errorf("a row that was read is not found: %+v", r)
			}
		}
		// What is read may be out of the engine's bounds, which it then says.
		if m, err := c.Market(); (m == nil) == (err == nil) {
			t.Errorf("market %v, error %v", m, err)
		}
	})
}
