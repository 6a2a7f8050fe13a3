package cli

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v5"
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
}

// TestCompose holds the compose file to the schema of the Compose Specification (testdata/compose-spec.json, of
// docker-compose 1.29.2, Apache-2.0), and what it names to be there.
func TestCompose(t *testing.T) {
	data, err := os.ReadFile(deployFolder + "compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.Compile("testdata/compose-spec.json")
	if err != nil {
		t.Fatal(err)
	}
	validate := func(text string) error {
		var file any
		if err := yaml.Unmarshal([]byte(text), &file); err != nil {
			return err
		}
		return schema.Validate(file)
	}
	if err := validate(string(data)); err != nil {
		t.Errorf("%#v", err)
	}
	for from, to := range map[string]string{"healthcheck:": "healthchek:", "replicas: 2": "replicas: two", "condition: service_healthy": "condition: service_well", "volumes: [": "volumes: [5, "} {
		if wrong := strings.Replace(string(data), from, to, 1); wrong == string(data) || validate(wrong) == nil {
			t.Errorf("with %q nothing is wrong", to)
		}
	}
	var compose struct {
		Services map[string]struct {
			Secrets []string
			Depends map[string]any `yaml:"depends_on"`
			Build   struct{ Context, Dockerfile string }
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
		if s.Build.Dockerfile == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(deployFolder, s.Build.Context, s.Build.Dockerfile)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// stage is a stage of a Dockerfile: its base, its name, and its other instructions.
type stage struct {
	base, name string
	steps      [][2]string
}

func stagesOf(text string) []stage {
	var out []stage
	for line := range strings.Lines(text) {
		instruction, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		switch {
		case instruction == "" || strings.HasPrefix(instruction, "#"):
		case instruction == "FROM":
			base, name, _ := strings.Cut(rest, " AS ")
			out = append(out, stage{base: base, name: name})
		default:
			last := &out[len(out)-1]
			last.steps = append(last.steps, [2]string{instruction, rest})
		}
	}
	return out
}

// TestImage holds the stages of the image together: what the last one takes is made by the first one, which has Go as the
// module wants it, and it runs what it took, without a shell and as nobody, in a folder that is nobody's.
func TestImage(t *testing.T) {
	read := func(name string) string {
		t.Helper()
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	stages := stagesOf(read(deployFolder + "Dockerfile"))
	if len(stages) != 2 || stages[1].base != "scratch" {
		t.Fatalf("the stages are %+v", stages)
	}
	build, image := stages[0], stages[1]
	wanted := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read("../../../../go.mod"))[1]
	if build.base != "golang:"+wanted {
		t.Errorf("it is built by %s, the module wants Go %s", build.base, wanted)
	}
	made := "/etc/ssl/certs/ca-certificates.crt" // comes with the base
	for _, s := range build.steps {
		if s[0] == "RUN" {
			made += " " + s[1]
		}
		if s[0] == "RUN" && strings.Contains(s[1], "go build") && !strings.HasPrefix(s[1], "CGO_ENABLED=0 ") {
			t.Error("the program needs libraries that the image does not have")
		}
	}
	held := map[string]bool{}
	for _, s := range image.steps {
		args := strings.Fields(s[1])
		switch s[0] {
		case "COPY":
			from, to := args[len(args)-2], args[len(args)-1]
			if args[0] != "--from="+build.name || !strings.Contains(made, from) {
				t.Errorf("COPY %s: the stage before does not make it", s[1])
			}
			if held[to] = true; to == "/data" && args[1] != "--chown=65532:65532" {
				t.Error("the folder of the data belongs to somebody else than who runs the program")
			}
		case "USER":
			if s[1] != "65532:65532" {
				t.Errorf("it runs as %s: scratch has no names of users", s[1])
			}
		case "ENTRYPOINT", "CMD":
			var words []string
			if err := json.Unmarshal([]byte(s[1]), &words); err != nil || s[0] == "ENTRYPOINT" && !held[words[0]] {
				t.Errorf("%s %s: %v, or not in the image", s[0], s[1], err)
			}
		case "VOLUME":
			if !held[s[1]] {
				t.Errorf("the volume %s is not in the image", s[1])
			}
		case "RUN":
			t.Error("scratch has nothing to run")
		}
	}
	ignored := strings.Fields(read(deployFolder + "Dockerfile.dockerignore"))
	for _, name := range []string{".git", "deploy"} {
		if !slices.Contains(ignored, name) {
			t.Errorf("%s gets into the stage that builds", name)
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
