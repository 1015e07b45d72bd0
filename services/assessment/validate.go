package assessment

import (
	assessmentv1 "github.com/inframind/inframind/proto/gen/go/inframind/assessment/v1"
	"github.com/inframind/inframind/services/assessment/internal/rpc"
)

// Validate says what is wrong with an assessment, all at once, as the service
// would when it is created.
func Validate(m *assessmentv1.Assessment) error { return rpc.Validate(m) }
