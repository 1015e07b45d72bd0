// Package mongo keeps assessments in a MongoDB database.
//
// Every change takes effect with the write of one document, filtered by the version
// that it follows; there are no transactions. What is written beside it is written
// before it, where nobody looks yet, or after it, where nobody looks any more:
//
//   - A revision that gets replaced is kept first, and then another becomes the
//     latest. After a crash in between it is kept and still the latest, which it is
//     read as; the next replacement keeps it again. Only if the assessment was deleted
//     in between as well does it stay, read by nobody.
//   - A deletion first marks the assessment, which is gone with that, and then deletes
//     its past revisions. After a crash in between nobody can read them; the mark
//     lets the next start delete them.
package mongo

import (
	"context"
	"errors"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/services/assessment/internal/assessment"
)

// Store implements assessment.Store.
type Store struct {
	db            *mongodb.DB
	assessments   *mongo.Collection
	pastRevisions *mongo.Collection
	generations   mongodb.Generations
}

var _ assessment.Store = (*Store)(nil)

// Open opens the database, makes what is missing of it, and finishes deletions that
// a crash cut short. The schema of c is the store's own.
func Open(ctx context.Context, c mongodb.Config) (*Store, error) {
	c.Schema = schema
	db, err := mongodb.Open(ctx, c)
	if err != nil {
		return nil, err
	}
	s := &Store{db: db, assessments: db.Collection(assessments), pastRevisions: db.Collection(pastRevisions), generations: db.Generations()}
	if err := s.purgeAll(ctx, c.Log); err != nil {
		return nil, errors.Join(fmt.Errorf("finish deletions: %w", err), s.Close()) //nolint:contextcheck // it closes when ctx has ended, too
	}
	return s, nil
}

// Ready says whether the database can be used now.
func (s *Store) Ready(ctx context.Context) error { return s.db.Ready(ctx) }

// Pool says how much the connections are used.
func (s *Store) Pool() mongodb.Pool { return s.db.Pool() }

// Close closes the connections.
func (s *Store) Close() error { return s.db.Close() }
