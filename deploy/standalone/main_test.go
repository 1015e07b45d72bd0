package standalone_test

import (
	"fmt"
	"os"
	"testing"

	"github.com/inframind/inframind/pkg/testkit"
)

// TestMain runs the tests, or, in the copy of this program that a test starts to
// kill it, the platform.
func TestMain(m *testing.M) {
	if folder := os.Getenv(doomedFolder); folder != "" {
		fmt.Fprintln(os.Stderr, serveUntilKilled(folder))
		os.Exit(1)
	}
	testkit.VerifyNoLeaks(m)
}
