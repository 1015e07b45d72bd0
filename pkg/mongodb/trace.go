package mongodb

import (
	"context"
	"errors"
	"strconv"
	"sync"

	"go.mongodb.org/mongo-driver/v2/event"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"
)

// command tells running commands apart.
type command struct {
	connection string
	request    int64
}

// running are the spans of commands without an answer.
type running struct {
	tracer trace.Tracer
	mu     sync.Mutex
	spans  map[command]trace.Span
}

// spans makes one for each command under a span that is recorded, and for nothing
// else: at start there is no request to belong to. A span names the command and its
// collection; it has no filter, no document, and not the server's text about a
// fault, which quotes them.
func spans(provider trace.TracerProvider) *event.CommandMonitor {
	r := &running{
		tracer: provider.Tracer("github.com/inframind/inframind/pkg/mongodb"),
		spans:  map[command]trace.Span{},
	}
	return &event.CommandMonitor{
		Started: r.start,
		Succeeded: func(_ context.Context, e *event.CommandSucceededEvent) {
			r.end(e.CommandFinishedEvent, nil)
		},
		Failed: func(_ context.Context, e *event.CommandFailedEvent) {
			r.end(e.CommandFinishedEvent, e.Failure)
		},
	}
}

func (r *running) start(ctx context.Context, e *event.CommandStartedEvent) {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return
	}
	name, attributes := e.CommandName, []attribute.KeyValue{
		attribute.String("db.system.name", "mongodb"),
		attribute.String("db.namespace", e.DatabaseName),
		attribute.String("db.operation.name", e.CommandName),
	}
	if collection := collectionOf(e); collection != "" {
		name += " " + collection
		attributes = append(attributes, attribute.String("db.collection.name", collection))
	}
	_, span := r.tracer.Start(ctx, name, trace.WithSpanKind(trace.SpanKindClient), trace.WithAttributes(attributes...)) //nolint:spancheck // end ends it
	r.mu.Lock()
	defer r.mu.Unlock()
	r.spans[command{e.ConnectionID, e.RequestID}] = span
} //nolint:spancheck // end ends it

// collectionOf is the text behind the command's name; getMore has a cursor there.
func collectionOf(e *event.CommandStartedEvent) string {
	key := e.CommandName
	if key == "getMore" {
		key = "collection"
	}
	collection, _ := e.Command.Lookup(key).StringValueOK()
	return collection
}

func (r *running) end(e event.CommandFinishedEvent, failure error) {
	key := command{e.ConnectionID, e.RequestID}
	r.mu.Lock()
	span, ok := r.spans[key]
	delete(r.spans, key)
	r.mu.Unlock()
	if !ok {
		return
	}
	if failure != nil {
		kind := "connection"
		var refused mongo.CommandError
		if errors.As(failure, &refused) {
			kind = strconv.Itoa(int(refused.Code))
		}
		span.SetAttributes(attribute.String("error.type", kind))
		span.SetStatus(codes.Error, "")
	}
	span.End()
}
