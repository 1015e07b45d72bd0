package sqlite_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/session"
	"github.com/inframind/inframind/services/auth/internal/signingkey"
	"github.com/inframind/inframind/services/auth/internal/store/sqlite"
	"github.com/inframind/inframind/services/auth/internal/store/storetest"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

func open(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, noop.NewTracerProvider())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests have closed it
	return s
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, filepath.Join(t.TempDir(), "auth.db")) })
}

func TestAllIsThereAfterItIsOpenedAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "auth.db")
	now := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	ada := account.Account{ID: "acc_1", Email: "ada@example.com", CreateTime: now}
	opened := session.Session{ID: "ses_1", AccountID: ada.ID, Current: session.TokenHash{1}, CreateTime: now, ExpireTime: now.Add(time.Hour)}
	entry := revocation.Entry{Kind: revocation.Session, ID: "ses_1", ExpiresAt: now.Add(time.Minute)}
	key := signingkey.Record{ID: "kid", Generation: 1, Sealed: []byte("sealed"), CreateTime: now}

	s := open(t, path)
	for _, err := range []error{
		s.CreateAccount(t.Context(), ada, "hash"),
		s.OpenSession(t.Context(), opened),
		s.EndSession(t.Context(), opened.ID, now, []revocation.Entry{entry}),
		s.ClaimSigningKey(t.Context(), key),
		s.Close(),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}

	s = open(t, path)
	opened.EndTime = now
	if got, err := s.Account(t.Context(), ada.ID); err != nil || !reflect.DeepEqual(got, ada) {
		t.Errorf("account %+v, %v", got, err)
	}
	if got, err := s.SessionByRefreshToken(t.Context(), opened.Current); err != nil || got != opened {
		t.Errorf("session %+v, %v", got, err)
	}
	if got, err := s.Revocations(t.Context(), now); err != nil || !reflect.DeepEqual(got, []revocation.Entry{entry}) {
		t.Errorf("revocations %+v, %v", got, err)
	}
	if got, err := s.SigningKeys(t.Context()); err != nil || !reflect.DeepEqual(got, []signingkey.Record{key}) {
		t.Errorf("keys %+v, %v", got, err)
	}
}

func TestAClosedDatabaseIsUnavailableToEveryMethod(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "auth.db"))
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ctx, now := t.Context(), time.Now()
	_, accountErr := s.Account(ctx, "acc_1")
	_, _, emailErr := s.AccountByEmail(ctx, "ada@example.com")
	_, sessionErr := s.SessionByRefreshToken(ctx, session.TokenHash{1})
	_, rotateErr := s.RotateRefreshToken(ctx, session.TokenHash{1}, session.Session{}, now)
	_, revocationsErr := s.Revocations(ctx, now)
	_, keysErr := s.SigningKeys(ctx)
	for name, err := range map[string]error{
		"Account":               accountErr,
		"AccountByEmail":        emailErr,
		"CreateAccount":         s.CreateAccount(ctx, account.Account{}, ""),
		"ReplacePasswordHash":   s.ReplacePasswordHash(ctx, "", "", ""),
		"SessionByRefreshToken": sessionErr,
		"OpenSession":           s.OpenSession(ctx, session.Session{}),
		"RotateRefreshToken":    rotateErr,
		"EndSession":            s.EndSession(ctx, "", now, nil),
		"Revocations":           revocationsErr,
		"SigningKeys":           keysErr,
		"ClaimSigningKey":       s.ClaimSigningKey(ctx, signingkey.Record{}),
		"ResealSigningKey":      s.ResealSigningKey(ctx, "", nil, nil),
		"Ready":                 s.Ready(ctx),
	} {
		if e, ok := errs.From(err); !ok || e.Kind != errs.KindUnavailable || e.RetryAfter == 0 {
			t.Errorf("%s = %v, want unavailable with a retry delay", name, err)
		}
	}
}

// A session whose tokens are gone cannot be found any more, so only the file shows
// that it is gone too.
func TestExpiredSessionsLeaveNothingInTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "auth.db")
	s := open(t, path)
	start := time.Date(2026, 5, 4, 3, 2, 1, 0, time.UTC)
	const rounds, each = 3, 20
	for round := range rounds {
		now := start.Add(time.Duration(round) * session.IdleLife)
		for n := range each {
			err := s.OpenSession(t.Context(), session.Session{
				ID: fmt.Sprint("ses_", round, "_", n), AccountID: "acc_1", Current: session.TokenHash{byte(round), byte(n)},
				CreateTime: now, ExpireTime: now.Add(session.IdleLife),
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, table := range []string{"sessions", "refresh_tokens"} {
		var rows int
		if err := db.QueryRowContext(t.Context(), "SELECT count(*) FROM "+table).Scan(&rows); err != nil || rows != each {
			t.Errorf("%d rows in %s, %v; want the %d of the last round", rows, table, err, each)
		}
	}
}

// A scan of a table that grows would make a sign-in slower with every account.
func TestEveryQueryIsAnsweredByAnIndex(t *testing.T) {
	path := filepath.Join(t.TempDir(), "auth.db")
	open(t, path)
	db, err := sql.Open("sqlite", path) // the driver that the store uses
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	queries := sqlite.Queries()
	if len(queries) < 15 {
		t.Fatalf("only %d queries are listed", len(queries))
	}
	for _, q := range queries {
		for _, step := range plan(t, db, q) {
			// The few signing keys are always read all at once.
			scans := strings.HasPrefix(step, "SCAN") && step != "SCAN signing_keys"
			if scans || strings.Contains(step, "TEMP B-TREE") {
				t.Errorf("%s\nis answered by: %s", q, step)
			}
		}
	}
}

func plan(t *testing.T, db *sql.DB, query string) []string {
	t.Helper()
	args := make([]any, strings.Count(query, "?"))
	for i := range args {
		args[i] = "x"
	}
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+query, args...)
	if err != nil {
		t.Fatalf("%s\n%v", query, err)
	}
	defer rows.Close()
	var steps []string
	for rows.Next() {
		var (
			id, parent, unused int
			detail             string
		)
		if err := rows.Scan(&id, &parent, &unused, &detail); err != nil {
			t.Fatal(err)
		}
		steps = append(steps, detail)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return steps
}
