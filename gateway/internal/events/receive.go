package events

import (
	"context"
	"errors"
	"io"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// result is a message of a stream, or the error that it ended with.
type result struct {
	message proto.Message
	err     error
}

func (r result) ended() bool { return errors.Is(r.err, io.EOF) }

// receive hands on one message after the other, the next only when the last has been
// taken. It ends with ctx, which the stream was opened with, or behind an error.
func receive(ctx context.Context, stream grpc.ClientStream, kind protoreflect.MessageType) <-chan result {
	results := make(chan result)
	go func() {
		for {
			message := kind.New().Interface()
			err := stream.RecvMsg(message)
			select {
			case results <- result{message, err}:
			case <-ctx.Done():
				return
			}
			if err != nil {
				return
			}
		}
	}()
	return results
}
