package mongodb

import (
	"errors"
	"fmt"
	"strings"

	"go.mongodb.org/mongo-driver/v2/x/mongo/driver/topology"
)

var errRefused = errors.New(
	"MongoDB does not let the user of the URL in: the user name, the password, authSource or authMechanism is wrong")

// startFault says why the server cannot be used, for whoever starts the process. The
// driver's own text describes the topology at length.
//
// A refusal is known by the driver's words alone: the next operation on the pool gets
// it as a text without a cause. The server's words are left out, since a server may
// repeat in them what it was told.
func startFault(err error) error {
	if strings.Contains(err.Error(), "auth error") {
		return errRefused
	}
	var unreached topology.ServerSelectionError
	if !errors.As(err, &unreached) {
		return fmt.Errorf("MongoDB cannot be used: %w", err)
	}
	var servers []string
	for _, s := range unreached.Desc.Servers {
		why := "it is not the primary"
		if s.LastError != nil {
			why = s.LastError.Error()
		}
		servers = append(servers, fmt.Sprintf("%s: %s", s.Addr, why))
	}
	if len(servers) == 0 {
		servers = []string{"none was found"}
	}
	return fmt.Errorf("no MongoDB server could be reached: %s", strings.Join(servers, "; "))
}
