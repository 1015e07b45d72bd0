package rpc

import (
	"context"
	"net/netip"
	"strings"

	"google.golang.org/grpc/metadata"

	"github.com/inframind/inframind/pkg/errs"
)

// What calls carry beside their message.
const (
	headerAuthorization  = "authorization"
	headerRequestID      = "x-request-id"
	headerClientIP       = "x-forwarded-client-ip"
	headerIdempotencyKey = "idempotency-key"
)

// maxRequestID is the longest request ID, in bytes, that is taken over.
const maxRequestID = 128

// requestID is the caller's, when it is one that can be logged as it is, else new.
func requestID(ctx context.Context) string {
	values := metadata.ValueFromIncomingContext(ctx, headerRequestID)
	if len(values) > 0 && visible(values[0], maxRequestID) {
		return values[0]
	}
	return DerivedID("req", "", "", "")
}

// clientIP is the address that the gateway saw; "" when it is none.
func clientIP(ctx context.Context) string {
	values := metadata.ValueFromIncomingContext(ctx, headerClientIP)
	if len(values) != 1 {
		return ""
	}
	if _, err := netip.ParseAddr(values[0]); err != nil {
		return ""
	}
	return values[0]
}

// bearer takes the token out of the authorization of the call; "" when there is none.
func bearer(ctx context.Context) (string, error) {
	values := metadata.ValueFromIncomingContext(ctx, headerAuthorization)
	if len(values) == 0 {
		return "", nil
	}
	const scheme = "bearer "
	value := values[0]
	// Of two values either person could be meant.
	if len(values) > 1 || len(value) < len(scheme) || !strings.EqualFold(value[:len(scheme)], scheme) {
		return "", errs.Unauthenticated("MALFORMED_TOKEN", "authorization must be Bearer and an access token")
	}
	return value[len(scheme):], nil
}
