package gateway_test

import (
	"io"
	"net"
	"net/http"
	"testing"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/inframind/inframind/pkg/telemetry"
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
)

// BenchmarkGetAssessment reads one assessment over HTTP, through the gateway and the
// services' interceptors, and through nothing but grpc-gateway and gRPC.
func BenchmarkGetAssessment(b *testing.B) {
	b.Run("gateway", func(b *testing.B) {
		p := newPlatform(b, func(s *setup) { s.spans = func(*telemetry.Telemetry) {} })
		get(b, p.url, p.issuer.Token("usr_ada", "ses_1"))
	})
	b.Run("bare", func(b *testing.B) {
		get(b, bare(b), "x")
	})
}

// bare is the URL of grpc-gateway with nothing around it.
func bare(b *testing.B) string {
	b.Helper()
	lis := listen(b)
	server := grpc.NewServer()
	assessmentv1.RegisterAssessmentServiceServer(server, &assessmentService{})
	go func() { _ = server.Serve(lis) }()
	b.Cleanup(server.Stop)
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	mux := runtime.NewServeMux()
	if err := assessmentv1.RegisterAssessmentServiceHandler(b.Context(), mux, conn); err != nil {
		b.Fatal(err)
	}
	front := &http.Server{Handler: mux}
	web := listen(b)
	go func() { _ = front.Serve(web) }()
	b.Cleanup(func() { _ = front.Close() })
	return "http://" + web.Addr().(*net.TCPAddr).String()
}

func get(b *testing.B, url, token string) {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 64}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	b.ReportAllocs()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			r, err := http.NewRequestWithContext(b.Context(), http.MethodGet, url+"/api/v1/assessments/asm_1", nil)
			if err != nil {
				b.Error(err)
				return
			}
			r.Header.Set("Authorization", "Bearer "+token)
			response, err := client.Do(r)
			if err != nil {
				b.Error(err)
				return
			}
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
			if response.StatusCode != http.StatusOK {
				b.Error(response.Status)
				return
			}
		}
	})
}
