//go:build mongo

package mongo_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"

	"github.com/inframind/inframind/pkg/errs"
	"github.com/inframind/inframind/pkg/mongodb"
	"github.com/inframind/inframind/pkg/mongodb/mongodbtest"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/testkit"
	"github.com/inframind/inframind/services/auth/internal/account"
	"github.com/inframind/inframind/services/auth/internal/session"
	"github.com/inframind/inframind/services/auth/internal/signingkey"
	"github.com/inframind/inframind/services/auth/internal/store/mongo"
	"github.com/inframind/inframind/services/auth/internal/store/storetest"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }

// start is far ahead: the server lets go by its own clock what has expired.
var start = time.Date(2126, 5, 4, 3, 2, 1, 0, time.UTC)

func open(t *testing.T, c mongodb.Config) *mongo.Store {
	t.Helper()
	s, err := mongo.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() }) // some tests have closed it
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func opened(id string, token byte) session.Session {
	return session.Session{
		ID: id, AccountID: "acc_1", Current: session.TokenHash{token}, CreateTime: start, ExpireTime: start.Add(time.Hour),
	}
}

func documents(t *testing.T, from *driver.Collection) int64 {
	t.Helper()
	n, err := from.CountDocuments(t.Context(), bson.D{})
	must(t, err)
	return n
}

func TestStore(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return open(t, mongodbtest.New(t)) })
}

func TestAllIsThereForTheNextProcess(t *testing.T) {
	c := mongodbtest.New(t)
	ada := account.Account{ID: "acc_1", Email: "ada@example.com", CreateTime: start}
	signedIn := opened("ses_1", 1)
	entry := revocation.Entry{Kind: revocation.Session, ID: "ses_1", ExpiresAt: start.Add(time.Minute)}
	key := signingkey.Record{ID: "kid", Generation: 1, Sealed: []byte("sealed"), CreateTime: start}

	s := open(t, c)
	must(t, s.CreateAccount(t.Context(), ada, "hash"))
	must(t, s.OpenSession(t.Context(), signedIn))
	must(t, s.EndSession(t.Context(), signedIn.ID, start, []revocation.Entry{entry}))
	must(t, s.ClaimSigningKey(t.Context(), key))
	must(t, s.Close())

	s = open(t, c)
	signedIn.EndTime = start
	if got, err := s.Account(t.Context(), ada.ID); err != nil || !reflect.DeepEqual(got, ada) {
		t.Errorf("account %+v, %v", got, err)
	}
	if got, err := s.SessionByRefreshToken(t.Context(), signedIn.Current); err != nil || got != signedIn {
		t.Errorf("session %+v, %v", got, err)
	}
	if got, err := s.Revocations(t.Context(), start); err != nil || !reflect.DeepEqual(got, []revocation.Entry{entry}) {
		t.Errorf("revocations %+v, %v", got, err)
	}
	if got, err := s.SigningKeys(t.Context()); err != nil || !reflect.DeepEqual(got, []signingkey.Record{key}) {
		t.Errorf("keys %+v, %v", got, err)
	}
}

// calls are all methods, so that one that is added has to be thought of here.
func calls(s *mongo.Store) map[string]func(ctx context.Context) error {
	return map[string]func(ctx context.Context) error{
		"Account":             func(ctx context.Context) error { _, err := s.Account(ctx, "acc_1"); return err },
		"AccountByEmail":      func(ctx context.Context) error { _, _, err := s.AccountByEmail(ctx, "ada@example.com"); return err },
		"CreateAccount":       func(ctx context.Context) error { return s.CreateAccount(ctx, account.Account{}, "") },
		"ReplacePasswordHash": func(ctx context.Context) error { return s.ReplacePasswordHash(ctx, "", "", "") },
		"SessionByRefreshToken": func(ctx context.Context) error {
			_, err := s.SessionByRefreshToken(ctx, session.TokenHash{1})
			return err
		},
		"OpenSession": func(ctx context.Context) error { return s.OpenSession(ctx, session.Session{}) },
		"RotateRefreshToken": func(ctx context.Context) error {
			_, err := s.RotateRefreshToken(ctx, session.TokenHash{1}, session.Session{}, start)
			return err
		},
		"EndSession":       func(ctx context.Context) error { return s.EndSession(ctx, "", start, nil) },
		"Revocations":      func(ctx context.Context) error { _, err := s.Revocations(ctx, start); return err },
		"SigningKeys":      func(ctx context.Context) error { _, err := s.SigningKeys(ctx); return err },
		"ClaimSigningKey":  func(ctx context.Context) error { return s.ClaimSigningKey(ctx, signingkey.Record{}) },
		"ResealSigningKey": func(ctx context.Context) error { return s.ResealSigningKey(ctx, "", nil, nil) },
	}
}

func TestAClosedStoreIsUnavailableToEveryMethodAndSaysNothingOfTheDriver(t *testing.T) {
	s := open(t, mongodbtest.New(t))
	must(t, s.Ready(t.Context()))
	must(t, s.Close())
	all := calls(s)
	for m := range reflect.TypeFor[storetest.Store]().Methods() {
		call, ok := all[m.Name]
		if !ok {
			t.Errorf("no test of %s", m.Name)
			continue
		}
		err := call(t.Context())
		e, typed := errs.From(err)
		if !typed || e.Kind != errs.KindUnavailable || e.RetryAfter == 0 || errs.Cause(err) == nil {
			t.Errorf("%s = %v, want unavailable with a time to retry and a cause", m.Name, err)
			continue
		}
		if strings.Contains(e.Message, errs.Cause(err).Error()) {
			t.Errorf("%s: %q shows the driver's text", m.Name, e.Message)
		}
	}
	if err := s.Ready(t.Context()); !errs.Is(err, errs.KindUnavailable) {
		t.Errorf("ready: %v", err)
	}
}

func TestACanceledCallSaysSo(t *testing.T) {
	s := open(t, mongodbtest.New(t))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for name, call := range calls(s) {
		if err := call(ctx); !errs.Is(err, errs.KindCanceled) {
			t.Errorf("%s = %v, want canceled", name, err)
		}
	}
}

func TestExpiredSessionsLeaveNothingBehind(t *testing.T) {
	c := mongodbtest.New(t)
	s, raw := open(t, c), mongodbtest.Raw(t, c)
	const rounds, each = 3, 20
	for round := range rounds {
		now := start.Add(time.Duration(round) * session.IdleLife)
		for n := range each {
			o := opened(fmt.Sprint("ses_", round, "_", n), 0)
			o.Current = session.TokenHash{byte(round), byte(n)}
			o.CreateTime, o.ExpireTime = now, now.Add(session.IdleLife)
			must(t, s.OpenSession(t.Context(), o))
		}
	}
	for _, collection := range []string{"sessions", "refresh_tokens"} {
		if n := documents(t, raw.Collection(collection)); n != each {
			t.Errorf("%d documents in %s, want the %d of the last round", n, collection, each)
		}
	}
}

// A date of MongoDB's has no microseconds.
func TestWhatExpiresInTheSameMillisecondIsNotDroppedEarly(t *testing.T) {
	s := open(t, mongodbtest.New(t))
	for n, after := range []time.Duration{999 * time.Microsecond, time.Microsecond} {
		o := opened(fmt.Sprint("ses_", n), byte(n))
		o.ExpireTime = start.Add(after)
		must(t, s.OpenSession(t.Context(), o))
	}
	later := opened("ses_2", 2)
	later.CreateTime = start.Add(2 * time.Microsecond)
	must(t, s.OpenSession(t.Context(), later))
	if _, err := s.SessionByRefreshToken(t.Context(), session.TokenHash{0}); err != nil {
		t.Errorf("the one that lives on: %v", err)
	}
	if _, err := s.SessionByRefreshToken(t.Context(), session.TokenHash{1}); !errs.Is(err, errs.KindNotFound) {
		t.Errorf("the one that has expired: %v", err)
	}
	entry := revocation.Entry{Kind: revocation.Token, ID: "t", ExpiresAt: start.Add(999 * time.Microsecond)}
	must(t, s.EndSession(t.Context(), "ses_9", start, []revocation.Entry{entry}))
	if got, err := s.Revocations(t.Context(), start.Add(time.Microsecond)); err != nil || !reflect.DeepEqual(got, []revocation.Entry{entry}) {
		t.Errorf("revocations %+v, %v", got, err)
	}
}

// The server goes by the date alone.
func TestARevocationForEverStaysSoWhenItIsRepeatedForAWhile(t *testing.T) {
	c := mongodbtest.New(t)
	s := open(t, c)
	forEver := revocation.Entry{Kind: revocation.Key, ID: "k"}
	aWhile := forEver
	aWhile.ExpiresAt = start
	for _, entry := range []revocation.Entry{aWhile, forEver, aWhile} {
		must(t, s.EndSession(t.Context(), "ses_9", start.Add(-time.Hour), []revocation.Entry{entry}))
	}
	kept, err := mongodbtest.Raw(t, c).Collection("revocations").FindOne(t.Context(), bson.D{}).Raw()
	must(t, err)
	if date := kept.Lookup("expire_at").Time(); date.Year() < 9999 {
		t.Errorf("the server lets it go at %v", date)
	}
	if got, err := s.Revocations(t.Context(), start.AddDate(5000, 0, 0)); err != nil || !reflect.DeepEqual(got, []revocation.Entry{forEver}) {
		t.Errorf("revocations %+v, %v", got, err)
	}
}

func TestALostRotationLeavesNoToken(t *testing.T) {
	c := mongodbtest.New(t)
	s, raw := open(t, c), mongodbtest.Raw(t, c)
	must(t, s.OpenSession(t.Context(), opened("ses_1", 1)))
	won, err := s.RotateRefreshToken(t.Context(), session.TokenHash{9}, opened("ses_1", 2), start)
	if won || err != nil {
		t.Fatalf("rotate: %t, %v", won, err)
	}
	if n := documents(t, raw.Collection("refresh_tokens")); n != 1 {
		t.Errorf("%d tokens, want the one that works", n)
	}
}

// What a crash leaves: a token that its session does not have, or never got.
func TestATokenThatNoSessionGotMeansNothing(t *testing.T) {
	c := mongodbtest.New(t)
	s, raw := open(t, c), mongodbtest.Raw(t, c)
	first := opened("ses_1", 1)
	must(t, s.OpenSession(t.Context(), first))
	won, err := s.RotateRefreshToken(t.Context(), first.Current, opened("ses_1", 2), start)
	if !won || err != nil {
		t.Fatalf("rotate: %t, %v", won, err)
	}
	undo := bson.D{{Key: "$set", Value: bson.D{{Key: "current", Value: fmt.Sprintf("%x", first.Current)}}}}
	_, err = raw.Collection("sessions").UpdateOne(t.Context(), bson.D{}, undo)
	must(t, err)
	if got, err := s.SessionByRefreshToken(t.Context(), first.Current); err != nil || got.Current != first.Current {
		t.Errorf("after half a rotation: %+v, %v", got, err)
	}
	if won, err := s.RotateRefreshToken(t.Context(), first.Current, opened("ses_1", 3), start); !won || err != nil {
		t.Errorf("the client that had no answer asks again: %t, %v", won, err)
	}
	_, err = raw.Collection("sessions").DeleteOne(t.Context(), bson.D{})
	must(t, err)
	_, err = s.SessionByRefreshToken(t.Context(), first.Current)
	if !errs.Is(err, errs.KindNotFound) {
		t.Errorf("after half an opening: %v", err)
	}
}

func TestAKeyIDBelongsToOneGeneration(t *testing.T) {
	s := open(t, mongodbtest.New(t))
	must(t, s.ClaimSigningKey(t.Context(), signingkey.Record{ID: "a", Generation: 1, Sealed: []byte("a"), CreateTime: start}))
	err := s.ClaimSigningKey(t.Context(), signingkey.Record{ID: "a", Generation: 2, Sealed: []byte("b"), CreateTime: start})
	if !mongodb.IsDuplicate(err) {
		t.Errorf("got %v, want a duplicate", err)
	}
}

// Trying again does not mend a damaged document, it is not one that never was, and it
// does not keep others from being read.
func TestADamagedDocumentIsAnErrorOfItsOwn(t *testing.T) {
	c := mongodbtest.New(t)
	s, raw := open(t, c), mongodbtest.Raw(t, c)
	for n, id := range []string{"1", "2"} {
		must(t, s.CreateAccount(t.Context(), account.Account{ID: "acc_" + id, Email: id + "@example.com", CreateTime: start}, "hash"))
		must(t, s.OpenSession(t.Context(), opened("ses_"+id, byte(n+1))))
	}
	must(t, s.EndSession(t.Context(), "ses_0", start, []revocation.Entry{{Kind: revocation.Key, ID: "k"}}))
	must(t, s.ClaimSigningKey(t.Context(), signingkey.Record{ID: "a", Generation: 1, Sealed: []byte("a"), CreateTime: start}))
	accountOf := func(ctx context.Context) error { _, err := s.Account(ctx, "acc_1"); return err }
	sessionOf := calls(s)["SessionByRefreshToken"]
	for _, damage := range []struct {
		collection, id, field string
		to                    any
		read                  func(context.Context) error
	}{
		{"accounts", "acc_1", "roles", "admin", accountOf},
		{"accounts", "acc_1", "create_micros", nil, accountOf},
		{"sessions", "ses_1", "current", "not a hash", sessionOf},
		{"sessions", "ses_1", "current", "abcd", sessionOf},
		{"sessions", "ses_1", "end_micros", "never", sessionOf},
		{"refresh_tokens", fmt.Sprintf("%x", session.TokenHash{1}), "session_id", nil, sessionOf},
		{"revocations", "", "expire_micros", nil, calls(s)["Revocations"]},
		{"revocations", "", "expire_at", "soon", calls(s)["Revocations"]},
		{"revocations", "", "before_micros", "now", calls(s)["Revocations"]},
		{"signing_keys", "", "sealed", nil, calls(s)["SigningKeys"]},
	} {
		filter := bson.D{}
		if damage.id != "" {
			filter = bson.D{{Key: "_id", Value: damage.id}}
		}
		all := raw.Collection(damage.collection)
		before, err := all.FindOne(t.Context(), filter).Raw()
		must(t, err)
		must(t, damage.read(t.Context()))
		change := bson.D{{Key: "$set", Value: bson.D{{Key: damage.field, Value: damage.to}}}}
		_, err = all.UpdateOne(t.Context(), filter, change)
		must(t, err)
		err = damage.read(t.Context())
		if _, typed := errs.From(err); typed || err == nil {
			t.Errorf("%s.%s = %v: got %v", damage.collection, damage.field, damage.to, err)
		}
		if _, err := s.Account(t.Context(), "acc_2"); err != nil {
			t.Errorf("another account: %v", err)
		}
		if _, err := s.SessionByRefreshToken(t.Context(), session.TokenHash{2}); err != nil {
			t.Errorf("another session: %v", err)
		}
		_, err = all.ReplaceOne(t.Context(), filter, before)
		must(t, err)
	}
}

func TestRequestsScanNoCollection(t *testing.T) {
	c := mongodbtest.New(t)
	open(t, c)
	db := mongodbtest.Raw(t, c)
	for _, q := range mongo.Queries() {
		mongodbtest.NoScan(t, db, q.Index, bson.D{{Key: "find", Value: q.Collection}, {Key: "filter", Value: q.Filter}})
	}
}
