package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/jedib0t/go-pretty/v6/table"
	"github.com/jedib0t/go-pretty/v6/text"

	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

// width is where long text is broken; a wide terminal shows the table whole.
const width = 100

// writeTable writes the plan, what the alternatives would save, what was
// rejected and why, and the notes.
func writeTable(w io.Writer, r *recommendationv1.Recommendation) error {
	p := &printer{w: w}
	p.plan(r)
	p.alternatives(r)
	p.rejections(r)
	p.misses(r)
	p.notes(r)
	p.catalog(r.GetCatalog())
	return p.err
}

// printer keeps the first error, so that the writing reads as one page.
type printer struct {
	w   io.Writer
	err error
}

func (p *printer) printf(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.w, format, args...)
	}
}

func (p *printer) table(t table.Writer) { p.printf("%s\n", t.Render()) }

// style draws only the lines that separate, which survive copying into a mail.
func style(columns ...table.ColumnConfig) table.Writer {
	t := table.NewWriter()
	t.SetStyle(table.StyleLight)
	t.Style().Options = table.OptionsNoBordersAndSeparators
	t.Style().Options.SeparateHeader = true
	t.Style().Options.SeparateFooter = true
	t.Style().Format.Header = text.FormatDefault
	t.Style().Format.Footer = text.FormatDefault
	t.SuppressTrailingSpaces()
	t.SetColumnConfigs(columns)
	return t
}

func right(number int) table.ColumnConfig {
	return table.ColumnConfig{Number: number, Align: text.AlignRight, AlignHeader: text.AlignRight, AlignFooter: text.AlignRight}
}

func (p *printer) plan(r *recommendationv1.Recommendation) {
	plan := r.GetPlan()
	if len(plan.GetLines()) == 0 {
		p.printf("No workload has a feasible option.\n")
		return
	}
	t := style(right(5), right(7), table.ColumnConfig{Number: 8, WidthMax: 64, WidthMaxEnforcer: text.WrapSoft})
	t.AppendHeader(table.Row{"Workload", "Provider", "Region", "Type", "Count", "Price model", "USD/month", "Why"})
	for _, l := range plan.GetLines() {
		i := l.GetInstance()
		t.AppendRow(table.Row{
			l.GetWorkload(), i.GetProvider(), i.GetRegion(), i.GetType(),
			l.GetInstances(), purchase(l.GetPurchase()), cents(l.GetComputeUsd()), l.GetReason(),
		})
	}
	for _, name := range plan.GetUncovered() {
		t.AppendRow(table.Row{name, "none", "", "", "", "", "", "no row of the catalogue is feasible; see below"})
	}
	least := ""
	if plan.GetAtLeast() {
		least = "at least "
	}
	t.AppendFooter(table.Row{"Compute", "", "", "", "", "", cents(plan.GetComputeUsd())})
	if plan.GetStorageUsd() > 0 {
		t.AppendFooter(table.Row{"Storage (default price)", "", "", "", "", "", cents(plan.GetStorageUsd())})
	}
	if plan.GetEgressUsd() > 0 {
		t.AppendFooter(table.Row{"Egress (default price)", "", "", "", "", "", cents(plan.GetEgressUsd())})
	}
	t.AppendFooter(table.Row{"Total", "", "", "", "", "", least + cents(plan.GetTotalUsd())})
	p.table(t)
	if b := r.GetBudget(); b != nil {
		if b.GetWithin() {
			p.printf("Within the budget of %s USD a month; %s USD remain.\n", cents(b.GetBudgetUsd()), cents(b.GetRemainingUsd()))
		} else {
			p.printf("Over the budget of %s USD a month by %s USD.\n", cents(b.GetBudgetUsd()), cents(-b.GetRemainingUsd()))
		}
	}
}

func (p *printer) alternatives(r *recommendationv1.Recommendation) {
	if len(r.GetPlan().GetLines()) == 0 {
		return
	}
	p.printf("\nWhat other couplings would save\n")
	t := style(right(2), right(3))
	t.AppendHeader(table.Row{"Plan", "Compute USD/month", "Saves", "Where"})
	for _, a := range []struct {
		name string
		plan *recommendationv1.Plan
	}{
		{"One provider (the plan above)", r.GetPlan()},
		{"Several providers, same co-location", r.GetSeveralProviders()},
		{"Each workload on its own", r.GetApart()},
	} {
		t.AppendRow(table.Row{a.name, cents(a.plan.GetComputeUsd()), cents(a.plan.GetSavesUsd()), places(a.plan)})
	}
	p.table(t)
}

// places lists a plan's providers and regions, each once, in the lines' order.
func places(plan *recommendationv1.Plan) string {
	var out []string
	seen := map[string]bool{}
	for _, l := range plan.GetLines() {
		place := l.GetInstance().GetProvider() + " " + l.GetInstance().GetRegion()
		if !seen[place] {
			seen[place] = true
			out = append(out, place)
		}
	}
	return strings.Join(out, ", ")
}

// reasons are the columns of the rejection table, in the order of checking.
var reasons = []string{
	"provider", "region", "accelerator", "class", "architecture",
	"vcpu", "memory", "gpu_count", "gpu_age", "gpu_memory", "purchase",
}

func (p *printer) rejections(r *recommendationv1.Recommendation) {
	p.printf("\nRows of the catalogue: feasible, or rejected for the first constraint they fail\n")
	columns := make([]table.ColumnConfig, 0, len(reasons)+1)
	header := table.Row{"Workload", "Feasible"}
	columns = append(columns, right(2))
	for i, reason := range reasons {
		header = append(header, reason)
		columns = append(columns, right(i+3))
	}
	t := style(columns...)
	t.AppendHeader(header)
	for _, w := range r.GetWorkloads() {
		counts := map[string]int32{}
		for _, c := range w.GetRejections() {
			counts[c.GetReason()] = c.GetRows()
		}
		row := table.Row{w.GetWorkload(), w.GetFeasible()}
		for _, reason := range reasons {
			row = append(row, counts[reason])
		}
		t.AppendRow(row)
	}
	p.table(t)
}

func (p *printer) misses(r *recommendationv1.Recommendation) {
	for _, w := range r.GetWorkloads() {
		if m := w.GetNearestMiss(); m != nil {
			i := m.GetInstance()
			p.printf("%s is infeasible. Nearest: %s %s in %s fails %s: %s.\n",
				w.GetWorkload(), i.GetProvider(), i.GetType(), i.GetRegion(), m.GetReason(), m.GetDetail())
		}
	}
}

func (p *printer) notes(r *recommendationv1.Recommendation) {
	if len(r.GetNotes()) == 0 {
		return
	}
	p.printf("\nNotes\n")
	for _, n := range r.GetNotes() {
		for i, line := range strings.Split(text.WrapSoft(n.GetText(), width-2), "\n") {
			mark := "  "
			if i == 0 {
				mark = "- "
			}
			p.printf("%s\n", strings.TrimRight(mark+line, " "))
		}
	}
}

func (p *printer) catalog(c *recommendationv1.CatalogReference) {
	dates := make([]string, 0, len(c.GetProviders()))
	for _, d := range c.GetProviders() {
		dates = append(dates, fmt.Sprintf("%s %s to %s", d.GetProvider(), d.GetOldest(), d.GetNewest()))
	}
	p.printf("\nCatalogue %s, %d rows. Prices in USD before tax, 730 hours a month, as of: %s.\n",
		c.GetVersion(), c.GetRows(), strings.Join(dates, "; "))
}
