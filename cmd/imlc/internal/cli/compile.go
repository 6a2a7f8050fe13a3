package cli

import (
	"bytes"
	"path/filepath"
	"strings"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/vm/plan"
)

// compileCommand compiles a spec ahead of time.
type compileCommand struct {
	Spec string `arg:"" help:"Spec file, folder or project of one connection."`
	specFlags
	Output   string `short:"o" help:"File to write, - for standard output; by default the name of the spec with .imlc (bin) or standard output (asm, json)." placeholder:"FILE"`
	Emit     string `help:"Write bin (a plan file), asm (a listing) or json (all tables)." enum:"bin,asm,json" default:"bin"`
	Strip    bool   `help:"Leave out positions and sources."`
	Sign     string `help:"Sign the plan with this ed25519 key (PEM, PKCS#8)." placeholder:"KEYFILE"`
	Template bool   `help:"SPEC holds one template: a text, or a JSON document when it ends in .json or .jsonc."`
}

// Run implements the sub-command.
func (k *compileCommand) Run(c *command) error {
	if k.Sign != "" && k.Emit != "bin" {
		return usagef("--sign needs --emit bin")
	}
	p, err := k.plan(c)
	if err != nil {
		return err
	}
	data, err := k.encode(c, p)
	if err != nil {
		return err
	}
	return k.write(c, data)
}

func (k *compileCommand) plan(c *command) (*plan.Plan, error) {
	if !k.Template {
		return c.compileSpec(k.Spec, k.options(), func(src *parser.Source) error { return k.parts(c, src) })
	}
	text, err := c.readInput(k.Spec)
	if err != nil {
		return nil, err
	}
	compile := imlc.CompileTemplate
	if ext := filepath.Ext(k.Spec); ext == ".json" || ext == ".jsonc" {
		compile = imlc.CompileTemplateJSON
	}
	p, list := compile(filepath.ToSlash(k.Spec), strings.TrimSuffix(string(text), "\n"), imlc.TemplateOptions{
		Strict: k.Strict, StrictEquality: k.StrictEquality, WhiteLabel: k.WhiteLabel, DisableAngle: k.DisableAngle})
	c.Err.Problems(list, diag.Warning)
	if p == nil {
		return nil, errReported
	}
	return p, nil
}

func (k *compileCommand) encode(c *command, p *plan.Plan) ([]byte, error) {
	var out bytes.Buffer
	opts := plan.EncodeOptions{StripLines: k.Strip, StripSource: k.Strip}
	switch k.Emit {
	case "asm":
		err := plan.Disassemble(&out, p, plan.DisassembleOptions{HideSource: k.Strip})
		return out.Bytes(), err
	case "json":
		err := plan.DumpJSON(&out, p)
		return out.Bytes(), err
	}
	if k.Sign != "" {
		key, err := c.readPrivateKey(k.Sign)
		if err != nil {
			return nil, err
		}
		opts.Sign = key
	}
	return plan.Encode(p, opts)
}

func (k *compileCommand) write(c *command, data []byte) error {
	name := k.Output
	if name == "" && k.Emit == "bin" {
		name = planName(k.Spec)
	}
	if name == "" || name == "-" {
		if k.Emit == "bin" && c.Out.Look().Terminal {
			return usagef("a plan is binary and standard output is a terminal; name a file with -o")
		}
		_, err := c.Out.Write(data)
		return err
	}
	if err := files.Write(c.Files, name, data, 0o644); err != nil {
		return err
	}
	c.Err.Printf("wrote %s (%d bytes)\n", name, len(data))
	return nil
}

// planName derives the name of a plan file: desk.jsonc and the folder desk become desk.imlc in the working directory.
func planName(spec string) string {
	base := filepath.Base(filepath.Clean(spec))
	for _, ext := range []string{".iml.json", ".imljson", ".jsonc", ".json", ".yaml", ".yml", ".txt", ".iml"} {
		if s, ok := strings.CutSuffix(base, ext); ok && s != "" {
			base = s
			break
		}
	}
	if base == "." || base == ".." || base == string(filepath.Separator) {
		base = "connection"
	}
	return base + ".imlc"
}
