package imlc

import "runtime/debug"

const modulePath = "github.com/imlc-lang/imlc"

// Version returns the version of this module in the running program, such as "v0.2.0" or a pseudo-version with the
// commit, as the go command recorded it; "devel" for a program that was built from a checkout without that, as go run
// and go test do.
func Version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	return moduleVersion(info)
}

func moduleVersion(info *debug.BuildInfo) string {
	for _, m := range append([]*debug.Module{&info.Main}, info.Deps...) {
		if m.Path != modulePath {
			continue
		}
		if m.Replace != nil {
			m = m.Replace
		}
		if m.Version != "" && m.Version != "(devel)" {
			return m.Version
		}
	}
	return "devel"
}
