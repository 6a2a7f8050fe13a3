package cli

import (
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const deployFolder = "../../../../deploy/"

// serveFlags returns the flags of imlc serve and the variables that stand for them.
func serveFlags(of reflect.Type) (flags, variables map[string]bool) {
	flags, variables = map[string]bool{}, map[string]bool{}
	for i := range of.NumField() {
		f := of.Field(i)
		if f.Anonymous {
			more, vars := serveFlags(f.Type)
			for name := range more {
				flags[name] = true
			}
			for name := range vars {
				variables[name] = true
			}
			continue
		}
		name := f.Tag.Get("name")
		if name == "" {
			name = strings.ToLower(regexp.MustCompile(`([a-z])([A-Z])`).ReplaceAllString(f.Name, "$1-$2"))
		}
		flags[name], variables[f.Tag.Get("env")] = true, true
	}
	return flags, variables
}

// TestDeployFiles holds image, compose file and unit to the flags and variables that the command has.
func TestDeployFiles(t *testing.T) {
	flags, variables := serveFlags(reflect.TypeFor[serveStartCommand]())
	for _, name := range []string{"Dockerfile", "compose.yaml", "imlc.service"} {
		data, err := os.ReadFile(deployFolder + name)
		if err != nil {
			t.Fatal(err)
		}
		found := regexp.MustCompile(`IMLC_SERVE_\w+`).FindAllString(string(data), -1)
		if len(found) == 0 {
			t.Errorf("%s sets nothing", name)
		}
		for _, v := range found {
			if !variables[v] {
				t.Errorf("%s sets %s, which is no variable of imlc serve", name, v)
			}
		}
		for _, line := range regexp.MustCompile(`(?m)^(?:ExecStart=|CMD ).*$`).FindAllString(string(data), -1) {
			for _, flag := range regexp.MustCompile(`--([a-z-]+)`).FindAllStringSubmatch(line, -1) {
				if !flags[flag[1]] {
					t.Errorf("%s starts with --%s, which is no flag of imlc serve", name, flag[1])
				}
			}
		}
	}
	data, err := os.ReadFile(deployFolder + "compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var compose struct {
		Services map[string]struct {
			Secrets []string
			Depends map[string]any `yaml:"depends_on"`
		}
		Secrets map[string]any
	}
	if err := yaml.Unmarshal(data, &compose); err != nil {
		t.Fatal(err)
	}
	for name, s := range compose.Services {
		for _, secret := range s.Secrets {
			if compose.Secrets[secret] == nil {
				t.Errorf("%s needs the secret %s, which is not there", name, secret)
			}
		}
		for other := range s.Depends {
			if _, ok := compose.Services[other]; !ok {
				t.Errorf("%s waits for %s, which is not there", name, other)
			}
		}
	}
}

// TestUnit has systemd read the unit, where it is there.
func TestUnit(t *testing.T) {
	verifier, err := exec.LookPath("systemd-analyze")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("no systemd-analyze found: apt-get install -y systemd")
		}
		t.Skip("skipped: no systemd-analyze found")
	}
	data, err := os.ReadFile(deployFolder + "imlc.service")
	if err != nil {
		t.Fatal(err)
	}
	unit := filepath.Join(t.TempDir(), "imlc.service")
	if err := os.WriteFile(unit, []byte(strings.ReplaceAll(string(data), "/usr/local/bin/imlc", "/bin/true")), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), verifier, "verify", "--man=no", unit).CombinedOutput()
	for line := range strings.Lines(string(out)) {
		if strings.Contains(line, "imlc.service") { // other units of the machine are not ours
			t.Errorf("systemd: %s", line)
		}
	}
	if err != nil {
		t.Logf("systemd-analyze: %v: %s", err, out)
	}
}
