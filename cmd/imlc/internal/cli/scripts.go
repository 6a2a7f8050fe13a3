package cli

import (
	"io/fs"
	"path"
	"path/filepath"

	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/runtime/jshost"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/script"
)

// enableJS lets the scripts of specs run.
type enableJS bool

// AfterApply is called by kong when the flag is given.
func (e enableJS) AfterApply(c *command) error {
	if e && c.Scripts == nil {
		c.Scripts = jshost.New(jshost.Limits{})
	}
	return nil
}

// jsProcess lets the scripts of specs run in processes of their own.
type jsProcess bool

// AfterApply is called by kong when the flag is given. It goes before enableJS.
func (e jsProcess) AfterApply(c *command) error {
	if e {
		c.Scripts = jshost.NewSubprocess(jshost.Limits{})
	}
	return nil
}

// scriptRunner checks and runs scripts.
type scriptRunner interface {
	script.Host
	script.Checker
}

// scriptFlags say whether scripts run.
type scriptFlags struct {
	EnableJS  enableJS  `name:"enable-js" help:"Run the JavaScript of the spec: see \"imlc help scripts\"."`
	JSProcess jsProcess `name:"js-process" help:"Run it in a process of its own, whose memory is bounded."`
}

// checker returns what judges the scripts of a spec, nil when they are left out.
func (c *command) checker() script.Checker {
	if c.Scripts == nil {
		return nil
	}
	return c.Scripts
}

// scriptHost returns what runs scripts, nil when nothing does.
func (c *command) scriptHost() script.Host {
	if c.Scripts == nil {
		return nil
	}
	return c.Scripts
}

// readFunctions reads the functions of an app in a folder.
func (c *command) readFunctions(dir string) ([]*builtin.Function, error) {
	if dir == "" {
		return nil, nil
	}
	tree, err := c.Files.Spec(dir)
	if err != nil {
		return nil, err
	}
	sources := map[string]script.Module{}
	err = fs.WalkDir(tree.FS, tree.Name, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		inside := name
		if tree.Name != "." {
			inside = name[len(tree.Name)+1:]
		}
		function, ok := make.FunctionFile(path.Clean(inside))
		if !ok {
			return nil
		}
		text, err := fs.ReadFile(tree.FS, name)
		sources[function] = script.Module{Name: filepath.ToSlash(tree.UserName(name)), Text: string(text)}
		return err
	})
	switch {
	case err != nil:
		return nil, err
	case len(sources) == 0:
		return nil, usagef("--functions %s: there is no function; expected NAME.js or NAME/code.js", dir)
	}
	list, err := jshost.New(jshost.Limits{}).Functions("iml", sources)
	if err != nil {
		return nil, usagef("--functions %s: %v", dir, err)
	}
	return list, nil
}
