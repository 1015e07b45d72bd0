package rpc_test

import (
	"testing"

	"github.com/inframind/inframind/pkg/testkit"
)

func TestMain(m *testing.M) { testkit.VerifyNoLeaks(m) }
