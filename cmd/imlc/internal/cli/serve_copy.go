package cli

import (
	"bufio"
	"encoding/json"
	"errors"
	"io"

	"github.com/imlc-lang/imlc/broker/store"
)

// serveExportCommand writes a copy.
type serveExportCommand struct {
	storeFlags
	Output string `short:"o" help:"File to write; standard output otherwise." placeholder:"FILE"`
}

// Run implements the sub-command.
func (k *serveExportCommand) Run(c *command) error {
	o, err := k.open(c, false)
	if err != nil {
		return err
	}
	defer o.store.Close()
	write := func(w io.Writer) error {
		out := bufio.NewWriter(w)
		enc := json.NewEncoder(out)
		if err := o.store.All(c.Context, func(r store.Record) error { return enc.Encode(r) }); err != nil {
			return err
		}
		return out.Flush()
	}
	if k.Output == "" {
		return write(c.Out)
	}
	out, err := c.Files.Create(k.Output, 0o600)
	if err != nil {
		return err
	}
	defer out.Discard()
	if err := write(out); err != nil {
		return err
	}
	return out.Commit()
}

// serveImportCommand reads a copy.
type serveImportCommand struct {
	storeFlags
	File string `arg:"" help:"What export wrote; - for standard input."`
}

// Run implements the sub-command.
func (k *serveImportCommand) Run(c *command) error {
	in := io.NopCloser(c.In)
	if k.File != "-" {
		var err error
		if in, err = c.Files.Open(k.File); err != nil {
			return err
		}
	}
	defer in.Close()
	o, err := k.open(c, true)
	if err != nil {
		return err
	}
	defer o.store.Close()
	dec := json.NewDecoder(bufio.NewReaderSize(in, 1<<20))
	var page []store.Record
	n := 0
	flush := func() error {
		err := o.store.Import(c.Context, page)
		n += len(page)
		page = page[:0]
		return err
	}
	for {
		var r store.Record
		err := dec.Decode(&r)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return usagef("%s: record %d does not parse", k.File, n+len(page)+1)
		}
		if page = append(page, r); len(page) == 500 {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	if err := flush(); err != nil {
		return err
	}
	c.Out.Printf("%s\n", counted(n, "record"))
	return nil
}
