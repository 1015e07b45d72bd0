package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/inframind/inframind/deploy/standalone/internal/authority"
	"github.com/inframind/inframind/pkg/rpc"
)

// certs lets the services prove to each other who they are, on a developer's machine.
type certs struct {
	Out      string   `required:"" type:"path" help:"Folder of the authority, and of a folder for each service; what is missing is made."`
	Services []string `help:"Services to certify, separated by commas; all, unless some are named."`
	Days     int      `default:"90" help:"How long the certificates last."`
}

// Run is called by the command line's parser.
func (c *certs) Run() error { return c.write(os.Stdout, time.Now()) }

func (c *certs) write(out io.Writer, now time.Time) error {
	services := c.Services
	if len(services) == 0 {
		services = rpc.Services()
	}
	a, err := authority.Open(c.Out, now)
	if err != nil {
		return err
	}
	how := "kept"
	if a.Made {
		how = "made"
	}
	var rows strings.Builder
	fmt.Fprintf(&rows, "authority\t%s\tuntil %s\t%s\n", how, a.Ends().UTC().Format(time.DateOnly), a.File())
	certified, err := a.Certify(c.Days, services...)
	for _, made := range certified {
		fmt.Fprintf(&rows, "%s\tmade\tuntil %s\t%s\n", made.Service, made.Ends.UTC().Format(time.DateOnly), made.Files.Certificate)
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	_, written := io.WriteString(table, rows.String())
	if err := errors.Join(err, written, table.Flush()); err != nil {
		return err
	}
	first := certified[0]
	_, err = fmt.Fprintf(out, "\nEach service reads its own folder; %s does with\n"+
		"INFRA_MIND_TLS_CERT_FILE=%s\nINFRA_MIND_TLS_KEY_FILE=%s\nINFRA_MIND_TLS_CA_FILE=%s\n",
		first.Service, first.Files.Certificate, first.Files.Key, first.Files.Authorities)
	return err
}
