package standalone_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"strings"
	"testing"
)

func TestARequestUnderWayIsFinishedBeforeThePlatformEnds(t *testing.T) {
	p := newPlatform(t)
	s := p.newSession(t)

	// The server asks for the body when it has the request.
	asked := make(chan struct{})
	body, rest := io.Pipe()
	r, err := http.NewRequestWithContext(httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		Got100Continue: func() { close(asked) },
	}), http.MethodPost, p.url+assessments, body)
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{
		"Authorization": "Bearer " + s.access, "Content-Type": "application/json", "Expect": "100-continue",
	} {
		r.Header.Set(name, value)
	}
	answered := make(chan answer, 1)
	go func() {
		a, err := p.do(r)
		if err != nil {
			t.Error(err)
		}
		answered <- a
	}()
	<-asked

	ended := make(chan error, 1)
	go func() { ended <- p.running.Close() }()
	address := strings.TrimPrefix(p.url, "http://")
	for conn, err := net.Dial("tcp", address); err == nil; conn, err = net.Dial("tcp", address) {
		conn.Close() // it still listens
	}
	if _, err := io.WriteString(rest, draft); err != nil {
		t.Error(err)
	}
	rest.Close()
	a := <-answered
	if err := <-ended; err != nil {
		t.Errorf("the end: %v", err)
	}
	if a.Response == nil || a.StatusCode != http.StatusCreated {
		t.Fatalf("the request under way: %+v", a)
	}

	p.start(t)
	if pages := s.list(t); len(pages[0]) != 1 || pages[0][0].GetId() != decoded(t, a.body).GetId() {
		t.Errorf("stored: %v", pages)
	}
}
