// Package answer makes and keeps recommendation sets: the answers to submitted
// revisions of assessments.
//
// A set is made once and never changes. It belongs to the person whose
// assessment it answers, and it outlives that assessment: a deleted assessment
// takes its list of sets with it, as nobody can ask for it any more, but each
// set stays readable by its own ID, because a decision may rest on it.
package answer

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/inframind/inframind/pkg/errs"
)

// Set is the answer to one revision of an assessment.
type Set struct {
	ID             string
	Owner          string
	AssessmentID   string
	Revision       int32
	CatalogVersion string
	CreateTime     time.Time
	SHA256         string // of Content, in lower-case hexadecimal
	Content        []byte // deterministic bytes of the answer; nil in a list
}

// Content is an answer as bytes, before anybody owns it.
type Content struct {
	CatalogVersion string
	Bytes          []byte
	Figures        Figures
}

// checked returns the set when its content is what it was when it was made. A
// changed one is a fault of this service or of its storage.
func (s Set) checked() (Set, error) {
	if got := digest(s.Content); got != s.SHA256 {
		return Set{}, fmt.Errorf("recommendation set %s: content has SHA-256 %s, was made with %s", s.ID, got, s.SHA256)
	}
	return s, nil
}

// answers says whether the set was made for this submission. A set that was
// found under the same ID but answers something else means that its
// Idempotency-Key has been used twice.
func (s Set) answers(sub Submission) error {
	if s.AssessmentID != sub.AssessmentID || s.Revision != sub.Revision {
		return errs.Mismatch()
	}
	return nil
}

func digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}
