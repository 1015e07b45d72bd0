package rpc_test

import (
	"context"
	"net"
	"testing"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/testkit"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

// answer is the same message for whoever asks.
type answer struct {
	assessmentv1.UnimplementedAssessmentServiceServer
	response *assessmentv1.GetAssessmentResponse
}

func (a *answer) GetAssessment(context.Context, *assessmentv1.GetAssessmentRequest) (*assessmentv1.GetAssessmentResponse, error) {
	return a.response, nil
}

func newAnswer() *answer {
	return &answer{response: &assessmentv1.GetAssessmentResponse{
		Assessment: &assessmentv1.Assessment{Id: "asm_1", Title: "A platform for hospitals", Revision: 3},
	}}
}

// BenchmarkUnaryBare is a call over grpc alone.
func BenchmarkUnaryBare(b *testing.B) {
	lis := bufconn.Listen(256 << 10)
	server := grpc.NewServer()
	assessmentv1.RegisterAssessmentServiceServer(server, newAnswer())
	go server.Serve(lis)
	defer server.Stop()
	conn, err := grpc.NewClient("passthrough:///bare", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close()
	measure(b.Context(), b, conn)
}

// BenchmarkUnaryChain is the same call over Memory and through the interceptors.
func BenchmarkUnaryChain(b *testing.B) {
	issuer := testkit.NewIssuer(b, clockwork.NewRealClock())
	conn := testkit.Serve(b, "assessment", func(r grpc.ServiceRegistrar) {
		assessmentv1.RegisterAssessmentServiceServer(r, newAnswer())
	}, testkit.WithIssuer(issuer))
	measure(issuer.Context(b.Context(), "usr_1", "ses_1"), b, conn)
}

func measure(ctx context.Context, b *testing.B, conn *grpc.ClientConn) {
	client := assessmentv1.NewAssessmentServiceClient(conn)
	if _, err := client.GetAssessment(ctx, &assessmentv1.GetAssessmentRequest{Id: "asm_1"}); err != nil {
		b.Fatal(err)
	}
	b.Run("one at a time", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := client.GetAssessment(ctx, &assessmentv1.GetAssessmentRequest{Id: "asm_1"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("64 at a time", func(b *testing.B) {
		b.ReportAllocs()
		b.SetParallelism(32)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := client.GetAssessment(ctx, &assessmentv1.GetAssessmentRequest{Id: "asm_1"}); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}

// BenchmarkValidate is what the rules of a small request cost.
func BenchmarkValidate(b *testing.B) {
	b.ReportAllocs()
	req := &assessmentv1.GetAssessmentRequest{Id: "asm_1"}
	for b.Loop() {
		if err := rpc.Validate(req); err != nil {
			b.Fatal(err)
		}
	}
}
