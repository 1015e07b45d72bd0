// Package assessment holds assessments: what a team must run, under which
// constraints, and how that changed. Each change of the content is a numbered
// revision; revisions never change afterwards, so that whatever was made for
// one can be made again.
package assessment

import (
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"time"
)

// MaxRevisions bounds how often one assessment can be changed, and with that
// what it takes up.
const MaxRevisions = 1000

// Status says whether a revision has been submitted.
type Status string

// The states of a revision.
const (
	StatusDraft     Status = "draft"
	StatusSubmitted Status = "submitted"
)

// Assessment is an assessment at one of its revisions.
type Assessment struct {
	ID string
	// Version counts the writes, from 1. Submitting is a write and no revision.
	Version int64
	// Revision counts the contents, from 1.
	Revision int32
	// SubmittedRevision is the last revision that had been submitted when this
	// one was last written, itself included; 0 when none had.
	SubmittedRevision int32
	// Created is when the assessment was made, Updated when this revision was
	// last written; both to the microsecond.
	Created, Updated time.Time

	Content Content
}

// Status says whether this revision has been submitted.
func (a Assessment) Status() Status {
	if a.SubmittedRevision == a.Revision {
		return StatusSubmitted
	}
	return StatusDraft
}

// Etag names the state after the last write. It differs between assessments as
// well, so that the etag of one is stale for another.
func (a Assessment) Etag() string { return etag(a.ID, a.Version) }

func etag(id string, version int64) string {
	sum := sha256.Sum256([]byte(id + "/" + strconv.FormatInt(version, 10)))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}
