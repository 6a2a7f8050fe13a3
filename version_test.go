package imlc

import (
	"runtime/debug"
	"testing"
)

func TestModuleVersion(t *testing.T) {
	for name, c := range map[string]struct {
		info debug.BuildInfo
		want string
	}{
		"the command as it was installed": {debug.BuildInfo{Main: debug.Module{Path: modulePath, Version: "v0.2.0"}}, "v0.2.0"},
		"a checkout":                      {debug.BuildInfo{Main: debug.Module{Path: modulePath, Version: "(devel)"}}, "devel"},
		"without version control":         {debug.BuildInfo{Main: debug.Module{Path: modulePath}}, "devel"},
		"a dependency of a host": {debug.BuildInfo{Main: debug.Module{Path: "example.com/host", Version: "v1.0.0"},
			Deps: []*debug.Module{{Path: "example.com/other", Version: "v9.0.0"}, {Path: modulePath, Version: "v0.3.1"}}}, "v0.3.1"},
		"replaced by a folder": {debug.BuildInfo{Main: debug.Module{Path: "example.com/host", Version: "v1.0.0"},
			Deps: []*debug.Module{{Path: modulePath, Version: "v0.3.1", Replace: &debug.Module{Path: "../imlc"}}}}, "devel"},
	} {
		t.Run(name, func(t *testing.T) {
			if got := moduleVersion(&c.info); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}
