package rpc_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"pgregory.net/rapid"

	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/testkit"
)

func TestAKeyReachesTheMethodsThatWriteForAPerson(t *testing.T) {
	issuer := testkit.NewIssuer(t, clockwork.NewFakeClockAt(noon))
	var got string
	p := answers()
	p.unary = func(ctx context.Context, _ *request) (*response, error) {
		got = rpc.IdempotencyKey(ctx)
		return &response{}, nil
	}
	p.stream = func(stream grpc.BidiStreamingServer[request, response]) error {
		got = rpc.IdempotencyKey(stream.Context())
		return stream.Send(&response{})
	}
	conn := testkit.Serve(t, "probe", p.register, testkit.WithIssuer(issuer))
	person := issuer.Context(t.Context(), "usr_1", "ses_1")
	call := func(ctx context.Context, method string) error {
		if isStream(method) {
			_, err := open(ctx, t, conn, method).Recv()
			return err
		}
		return invoke(ctx, conn, method)
	}
	for name, c := range map[string]struct {
		method string
		keys   []string
		want   string
		code   codes.Code
	}{
		"a key":                        {"User", []string{"key-1"}, "key-1", codes.OK},
		"no key":                       {"User", nil, "", codes.OK},
		"the longest key":              {"User", []string{strings.Repeat("k", 128)}, strings.Repeat("k", 128), codes.OK},
		"a longer one":                 {"User", []string{strings.Repeat("k", 129)}, "", codes.InvalidArgument},
		"an empty one":                 {"User", []string{""}, "", codes.InvalidArgument},
		"one with a space":             {"User", []string{"two words"}, "", codes.InvalidArgument},
		"two keys":                     {"User", []string{"a", "b"}, "", codes.InvalidArgument},
		"a method that only reads":     {"Read", []string{"two words"}, "", codes.OK},
		"a method that is nobody's":    {"Public", []string{"key-1"}, "", codes.OK},
		"a stream":                     {"Watch", []string{"key-1"}, "key-1", codes.OK},
		"a stream with a key too long": {"Watch", []string{strings.Repeat("k", 129)}, "", codes.InvalidArgument},
	} {
		t.Run(name, func(t *testing.T) {
			got = ""
			ctx := person
			for _, key := range c.keys {
				ctx = metadata.AppendToOutgoingContext(ctx, "idempotency-key", key)
			}
			want(t, call(ctx, c.method), c.code, "INVALID_REQUEST")
			if got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
	want(t, call(rpc.WithIdempotencyKey(person, "key-2"), "User"), codes.OK, "")
	if got != "key-2" {
		t.Errorf("the edge sent key-2 and the method got %q", got)
	}
}

var idShape = regexp.MustCompile(`^asm_[0-9a-hjkmnp-tv-z]{26}$`)

func TestAnIDFollowsFromItsKey(t *testing.T) {
	part := rapid.StringMatching(`[a-c]{0,3}`)
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) [3]string {
			return [3]string{part.Draw(t, name), part.Draw(t, name), rapid.StringMatching(`[a-c]{1,3}`).Draw(t, name)}
		}
		a, b := draw("a"), draw("b")
		idA, idB := rpc.DerivedID("asm", a[0], a[1], a[2]), rpc.DerivedID("asm", b[0], b[1], b[2])
		if !idShape.MatchString(idA) {
			t.Errorf("got %q", idA)
		}
		if (idA == idB) != (a == b) {
			t.Errorf("%q has the ID %s and %q has %s", a, idA, b, idB)
		}
	})
}

func TestWhereOnePartEndsMakesADifference(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.StringMatching(`[a-c]{2,8}`).Draw(t, "all")
		cut := func(name string) [3]string {
			end := rapid.IntRange(0, len(all)-1).Draw(t, name)
			begin := rapid.IntRange(0, end).Draw(t, name)
			return [3]string{all[:begin], all[begin:end], all[end:]}
		}
		a, b := cut("a"), cut("b")
		if a != b && rpc.DerivedID("asm", a[0], a[1], a[2]) == rpc.DerivedID("asm", b[0], b[1], b[2]) {
			t.Errorf("%q and %q have the same ID", a, b)
		}
	})
}

func TestAnIDWithoutAKeyIsNewEachTime(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		id := rpc.DerivedID("asm", "usr_1", "/x/Create", "")
		if seen[id] || !idShape.MatchString(id) {
			t.Fatalf("got %q", id)
		}
		seen[id] = true
	}
}

func TestWhatHasAnotherPrefixHasAnotherID(t *testing.T) {
	asm, rec := rpc.DerivedID("asm", "o", "m", "k"), rpc.DerivedID("rec", "o", "m", "k")
	if strings.TrimPrefix(asm, "asm_") == strings.TrimPrefix(rec, "rec_") {
		t.Errorf("%s and %s", asm, rec)
	}
}
