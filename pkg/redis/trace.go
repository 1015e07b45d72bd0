package redis

import (
	"context"
	"errors"

	goredis "github.com/redis/go-redis/v9"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// spans makes a span for each operation under a span that is recorded, and for
// nothing else. A span has the command's name and not what it is about: keys are
// hashes of tokens and ids of people.
type spans struct{ tracer trace.Tracer }

func newSpans(provider trace.TracerProvider) spans {
	return spans{provider.Tracer("github.com/inframind/inframind/pkg/redis")}
}

// DialHook implements redis.Hook. A connection belongs to no request.
func (spans) DialHook(next goredis.DialHook) goredis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (s spans) ProcessHook(next goredis.ProcessHook) goredis.ProcessHook {
	return func(ctx context.Context, cmd goredis.Cmder) error {
		return s.around(ctx, cmd.Name(), func(ctx context.Context) error { return next(ctx, cmd) })
	}
}

// ProcessPipelineHook implements redis.Hook.
func (s spans) ProcessPipelineHook(next goredis.ProcessPipelineHook) goredis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []goredis.Cmder) error {
		return s.around(ctx, "pipeline", func(ctx context.Context) error { return next(ctx, cmds) })
	}
}

func (s spans) around(ctx context.Context, name string, do func(context.Context) error) error {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return do(ctx)
	}
	ctx, span := s.tracer.Start(ctx, "redis "+name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(
		attribute.String("db.system.name", "redis"),
		attribute.String("db.operation.name", name),
	))
	defer span.End()
	err := do(ctx)
	if err != nil && !answer(err) {
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	}
	return err
}

// answer says whether an error is one of the client's two ways to say no: there is
// no such key, and the server does not know the script yet.
func answer(err error) bool {
	return errors.Is(err, goredis.Nil) || goredis.HasErrorPrefix(err, "NOSCRIPT")
}
