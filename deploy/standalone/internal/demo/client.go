package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// maxAnswer bounds what is read of an answer; a recommendation of 50 workloads
// is a tenth of it.
const maxAnswer = 8 << 20

// client speaks the platform's REST API as any client would.
type client struct {
	base     string
	http     *http.Client
	bearer   string
	progress io.Writer
}

func newClient(base string, progress io.Writer) *client {
	return &client{base: base, http: &http.Client{Transport: &http.Transport{}}, progress: progress}
}

// step says what is done next. That nobody reads it is no reason to stop.
func (c *client) step(said string) { _, _ = fmt.Fprintln(c.progress, said) }

// problem is the part of an RFC 9457 answer that a person needs.
type problem struct {
	Title     string `json:"title"`
	Detail    string `json:"detail"`
	RequestID string `json:"requestId"`
}

// post sends in as JSON and reads the answer into out, when somebody wants it.
func (c *client) post(ctx context.Context, path string, in, out proto.Message) (err error) {
	body, err := protojson.Marshal(in)
	if err != nil {
		return fmt.Errorf("encode the request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	if c.bearer != "" {
		req.Header.Set("Authorization", "Bearer "+c.bearer)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, res.Body.Close()) }()
	text, err := io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("read the answer to %s: %w", path, err)
	}
	if res.StatusCode >= http.StatusBadRequest {
		var p problem
		if json.Unmarshal(text, &p) != nil {
			return fmt.Errorf("%s: %s", path, res.Status)
		}
		return fmt.Errorf("%s: %s: %s: %s (request %s)", path, res.Status, p.Title, p.Detail, p.RequestID)
	}
	if out == nil {
		return nil
	}
	if err := protojson.Unmarshal(text, out); err != nil {
		return fmt.Errorf("decode the answer to %s: %w", path, err)
	}
	return nil
}
