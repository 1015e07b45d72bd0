// Package rpc serves inframind.dashboard.v1.
package rpc

import (
	"context"
	"time"

	"github.com/jonboulle/clockwork"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/timestamppb"

	dashboardv1 "github.com/inframind/inframind/proto/gen/go/inframind/dashboard/v1"
	"github.com/inframind/inframind/services/dashboard/internal/overview"
)

// look is how often a stream looks whether something was written. It costs each
// service a point read and a look into its cache.
const look = time.Second

// Server implements dashboardv1.DashboardServiceServer.
type Server struct {
	dashboardv1.UnimplementedDashboardServiceServer

	board *overview.Board
	clock clockwork.Clock
}

// NewServer shows the board.
func NewServer(b *overview.Board, c clockwork.Clock) *Server { return &Server{board: b, clock: c} }

// GetOverview shows the caller's things.
func (s *Server) GetOverview(ctx context.Context, _ *dashboardv1.GetOverviewRequest) (*dashboardv1.GetOverviewResponse, error) {
	o, err := s.board.Own(ctx)
	if err != nil {
		return nil, err
	}
	return &dashboardv1.GetOverviewResponse{Overview: message(o)}, nil
}

// GetPlatformOverview shows everybody's things.
func (s *Server) GetPlatformOverview(ctx context.Context, _ *dashboardv1.GetPlatformOverviewRequest) (*dashboardv1.GetPlatformOverviewResponse, error) {
	o, err := s.board.All(ctx)
	if err != nil {
		return nil, err
	}
	return &dashboardv1.GetPlatformOverviewResponse{Overview: message(o)}, nil
}

// StreamMetrics sends the caller's overview now and whenever it has become another.
// It ends with the context: when the client goes, the session ends or the server
// stops.
func (s *Server) StreamMetrics(_ *dashboardv1.StreamMetricsRequest, stream grpc.ServerStreamingServer[dashboardv1.StreamMetricsResponse]) error {
	ctx := stream.Context()
	ticker := s.clock.NewTicker(look)
	defer ticker.Stop()
	for sent := ""; ; {
		o, err := s.board.Own(ctx)
		if err != nil {
			return err
		}
		if o.Generation != sent {
			if err := stream.Send(&dashboardv1.StreamMetricsResponse{Overview: message(o), Generation: o.Generation}); err != nil {
				return err
			}
			sent = o.Generation
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.Chan():
		}
	}
}

func message(o overview.Overview) *dashboardv1.Overview {
	return &dashboardv1.Overview{
		AsOfTime:        timestamppb.New(o.AsOf),
		Assessments:     o.Assessments,
		Recommendations: o.Recommendations,
		Missing:         o.Missing,
	}
}
