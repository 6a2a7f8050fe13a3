package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
	"go.yaml.in/yaml/v3"
)

// projectFile holds defaults for the flags of commands. It is looked for in the working folder and those above it, up to
// the root of the repository.
const projectFile = "imlc.yaml"

// projectFlags are what a project may set: how its specs are read and reported. Where requests may go, what is trusted
// and every secret are the user's, for a project may come from a stranger.
var projectFlags = []string{"dialect", "strict", "legacy-error-types", "strict-equality", "white-label", "disable-angle", "query",
	"zapier-auth-curlies", "lint", "ignore", "format", "timezone", "match", "verbose", "top", "color"}

// project is a project file: defaults for every command, and under the name of a command for it alone.
type project struct {
	path     string
	defaults map[string]any
	commands map[string]map[string]any
}

// Validate implements kong.Resolver.
func (p *project) Validate(*kong.Application) error { return nil }

// Resolve implements kong.Resolver.
func (p *project) Resolve(_ *kong.Context, parent *kong.Path, flag *kong.Flag) (any, error) {
	if !slices.Contains(projectFlags, flag.Name) {
		return nil, nil
	}
	if parent != nil && parent.Command != nil {
		if v, ok := p.commands[parent.Command.Name][flag.Name]; ok {
			return v, nil
		}
	}
	if v, ok := p.defaults[flag.Name]; ok && allowed(flag, v) {
		return v, nil
	}
	return nil, nil
}

// allowed reports whether a default for all commands is one that this flag knows: every command has formats of its own.
func allowed(flag *kong.Flag, v any) bool {
	return flag.Enum == "" || slices.Contains(strings.Split(flag.Enum, ","), fmt.Sprint(v))
}

// findProject reads the project file; nil when there is none.
func (c *command) findProject() (*project, error) {
	dir, err := filepath.Abs(".")
	if err != nil {
		return nil, nil
	}
	for {
		name := filepath.Join(dir, projectFile)
		if info, err := c.Files.Stat(name); err == nil && info.Mode().IsRegular() {
			return c.readProject(name)
		}
		if _, err := c.Files.Stat(filepath.Join(dir, ".git")); err == nil || dir == filepath.Dir(dir) {
			return nil, nil
		}
		dir = filepath.Dir(dir)
	}
}

func (c *command) readProject(name string) (*project, error) {
	data, err := c.Files.Read(c.Context, name, maxProject)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	var raw map[string]any
	if err := yaml.Unmarshal(data, &raw); err != nil {
		return nil, usagef("%s: %v", name, err)
	}
	var grammar cli
	k, err := c.parser(&grammar)
	if err != nil {
		return nil, err
	}
	p := &project{path: name, defaults: map[string]any{}, commands: map[string]map[string]any{}}
	for key, v := range raw {
		section, isSection := v.(map[string]any)
		if !isSection {
			section, p.defaults[key] = map[string]any{key: v}, v
		} else if !slices.ContainsFunc(commands(k.Model.Node), func(n *kong.Node) bool { return n.Name == key }) {
			return nil, usagef("%s: %q is no command", name, key)
		} else {
			p.commands[key] = section
		}
		for flag := range section {
			if !slices.Contains(projectFlags, flag) {
				return nil, usagef("%s: %q cannot be set in a project; expected one of %s", name, flag, strings.Join(projectFlags, ", "))
			}
		}
	}
	return p, nil
}

// maxProject is the size of the largest project file, in bytes.
const maxProject = 64 << 10
