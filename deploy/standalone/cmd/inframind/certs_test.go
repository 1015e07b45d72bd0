package main

import (
	"bytes"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/jonboulle/clockwork"

	"github.com/inframind/inframind/pkg/config"
	"github.com/inframind/inframind/pkg/rpc"
	"github.com/inframind/inframind/pkg/telemetry"
)

func TestTheCommandSaysWhatItMadeAndHowToUseIt(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	folder := filepath.Join(t.TempDir(), "certs")
	run := func(c certs) string {
		t.Helper()
		var out bytes.Buffer
		c.Out = folder
		if err := c.write(&out, now); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	first := run(certs{Days: 90})
	for _, line := range append([]string{`authority +made +until 2036-03-01 .*/ca\.crt`}, rpc.Services()...) {
		if !regexp.MustCompile(`(?m)^` + line).MatchString(first) {
			t.Errorf("there is no line %q in\n%s", line, first)
		}
	}
	again := run(certs{Days: 30, Services: []string{"auth"}})
	if !regexp.MustCompile(`(?m)^authority +kept .*\nauth +made +until 2026-03-31 .*\n\n`).MatchString(again) {
		t.Errorf("the second time it says\n%s", again)
	}
	// What it says about the environment holds.
	var files rpc.TLSFiles
	if err := config.Load(&files, strings.Split(again, "\n")); err != nil {
		t.Fatal(err)
	}
	if _, err := rpc.LoadTLS("auth", files, clockwork.NewFakeClockAt(now), telemetry.Discard().Log); err != nil {
		t.Error(err)
	}
}

func TestTheCommandRefusesAServiceThatThePlatformDoesNotHave(t *testing.T) {
	var out bytes.Buffer
	err := (&certs{Out: t.TempDir(), Services: []string{"auth", "autj"}, Days: 90}).write(&out, time.Now())
	if err == nil || !strings.Contains(err.Error(), `"autj" is no service`) || strings.Contains(out.String(), "auth ") {
		t.Errorf("got %v and %q", err, out.String())
	}
}
