package cli

import (
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"path/filepath"
	"time"

	"github.com/imlc-lang/imlc/cmd/imlc/internal/show"
)

// watchFlag runs a command again whenever its files change.
type watchFlag struct {
	Watch bool `short:"w" help:"Run again whenever a file changes, until interrupted."`
}

// watchEvery is how often files are looked at.
const watchEvery = 300 * time.Millisecond

// watched runs f, and with --watch again whenever something below the paths changes, until the user interrupts.
func (k watchFlag) watched(c *command, paths []string, f func() error) error {
	if !k.Watch {
		return f()
	}
	seen := fingerprint(paths) // before the run, so that a change during it counts
	err := f()
	for {
		if err != nil && !errors.Is(err, errReported) {
			c.Err.Error(err)
		}
		c.Err.Printf("%s\n", c.Err.Paint(show.Dim, "waiting for changes; Ctrl-C ends"))
		for now := seen; now == seen; now = fingerprint(paths) {
			select {
			case <-c.Context.Done():
				return err
			case <-time.After(watchEvery):
			}
		}
		seen = fingerprint(paths)
		c.Out.Printf("\n")
		err = f()
	}
}

// fingerprint changes when a file below the paths does.
func fingerprint(paths []string) uint64 {
	h := fnv.New64a()
	for _, path := range paths {
		_ = filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				fmt.Fprintln(h, name, "unreadable")
				return nil
			}
			if d.IsDir() && name != path && (d.Name() == ".git" || d.Name() == "node_modules") {
				return fs.SkipDir
			}
			if info, err := d.Info(); err == nil && !d.IsDir() {
				fmt.Fprintln(h, name, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	return h.Sum64()
}
