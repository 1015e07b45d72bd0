package telemetry

import (
	"context"
	"log/slog"
	"slices"

	"go.opentelemetry.io/otel/trace"
)

// logHandler adds the ids of the context's span to each line, at its top level also
// where the logger has groups: a search for trace_id must find every line.
type logHandler struct {
	base  slog.Handler                      // with the attributes from before the first group
	later []func(slog.Handler) slog.Handler // that group and what followed
}

func newLogHandler(base slog.Handler) slog.Handler { return logHandler{base: base} }

func (h logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.base.Enabled(ctx, level)
}

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	handler := h.base
	if sc := trace.SpanContextFromContext(ctx); sc.IsValid() {
		handler = handler.WithAttrs([]slog.Attr{
			slog.String("trace_id", sc.TraceID().String()),
			slog.String("span_id", sc.SpanID().String()),
		})
	}
	for _, apply := range h.later {
		handler = apply(handler)
	}
	return handler.Handle(ctx, r)
}

func (h logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(h.later) == 0 {
		return logHandler{base: h.base.WithAttrs(attrs)}
	}
	return h.with(func(handler slog.Handler) slog.Handler { return handler.WithAttrs(attrs) })
}

func (h logHandler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.with(func(handler slog.Handler) slog.Handler { return handler.WithGroup(name) })
}

func (h logHandler) with(apply func(slog.Handler) slog.Handler) slog.Handler {
	return logHandler{base: h.base, later: append(slices.Clip(h.later), apply)}
}
