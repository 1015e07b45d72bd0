// Package report writes a recommendation for people to look at and for
// programs to read.
package report

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"strconv"

	"google.golang.org/protobuf/encoding/protojson"

	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
)

// Format is how a recommendation is written.
type Format string

// The formats.
const (
	Table Format = "table"
	JSON  Format = "json"
	CSV   Format = "csv"
)

// Write writes the recommendation in the format.
func Write(w io.Writer, f Format, r *recommendationv1.Recommendation) error {
	switch f {
	case Table:
		return writeTable(w, r)
	case JSON:
		return writeJSON(w, r)
	case CSV:
		return writeCSV(w, r)
	default:
		return fmt.Errorf("there is no format %q: table, json or csv", f)
	}
}

// writeJSON writes the API's own JSON. protojson varies its white space from
// build to build; going through encoding/json makes the text the same always.
func writeJSON(w io.Writer, r *recommendationv1.Recommendation) error {
	text, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(r)
	if err != nil {
		return err
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(json.RawMessage(text))
}

// writeCSV writes a row for each line of the plan with one provider.
func writeCSV(w io.Writer, r *recommendationv1.Recommendation) error {
	out := csv.NewWriter(w)
	rows := [][]string{{
		"workload", "provider", "region", "type", "instances", "hours", "purchase",
		"usd_per_hour", "price_date", "price_basis", "compute_usd", "storage_usd", "egress_usd", "reason",
	}}
	for _, l := range r.GetPlan().GetLines() {
		i := l.GetInstance()
		rows = append(rows, []string{
			l.GetWorkload(), i.GetProvider(), i.GetRegion(), i.GetType(),
			strconv.Itoa(int(l.GetInstances())), shortest(l.GetHours()), purchase(l.GetPurchase()),
			shortest(l.GetUsdPerHour()), l.GetPriceDate(), l.GetPriceBasis(),
			cents(l.GetComputeUsd()), cents(l.GetStorage().GetUsd()), cents(l.GetEgress().GetUsd()), l.GetReason(),
		})
	}
	return out.WriteAll(rows)
}

func purchase(p recommendationv1.PurchaseModel) string {
	switch p {
	case recommendationv1.PurchaseModel_PURCHASE_MODEL_ON_DEMAND:
		return "on-demand"
	case recommendationv1.PurchaseModel_PURCHASE_MODEL_SPOT:
		return "spot"
	default:
		return ""
	}
}

func shortest(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }

func cents(usd float64) string { return strconv.FormatFloat(usd, 'f', 2, 64) }
