package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	standalone "github.com/inframind/inframind/deploy/standalone"
)

// serve runs the platform until it is told to stop.
type serve struct {
	Addr        string `default:"127.0.0.1:8080" help:"Address to listen on."`
	Data        string `default:"./data" type:"path" help:"Folder of the databases and secrets; made when it is missing."`
	CheckConfig bool   `help:"Check the configuration, say every fault at once, and exit."`
}

// Run is called by the command line's parser.
func (s *serve) Run(ctx context.Context) (err error) {
	options := standalone.Options{Addr: s.Addr, DataDir: s.Data, Environ: os.Environ(), Log: os.Stderr}
	if s.CheckConfig {
		if err := standalone.CheckConfig(options); err != nil {
			return err
		}
		fmt.Println("The configuration is sound.")
		return nil
	}
	p, err := standalone.Start(ctx, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	fmt.Println(p.URL())
	return p.Wait(ctx)
}
