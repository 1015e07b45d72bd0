// Package advice joins the contract and the engine: it turns an assessment into
// what the engine is asked, and what the engine answers into a recommendation,
// with the reasons and notes in words.
//
// It is pure: the same assessment on the same catalogue gives the same
// recommendation, to the byte.
package advice

import (
	"errors"
	"fmt"

	"google.golang.org/protobuf/proto"

	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	recommendationv1 "github.com/inframind/inframind/proto/gen/go/inframind/recommendation/v1"
	"github.com/inframind/inframind/services/recommendation/internal/catalog"
	"github.com/inframind/inframind/services/recommendation/internal/engine"
)

// Advisor answers assessments from one catalogue. It never changes, and any
// number of goroutines may ask it at once.
type Advisor struct {
	catalog *catalog.Catalog
	market  *engine.Market
}

// New loads and compiles the embedded catalogue.
func New() (*Advisor, error) {
	c, err := catalog.Load()
	if err != nil {
		return nil, fmt.Errorf("load catalogue: %w", err)
	}
	return From(c)
}

// From compiles a catalogue, which the caller must not change any more.
func From(c *catalog.Catalog) (*Advisor, error) {
	m, err := c.Market()
	if err != nil {
		return nil, fmt.Errorf("compile catalogue: %w", err)
	}
	return &Advisor{catalog: c, market: m}, nil
}

// CatalogVersion names the catalogue that the answers come from.
func (ad *Advisor) CatalogVersion() string { return ad.catalog.Version }

// Advise answers an assessment. What is infeasible is part of the answer; an
// error is errs.KindInvalid and names the field that cannot be calculated with.
func (ad *Advisor) Advise(a *assessmentv1.Assessment) (*recommendationv1.Recommendation, error) {
	asked, err := question(a)
	if err != nil {
		return nil, err
	}
	result, err := ad.market.Recommend(asked)
	var bound *engine.BoundError
	if errors.As(err, &bound) {
		return nil, invalid(bound)
	}
	if err != nil {
		return nil, fmt.Errorf("ask the engine: %w", err)
	}
	return ad.recommendation(a, asked, result), nil
}

// Encode writes a recommendation as bytes that depend on nothing but what it
// says, so that their checksum names the answer. JSON would not do: its encoder
// promises no stable text.
func Encode(r *recommendationv1.Recommendation) ([]byte, error) {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("encode recommendation: %w", err)
	}
	return encoded, nil
}

// Decode reads what Encode wrote.
func Decode(encoded []byte) (*recommendationv1.Recommendation, error) {
	r := &recommendationv1.Recommendation{}
	if err := proto.Unmarshal(encoded, r); err != nil {
		return nil, fmt.Errorf("decode recommendation: %w", err)
	}
	return r, nil
}
