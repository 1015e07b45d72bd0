package main

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/encoding/protojson"

	standalone "github.com/inframind/inframind/deploy/standalone"
	"github.com/inframind/inframind/deploy/standalone/internal/demo"
	"github.com/inframind/inframind/deploy/standalone/internal/document"
	"github.com/inframind/inframind/deploy/standalone/internal/example"
	"github.com/inframind/inframind/gateway"
	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/limit"
	"github.com/inframind/inframind/pkg/revocation"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
	"github.com/inframind/inframind/pkg/token"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

// stack answers the GET that is measured.
type stack struct {
	name  string
	url   string
	token string
}

// stacks are the stacks side by side, from the barest to the whole platform.
type stacks struct {
	list    []*stack
	size    int // of the whole platform's answer, in bytes
	closers []func() error
}

func (s *stacks) close() {
	for i := len(s.closers) - 1; i >= 0; i-- {
		_ = s.closers[i]() // The figures have been printed.
	}
}

// fixed returns one message to every caller.
type fixed struct {
	assessmentv1.UnimplementedAssessmentServiceServer

	answer *assessmentv1.GetAssessmentResponse
}

func (f fixed) GetAssessment(context.Context, *assessmentv1.GetAssessmentRequest) (*assessmentv1.GetAssessmentResponse, error) {
	return f.answer, nil
}

func (f fixed) register(r grpc.ServiceRegistrar) { assessmentv1.RegisterAssessmentServiceServer(r, f) }

func openStacks(ctx context.Context) (_ *stacks, err error) {
	s := new(stacks)
	defer func() {
		if err != nil {
			s.close()
		}
	}()
	whole, answer, err := s.whole(ctx)
	if err != nil {
		return nil, fmt.Errorf("start the whole platform: %w", err)
	}
	signer, err := newSigner()
	if err != nil {
		return nil, err
	}
	bare, err := s.bare(ctx, fixed{answer: answer})
	if err != nil {
		return nil, fmt.Errorf("start the bare stack: %w", err)
	}
	chain, edge, err := s.layered(ctx, fixed{answer: answer}, signer)
	if err != nil {
		return nil, fmt.Errorf("start the layered stacks: %w", err)
	}
	path := "/api/v1/assessments/" + answer.GetAssessment().GetId()
	s.list = []*stack{
		{"bare grpc-gateway and gRPC server on loopback, fixed answer", bare + path, signer.token},
		{"+ interceptors, token and revocation check, in-memory connection", chain + path, signer.token},
		{"+ the gateway (strict form, limits, headers, problem answers)", edge + path, signer.token},
		{"+ the assessment service on SQLite: the whole platform", whole.url + path, whole.token},
	}
	return s, nil
}

// whole starts the platform and makes an assessment in it.
func (s *stacks) whole(ctx context.Context) (*stack, *assessmentv1.GetAssessmentResponse, error) {
	folder, err := os.MkdirTemp("", "inframind-bench-")
	if err != nil {
		return nil, nil, err
	}
	s.closers = append(s.closers, func() error { return os.RemoveAll(folder) })
	p, err := standalone.Start(ctx, standalone.Options{
		Addr: "127.0.0.1:0", DataDir: folder, Log: io.Discard,
		Environ: []string{"INFRA_MIND_LOG_LEVEL=ERROR"},
	})
	if err != nil {
		return nil, nil, err
	}
	s.closers = append(s.closers, p.Close)

	a, err := document.Read("the example", bytes.NewReader(example.YAML))
	if err != nil {
		return nil, nil, err
	}
	bearer, id, err := demo.Submit(ctx, p.URL(), demo.NewAccount(), a, io.Discard)
	if err != nil {
		return nil, nil, err
	}
	got, size, err := get(ctx, p.URL()+"/api/v1/assessments/"+id, bearer)
	s.size = size
	return &stack{url: p.URL(), token: bearer}, got, err
}

func get(ctx context.Context, url, bearer string) (*assessmentv1.GetAssessmentResponse, int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return nil, 0, err
	}
	req.Header.Set("Authorization", "Bearer "+bearer)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return nil, 0, err
	}
	text, err := io.ReadAll(res.Body)
	if err := errors.Join(err, res.Body.Close()); err != nil {
		return nil, 0, err
	}
	got := new(assessmentv1.GetAssessmentResponse)
	return got, len(text), protojson.Unmarshal(text, got)
}

// bare is what grpc-gateway's own documentation starts with.
func (s *stacks) bare(ctx context.Context, f fixed) (url string, err error) {
	lis, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	server := grpc.NewServer()
	f.register(server)
	go server.Serve(lis) //nolint:errcheck // Stopped below; a failure shows in the load.
	s.closers = append(s.closers, func() error { server.Stop(); return nil })
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return "", err
	}
	s.closers = append(s.closers, conn.Close)
	return s.serve(ctx, conn)
}

// serve puts a bare grpc-gateway before the connection.
func (s *stacks) serve(ctx context.Context, conn *grpc.ClientConn) (url string, err error) {
	mux := runtime.NewServeMux()
	if err := assessmentv1.RegisterAssessmentServiceHandler(ctx, mux, conn); err != nil {
		return "", err
	}
	return s.listen(ctx, &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second})
}

func (s *stacks) listen(ctx context.Context, server *http.Server) (url string, err error) {
	lis, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	go server.Serve(lis) //nolint:errcheck // Closed below; a failure shows in the load.
	s.closers = append(s.closers, server.Close)
	return "http://" + lis.Addr().String(), nil
}

// layered puts the platform's own server around the fixed answer, and before it a
// bare grpc-gateway and then the platform's own.
func (s *stacks) layered(ctx context.Context, f fixed, k *signer) (chain, edge string, err error) {
	clock := clockwork.NewRealClock()
	t, err := telemetry.New(ctx, telemetry.Config{Service: "bench", LogLevel: slog.LevelError, LogWriter: io.Discard})
	if err != nil {
		return "", "", err
	}
	revocations := revocation.NewMemory(clock)
	if err := revocations.Restore(ctx, nil); err != nil {
		return "", "", err
	}
	verifier := token.NewVerifier(k, clock)
	server, err := rpc.NewServer(rpc.ServerConfig{
		Service: "assessment", Telemetry: t, Verifier: verifier, Revocations: revocations,
		Environment: config.Production, Clock: clock,
	}, f.register)
	if err != nil {
		return "", "", err
	}
	network := rpc.NewMemory()
	lis := network.Listen("assessment")
	go server.Serve(lis) //nolint:errcheck // Drained below; a failure shows in the load.
	s.closers = append(s.closers, func() error { return server.Drain(ctx) })
	conn, err := network.Dial("gateway", "assessment", rpc.ClientConfig{Telemetry: t})
	if err != nil {
		return "", "", err
	}
	s.closers = append(s.closers, conn.Close)

	if chain, err = s.serve(ctx, conn); err != nil {
		return "", "", err
	}
	g, err := gateway.New(ctx, gateway.Config{
		Environment: config.Development, RateLimitEnabled: true,
	}, gateway.Deps{
		Telemetry: t, Clock: clock, Limiter: limit.NewMemory(clock, 1000), Verifier: verifier,
		Conns: map[string]*grpc.ClientConn{"auth": conn, "assessment": conn, "recommendation": conn, "dashboard": conn},
	})
	if err != nil {
		return "", "", err
	}
	edge, err = s.listen(ctx, g.Server(""))
	return chain, edge, err
}

// signer is a key pair and a token that it signed.
type signer struct {
	public  ed25519.PublicKey
	private ed25519.PrivateKey
	token   string
}

const signerKey = "bench"

func newSigner() (*signer, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	s := &signer{public: public, private: private}
	s.token, err = s.sign("acc_bench")
	return s, err
}

// sign signs a token of a person.
func (s *signer) sign(subject string) (string, error) {
	now := time.Now()
	return token.Sign(token.Claims{
		Subject: subject, SessionID: "ses_bench", KeyID: signerKey, IssuedAt: now, ExpiresAt: now.Add(time.Hour),
	}, s.private)
}

// Key is the only key there is.
func (s *signer) Key(context.Context, string) (ed25519.PublicKey, error) { return s.public, nil }
