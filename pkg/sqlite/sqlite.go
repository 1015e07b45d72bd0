// Package sqlite opens a service's database file the one way it is opened: WAL,
// every acknowledged write synced to disk, one connection that writes and several
// that read.
//
// SQLite lets one transaction write at a time. Queueing for a single connection in
// the process is fair and ends with the caller's context; several writing
// connections would poll for the lock instead and time out under load.
package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"

	"github.com/XSAM/otelsql"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	"modernc.org/sqlite"
)

// Config says which file to open and what it must contain.
type Config struct {
	Path       string               // of the file; created with mode 0600, its folder with 0700
	Migrations fs.FS                // NNNN_name.sql in its root, from 0001 without a gap
	Readers    int                  // connections that read; 0: four
	Tracer     trace.TracerProvider // of the spans under a request's span
}

const defaultReaders = 4

// DB is an open database.
type DB struct {
	writer, reader *sql.DB
}

// Open opens the file, creates it if it is not there, and brings its schema up to
// date. It refuses a file whose schema is newer than the migrations, or was made by
// different ones.
func Open(ctx context.Context, c Config) (*DB, error) {
	steps, err := readMigrations(c.Migrations)
	if err != nil {
		return nil, err
	}
	path, err := prepareFile(c.Path)
	if err != nil {
		return nil, fmt.Errorf("database file: %w", err)
	}
	db := &DB{}
	if db.writer, err = connect(path, writing, 1, c.Tracer); err != nil {
		return nil, err
	}
	if err = migrate(ctx, db, steps); err == nil {
		db.reader, err = connect(path, reading, cmp.Or(c.Readers, defaultReaders), c.Tracer)
	}
	if err == nil {
		err = db.Ready(ctx)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open %s: %w", filepath.Base(path), err), db.Close())
	}
	return db, nil
}

// prepareFile makes sure that nobody else can read the file; SQLite gives its mode
// to the WAL and the index beside it.
func prepareFile(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) // #nosec G304 -- the operator names the file
	if err != nil {
		return "", err
	}
	return path, errors.Join(f.Chmod(0o600), f.Close())
}

// access is what a connection may do, as parameters of its data source name, so
// that every new connection of a pool has them.
type access url.Values

var (
	writing = access{
		"_journal_mode": {"WAL"},
		"_synchronous":  {"FULL"}, // with WAL, NORMAL would lose the last writes with the power
		"_txlock":       {"immediate"},
		"_pragma":       {"secure_delete(ON)", "journal_size_limit(67108864)"},
	}
	reading = access{
		"mode":        {"ro"},
		"_query_only": {"1"},
	}
	common = access{
		"_busy_timeout": {"5000"}, // milliseconds; only another process can make it wait
		"_foreign_keys": {"1"},
		"_defensive":    {"1"},
		"_dqs":          {"0"}, // "text" is a column's name, and a misspelt one an error
		"_error_rc":     {"1"},
		"_pragma":       {"temp_store(MEMORY)"}, // no rows in temporary files
	}
)

func connect(path string, a access, connections int, tracer trace.TracerProvider) (*sql.DB, error) {
	values := url.Values{}
	for _, params := range []access{common, a} {
		for key, list := range params {
			values[key] = append(values[key], list...)
		}
	}
	dsn := url.URL{Scheme: "file", Path: path, RawQuery: values.Encode()}
	connector, err := sqlite.NewConnector(dsn.String())
	if err != nil {
		return nil, fmt.Errorf("database file: %w", err)
	}
	db := otelsql.OpenDB(connector, spans(path, tracer)...)
	db.SetMaxOpenConns(connections)
	db.SetMaxIdleConns(connections)
	return db, nil
}

// spans are made for queries, writes and transactions under a span that is
// recorded, and for nothing else: at start there is no request to belong to, and a
// span that nobody keeps costs as much as a point read.
func spans(path string, tracer trace.TracerProvider) []otelsql.Option {
	attributes := []attribute.KeyValue{
		attribute.String("db.system.name", "sqlite"),
		attribute.String("db.namespace", filepath.Base(path)),
	}
	return []otelsql.Option{
		otelsql.WithTracerProvider(tracer),
		otelsql.WithMeterProvider(noop.NewMeterProvider()), // else the global one
		// Not WithAttributes: that would sort them into a set for every call, for
		// metrics that nobody reads.
		otelsql.WithAttributesGetter(func(context.Context, otelsql.Method, string, []driver.NamedValue) []attribute.KeyValue {
			return attributes
		}),
		otelsql.WithSpanOptions(otelsql.SpanOptions{
			OmitConnectorConnect: true,
			OmitConnResetSession: true,
			OmitConnPrepare:      true,
			OmitRows:             true,
			DisableErrSkip:       true,
			SpanFilter:           recorded,
		}),
	}
}

// recorded says whether a span would be kept.
func recorded(ctx context.Context, _ otelsql.Method, _ string, _ []driver.NamedValue) bool {
	return trace.SpanFromContext(ctx).IsRecording()
}

// Reader is for queries. Its connections cannot write.
func (db *DB) Reader() *sql.DB { return db.reader }

// Ready says whether the database can be read now.
func (db *DB) Ready(ctx context.Context) error {
	var version int
	return Fault(db.reader.QueryRowContext(ctx, selectVersion).Scan(&version))
}

// Close waits for running queries and closes the file. Readers go first: the last
// connection moves the WAL into the file, which only the writer can.
func (db *DB) Close() error {
	var err error
	for _, pool := range []*sql.DB{db.reader, db.writer} {
		if pool != nil {
			err = errors.Join(err, pool.Close())
		}
	}
	return err
}
