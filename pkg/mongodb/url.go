package mongodb

import (
	"errors"
	"fmt"
	"regexp"
	"time"

	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"go.mongodb.org/mongo-driver/v2/mongo/readconcern"
	"go.mongodb.org/mongo-driver/v2/mongo/readpref"
	"go.mongodb.org/mongo-driver/v2/mongo/writeconcern"
)

// What the URL does not say.
const (
	minPoolSize            = 10
	maxPoolSize            = 100
	serverSelectionTimeout = 5 * time.Second
)

// clientOptions reads the URL and fills in what it leaves open.
func clientOptions(c Config, p *pool) (*options.ClientOptions, error) {
	opts, err := parse(c.URL.Reveal())
	if err != nil {
		return nil, err
	}
	if opts.MaxPoolSize == nil {
		opts.SetMaxPoolSize(maxPoolSize)
	}
	if opts.MinPoolSize == nil {
		opts.SetMinPoolSize(min(minPoolSize, *opts.MaxPoolSize))
	}
	if opts.ServerSelectionTimeout == nil {
		opts.SetServerSelectionTimeout(serverSelectionTimeout)
	}
	if opts.AppName == nil {
		opts.SetAppName(c.Database)
	}
	p.max = *opts.MaxPoolSize
	return opts.
		SetReadConcern(readconcern.Majority()).
		SetReadPreference(readpref.Primary()).
		SetWriteConcern(writeconcern.Majority()).
		SetPoolMonitor(p.monitor()).
		SetMonitor(spans(c.Tracer)), nil
}

var errUserInfo = errors.New(
	"the user name or the password in the MongoDB URL cannot be read: percent-encode what is not a letter or digit in them")

// parse reads the URL. The driver's text about a fault may quote any part of it, and
// a password that is not encoded may be read as any part. So the text is of a second
// URL, which is the same but for the credentials; if that has no fault, they have it.
func parse(url string) (*options.ClientOptions, error) {
	if url == "" {
		return nil, errors.New("there is no MongoDB URL")
	}
	opts := options.Client().ApplyURI(url)
	if opts.Validate() == nil {
		return opts, nil
	}
	harmless, ok := withoutCredentials(url)
	if !ok {
		return nil, errors.New("the MongoDB URL cannot be read: it is not of the form mongodb://user:password@host/?option=value")
	}
	if err := options.Client().ApplyURI(harmless).Validate(); err != nil {
		return nil, fmt.Errorf("the MongoDB URL cannot be read: %w", err)
	}
	return nil, errUserInfo
}

var (
	urlForm = regexp.MustCompile(`^(mongodb(?:\+srv)?://)(.*@)?([^@]*)$`)
	// hosts are names with or without a port: nothing in them can be a password.
	hosts = regexp.MustCompile(`^[a-zA-Z0-9._-]+(:[0-9]+)?(,[a-zA-Z0-9._-]+(:[0-9]+)?)*(/|$)`)
	// secretOption is an option whose value is a credential.
	secretOption = regexp.MustCompile(`(?i)(password|properties)=`)
)

// withoutCredentials replaces whatever stands before the last @. It says false where
// that is not sure to be all of them.
func withoutCredentials(url string) (string, bool) {
	match := urlForm.FindStringSubmatch(url)
	if match == nil || secretOption.MatchString(url) {
		return "", false
	}
	scheme, credentials, rest := match[1], match[2], match[3]
	if !hosts.MatchString(rest) {
		return "", false
	}
	if credentials != "" {
		credentials = "user:password@"
	}
	return scheme + credentials + rest, true
}
