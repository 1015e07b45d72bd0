package mongodb_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.opentelemetry.io/otel/trace/noop"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/mongodb"
)

// to is how a server at a URL is opened, with nothing declared.
func to(url string) mongodb.Config {
	return mongodb.Config{
		URL: config.NewSecret(url), Database: "test", Schema: mongodb.Schema{Version: 1},
		Tracer: noop.NewTracerProvider(), Log: slog.New(slog.DiscardHandler),
	}
}

func openFails(t *testing.T, url string) string {
	t.Helper()
	db, err := mongodb.Open(t.Context(), to(url))
	if err == nil {
		t.Fatal("it was opened", db.Close())
	}
	return fmt.Sprintf("%v %+v", err, err)
}

// wantHidden checks that a text has nothing of a user name and a password in it.
func wantHidden(t *testing.T, text string) {
	t.Helper()
	for _, part := range []string{"jo%3Aan", "jo:an", "s3cr%2Fet", "s3cr/et", "s3cr"} {
		if strings.Contains(text, part) {
			t.Errorf("%q shows %q", text, part)
		}
	}
}

func TestAURLThatCannotBeReadIsSaidWithoutItsCredentials(t *testing.T) {
	for name, c := range map[string]struct{ url, want string }{
		"none":                         {"", "no MongoDB URL"},
		"another scheme":               {"https://jo%3Aan:s3cr%2Fet@db:27017/", "mongodb://"},
		"no scheme":                    {"jo%3Aan:s3cr%2Fet@db", "mongodb://"},
		"no server":                    {"mongodb://jo%3Aan:s3cr%2Fet@", "mongodb://"},
		"no server and no @":           {"mongodb://joan:s3cr", "mongodb://"},
		"a slash in the password":      {"mongodb://joan:s3cr/et@db/", "percent-encode"},
		"a colon in the password":      {"mongodb://joan:s3cr:et@db/", "percent-encode"},
		"an at sign in the password":   {"mongodb://joan:s3cr@et@db/", "percent-encode"},
		"a per cent sign":              {"mongodb://joan:s3cr%zz@db/", "percent-encode"},
		"an option of a wrong form":    {"mongodb://jo%3Aan:s3cr%2Fet@db/?maxPoolSize=many", `"maxPoolSize": "many"`},
		"a certificate that is absent": {"mongodb://jo%3Aan:s3cr%2Fet@db/?tls=true&tlsCAFile=/no/such/file", "/no/such/file"},
		"a wrong and a secret option":  {"mongodb://db/?maxPoolSize=many&tlsCertificateKeyFilePassword=s3cr", "mongodb://"},
	} {
		t.Run(name, func(t *testing.T) {
			text := openFails(t, c.url)
			wantHidden(t, text)
			if !strings.Contains(text, c.want) {
				t.Errorf("%q does not say %q", text, c.want)
			}
		})
	}
}

func TestAServerThatIsNotThereIsNamedAtStart(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	listener.Close() // nobody listens there now
	text := openFails(t, "mongodb://jo%3Aan:s3cr%2Fet@"+address+"/?serverSelectionTimeoutMS=100")
	wantHidden(t, text)
	if !strings.Contains(text, "no MongoDB server could be reached") || !strings.Contains(text, address) || !strings.Contains(text, "refused") {
		t.Error(text)
	}
}

func TestWrongCredentialsAreSaidAtStartAndNotShown(t *testing.T) {
	address, _ := misbehave(t, func(string) bson.D {
		return bson.D{
			{Key: "ok", Value: 0},
			{Key: "code", Value: 18},
			{Key: "codeName", Value: "AuthenticationFailed"},
			{Key: "errmsg", Value: "no user jo:an with s3cr/et"},
		}
	})
	for _, mechanism := range []string{"", "?authMechanism=SCRAM-SHA-256", "?authMechanism=PLAIN&tls=false"} {
		text := openFails(t, "mongodb://jo%3Aan:s3cr%2Fet@"+address+"/"+mechanism)
		wantHidden(t, text)
		if !strings.Contains(text, "does not let the user of the URL in") {
			t.Error(text)
		}
	}
}

func TestAServerThatDoesNotAnswerIsGivenUpInTime(t *testing.T) {
	address, _ := misbehave(t, func(string) bson.D { return nil })
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	if _, err := mongodb.Open(ctx, to("mongodb://"+address+"/")); err == nil {
		t.Error("it was opened")
	}
}
