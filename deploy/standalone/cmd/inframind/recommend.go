package main

import (
	"io"
	"os"

	"github.com/inframind/inframind/deploy/standalone/internal/document"
	"github.com/inframind/inframind/deploy/standalone/internal/report"
	"github.com/inframind/inframind/services/assessment"
	"github.com/inframind/inframind/services/recommendation"
)

// recommend answers one assessment in this process, with no account and no
// database, by the engine that the service has.
type recommend struct {
	File   string        `short:"f" required:"" help:"The assessment, YAML or JSON in the shape that the API takes; - is standard input."`
	Output report.Format `enum:"table,json,csv" default:"table" help:"table, json or csv."`
}

// Run is called by the command line's parser.
func (r *recommend) Run() error { return r.write(os.Stdout, os.Stdin) }

func (r *recommend) write(out io.Writer, stdin io.Reader) error {
	a, err := document.Open(r.File, stdin)
	if err != nil {
		return err
	}
	if err := assessment.Validate(a); err != nil {
		return err
	}
	advisor, err := recommendation.NewAdvisor()
	if err != nil {
		return err
	}
	answer, err := advisor.Advise(a)
	if err != nil {
		return err
	}
	return report.Write(out, r.Output, answer)
}
