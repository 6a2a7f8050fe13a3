package cli

import (
	"bytes"
	"crypto/ed25519"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/internal/source"
	"github.com/imlc-lang/imlc/parser"
	"github.com/imlc-lang/imlc/parser/make"
	"github.com/imlc-lang/imlc/vm"
	"github.com/imlc-lang/imlc/vm/plan"
)

// specFlags are the choices of compiling a spec.
type specFlags struct {
	Dialect          string   `help:"Read the spec as this dialect instead of recognising it: make, membrane, zapier or supermetrics, with a variant as in zapier:legacy." placeholder:"NAME"`
	Strict           bool     `help:"Turn warnings into errors; run-time warnings with a strict form too."`
	LegacyErrorTypes bool     `help:"Make RuntimeError the default error type of every failing status."`
	StrictEquality   bool     `help:"Make = compare without conversion."`
	WhiteLabel       bool     `help:"Make the functions of the platform's white-label edition known."`
	DisableAngle     bool     `help:"Take << and >> as plain text."`
	Query            string   `help:"What becomes of the query of a URL beside the directive for it: replace, or join (Make)." enum:"replace,join," default:""`
	Ignore           []string `help:"Say nothing of these codes, as a comment imlc:ignore CODE does for a line; of errors only where something is left to run." placeholder:"CODE"`
	AuthCurlies      string   `name:"zapier-auth-curlies" help:"What becomes of curlies in auth: always resolved, or never; by platformVersion otherwise (Zapier)." enum:"always,never," default:""`
	Parity           []string `name:"zapier-parity" help:"Sign as the vendor does where it differs: version10A, realm-signed, dup-query, sign-uncleaned or form-charset (Zapier)." placeholder:"FLAG"`
	PlainSecrets     bool     `help:"Take the texts of consumer key, consumer secret and secrets in the file as their values, for tests (Supermetrics)."`

	scriptFlags

	Part []string `help:"Take a part of the connection from a file: communication, params, common, defaultScope, scopeList, installSpec, installDirectives or base." placeholder:"ROLE=FILE"`
}

// parts puts the files of --part into an input.
func (f specFlags) parts(c *command, src *parser.Source) error {
	for _, part := range f.Part {
		role, file, ok := strings.Cut(part, "=")
		if !ok || !slices.Contains(make.Roles(), role) {
			return usagef("--part %s: expected ROLE=FILE with one of the roles %v", part, make.Roles())
		}
		if src.Dialect != "make" {
			return usagef("--part %s: the spec is one of %s, and only Make has parts", part, src.Dialect)
		}
		data, err := c.readInput(file)
		if err != nil {
			return err
		}
		*src = make.With(*src, role, "", source.NewFile(filepath.ToSlash(file), string(data)))
	}
	return nil
}

func (f specFlags) options() imlc.Options {
	settings := map[string]string{}
	if f.AuthCurlies != "" {
		settings["zapier-auth-curlies"] = f.AuthCurlies
	}
	if len(f.Parity) > 0 {
		settings["zapier-parity"] = strings.Join(f.Parity, ",")
	}
	if f.PlainSecrets {
		settings["plain-secrets"] = "true"
	}
	return imlc.Options{Settings: settings, Dialect: f.Dialect, Query: f.Query, Strict: f.Strict, LegacyErrorTypes: f.LegacyErrorTypes, StrictEquality: f.StrictEquality,
		WhiteLabel: f.WhiteLabel, DisableAngle: f.DisableAngle, Ignore: f.Ignore}
}

// loadSpecs reads every connection that a path names. Its files have the names that the user would write.
func (c *command) loadSpecs(path string, o imlc.Options) ([]parser.Source, *diag.List, error) {
	if _, _, known := parser.Find(imlc.Dialects(), o.Dialect); o.Dialect != "" && !known {
		return nil, nil, usagef("--dialect %s: expected one of %s", o.Dialect, strings.Join(dialectNames(), ", "))
	}
	if path == "-" {
		return c.specOfInput(o)
	}
	tree, err := c.Files.Spec(path)
	if err != nil {
		return nil, nil, err
	}
	o.Scripts = c.checker()
	sources, list := imlc.Load(tree.FS, tree.Name, o)
	renamed := map[*source.File]*source.File{}
	rename := func(f *source.File) *source.File {
		if f == nil || tree.UserName(f.Name) == f.Name {
			return f
		}
		if renamed[f] == nil {
			renamed[f] = source.NewFile(tree.UserName(f.Name), f.Text)
		}
		return renamed[f]
	}
	for i := range sources {
		for j := range sources[i].Parts {
			part := &sources[i].Parts[j]
			part.File = rename(part.File)
		}
	}
	for i := range list.Items {
		d := &list.Items[i]
		if d.Span.File = rename(d.Span.File); d.Span.File == nil { // a problem of a path, which its message names
			d.Message = strings.Replace(d.Message, tree.Name, tree.UserName(tree.Name), 1)
		}
	}
	return sources, list, nil
}

// inputName stands for the file name of a spec from standard input.
const inputName = "stdin.jsonc"

// specOfInput reads a spec of one document from standard input: JSON, or YAML when it does not begin like JSON.
func (c *command) specOfInput(o imlc.Options) ([]parser.Source, *diag.List, error) {
	data, err := c.readInput("-")
	if err != nil {
		return nil, nil, err
	}
	name, text := inputName, string(data)
	if start := strings.TrimLeft(text, "\ufeff \t\r\n"); start != "" && !strings.ContainsRune("{[/", rune(start[0])) {
		name = "stdin.yaml"
	}
	sources, list := imlc.Load(files.Single(name, text), name, o)
	return sources, list, nil
}

// isPlan reports whether data is a plan file (docs/architecture.md §4).
func isPlan(data []byte) bool { return bytes.HasPrefix(data, []byte("IMLC")) }

// trustFlags say whose plans are accepted.
type trustFlags struct {
	Trust []string `help:"Accept only plans signed by this ed25519 public key (PEM, PKIX)." placeholder:"FILE"`
}

// loadPlan reads a plan file, or compiles a spec and shows its diagnostics. name is the path for messages.
func (c *command) loadPlan(path string, spec specFlags, trust trustFlags) (*plan.Plan, error) {
	if info, err := c.Files.Stat(path); err == nil && !info.IsDir() {
		data, err := c.readInput(path)
		if err != nil {
			return nil, err
		}
		if isPlan(data) {
			return c.decodePlan(path, data, trust)
		}
	}
	if len(trust.Trust) > 0 {
		return nil, usagef("%s: --trust needs a signed plan file; compile the spec with --sign first", path)
	}
	return c.compileSpec(path, spec.options(), func(src *parser.Source) error { return spec.parts(c, src) })
}

func (c *command) decodePlan(path string, data []byte, trust trustFlags) (*plan.Plan, error) {
	opts := plan.DecodeOptions{MaxBytes: maxInput, RequireSignature: len(trust.Trust) > 0}
	for _, name := range trust.Trust {
		key, err := c.readPublicKey(name)
		if err != nil {
			return nil, err
		}
		opts.TrustedKeys = append(opts.TrustedKeys, key)
	}
	p, err := plan.Decode(data, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return p, nil
}

// compileSpec compiles the one connection of a path. Problems are shown on Err; with errors it returns errReported. change,
// if not nil, may add to the input before it is compiled.
func (c *command) compileSpec(path string, o imlc.Options, change func(*parser.Source) error) (*plan.Plan, error) {
	sources, list, err := c.loadSpecs(path, o)
	if err != nil {
		return nil, err
	}
	if len(sources) > 1 {
		names := []string{}
		for _, s := range sources {
			names = append(names, s.Name)
		}
		return nil, usagef("%s holds %d connections (%s); name the folder or file of one", path, len(sources), strings.Join(names, ", "))
	}
	if len(sources) == 0 && !list.HasErrors() {
		return nil, usagef("%s holds no connection", path)
	}
	var p *plan.Plan
	if len(sources) == 1 && !list.HasErrors() {
		if change != nil {
			if err := change(&sources[0]); err != nil {
				return nil, err
			}
		}
		var more *diag.List
		o.Scripts = c.checker()
		p, more = imlc.CompileSource(sources[0], o)
		c.written = c.written[:0]
		for _, f := range sources[0].Files() {
			c.written = append(c.written, f.Name)
		}
		list.Items = append(list.Items, more.Items...)
	}
	list.Sort()
	c.Err.Problems(list, diag.Warning)
	if p == nil || list.HasErrors() {
		return nil, errReported
	}
	return p, nil
}

// located names the file of a failure as the user named it, whose terminal can then open it.
func (c *command) located(err error) error {
	var e *vm.Error
	if !errors.As(err, &e) || e.Place == nil || e.Place.File == "" {
		return err
	}
	for _, name := range c.written {
		if name == e.Place.File || strings.HasSuffix(name, "/"+e.Place.File) {
			place := *e.Place
			place.File = name
			e.Place = &place
			break
		}
	}
	return err
}

// readPublicKey reads an ed25519 public key in PEM, PKIX form.
func (c *command) readPublicKey(name string) (ed25519.PublicKey, error) {
	data, err := c.readInput(name)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, usagef("%s: no PEM block found, expected an ed25519 public key", name)
	}
	key, err := x509.ParsePKIXPublicKey(block.Bytes)
	if k, ok := key.(ed25519.PublicKey); ok && err == nil {
		return k, nil
	}
	return nil, usagef("%s: the PEM block is no ed25519 public key; make one with \"openssl pkey -in KEY -pubout\"", name)
}

// readPrivateKey reads an ed25519 private key in PEM, PKCS#8 form.
func (c *command) readPrivateKey(name string) (ed25519.PrivateKey, error) {
	data, err := c.readInput(name)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(data)
	if block == nil {
		return nil, usagef("%s: no PEM block found, expected an ed25519 private key; make one with \"openssl genpkey -algorithm ed25519\"", name)
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if k, ok := key.(ed25519.PrivateKey); ok && err == nil {
		return k, nil
	}
	return nil, usagef("%s: the PEM block is no ed25519 private key in PKCS#8; make one with \"openssl genpkey -algorithm ed25519\"", name)
}
