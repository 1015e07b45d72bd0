package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	standalone "github.com/inframind/inframind/deploy/standalone"
	"github.com/inframind/inframind/deploy/standalone/internal/demo"
	"github.com/inframind/inframind/deploy/standalone/internal/document"
	"github.com/inframind/inframind/deploy/standalone/internal/example"
	"github.com/inframind/inframind/deploy/standalone/internal/report"
)

// demonstrate starts the platform on a temporary folder and uses it.
type demonstrate struct {
	Addr   string        `default:"127.0.0.1:8080" help:"Address to listen on; when it is taken, any free port of its host."`
	Exit   bool          `help:"Stop when the recommendation is printed, instead of leaving the server up."`
	Output report.Format `enum:"table,json" default:"table" help:"table or json."`
}

// Run is called by the command line's parser.
func (d *demonstrate) Run(ctx context.Context) (err error) {
	a, err := document.Read("the example", bytes.NewReader(example.YAML))
	if err != nil {
		return err
	}
	// An existing data folder is never touched.
	data, err := os.MkdirTemp("", "inframind-demo-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(data)) }()

	say := func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) }
	say("Starting the platform in %s", data)
	p, err := standalone.Start(ctx, standalone.Options{
		Addr: d.Addr, AnyPort: true, DataDir: data, Environ: os.Environ(), Log: os.Stderr, Quiet: true,
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()

	who := demo.NewAccount()
	say("Account %s, password %s (made for this run, shown this once)", who.Email, who.Password)
	set, err := demo.Run(ctx, p.URL(), who, a, os.Stderr)
	if err != nil {
		return err
	}
	if err := report.Write(os.Stdout, d.Output, set.GetContent()); err != nil {
		return err
	}
	if d.Exit {
		return nil
	}
	say("\n%s is up, and so are the API's pages at %s/docs. Ctrl-C stops it and deletes its folder.", p.URL(), p.URL())
	return p.Wait(ctx)
}
