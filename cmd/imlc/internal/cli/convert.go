package cli

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/cmd/imlc/internal/files"
	"github.com/imlc-lang/imlc/internal/diag"
	"github.com/imlc-lang/imlc/parser"
)

// convertCommand writes a spec in another dialect.
type convertCommand struct {
	Spec string `arg:"" help:"Spec file, folder or project of one connection."`
	To   string `required:"" help:"The dialect to write: make, membrane, zapier, zapier:legacy or supermetrics." placeholder:"NAME"`
	specFlags
	Output string `short:"o" help:"Folder to write into, made when it is missing; by default the spec goes to standard output." placeholder:"DIR"`
	Force  bool   `help:"Replace files that are there."`
	Format string `help:"Tell what is lost as text on standard error, or everything as json on standard output." enum:"text,json" default:"text"`
}

// Run implements the sub-command.
func (k *convertCommand) Run(c *command) error {
	if _, _, known := parser.Find(imlc.Dialects(), k.To); !known {
		return usagef("--to %s: expected one of %s, zapier:legacy", k.To, strings.Join(dialectNames(), ", "))
	}
	result, err := k.convert(c)
	if err != nil {
		return err
	}
	if k.Format == "json" {
		err = k.json(c, result)
	} else {
		c.Err.Problems(result.Losses, diag.Info)
	}
	if err != nil {
		return err
	}
	if len(result.Files) == 0 {
		return errReported
	}
	return k.write(c, result)
}

func (k *convertCommand) convert(c *command) (*imlc.Conversion, error) {
	sources, list, err := c.loadSpecs(k.Spec, k.options())
	if err != nil {
		return nil, err
	}
	if len(sources) > 1 {
		return nil, usagef("%s holds %d connections; name the folder or file of one", k.Spec, len(sources))
	}
	var result *imlc.Conversion
	if len(sources) == 1 && !list.HasErrors() {
		if err := k.parts(c, &sources[0]); err != nil {
			return nil, err
		}
		var more *diag.List
		result, more = imlc.ConvertSource(sources[0], k.To, k.options())
		list.Items = append(list.Items, more.Items...)
	}
	list.Sort()
	if result == nil {
		c.Err.Problems(list, diag.Warning)
		return nil, errReported
	}
	return result, nil
}

// write writes the files: one to standard output, or all into the folder.
func (k *convertCommand) write(c *command, result *imlc.Conversion) error {
	if k.Output == "" {
		if k.Format == "json" {
			return nil
		}
		if len(result.Files) > 1 {
			return usagef("the spec has %d files; name a folder for them with -o", len(result.Files))
		}
		_, err := c.Out.Write([]byte(result.Files[0].Text))
		return err
	}
	for _, f := range result.Files {
		name := filepath.Join(k.Output, filepath.FromSlash(f.Name))
		if _, err := c.Files.Stat(name); !k.Force && !errors.Is(err, fs.ErrNotExist) {
			return usagef("%s is there already; replace it with --force", name)
		}
	}
	for _, f := range result.Files {
		name := filepath.Join(k.Output, filepath.FromSlash(f.Name))
		if err := c.Files.MkdirPrivate(filepath.Dir(name)); err != nil {
			return files.Unwritable(name, err)
		}
		if err := files.Write(c.Files, name, []byte(f.Text), 0o644); err != nil {
			return err
		}
		c.Err.Printf("wrote %s\n", name)
	}
	return nil
}

// jsonLoss is a loss as programs read it.
type jsonLoss struct {
	Code     string `json:"code"`
	Severity string `json:"severity"`
	File     string `json:"file,omitempty"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Pointer  string `json:"pointer,omitempty"`
	What     string `json:"what"`
	Why      string `json:"why,omitempty"`
}

func (k *convertCommand) json(c *command, result *imlc.Conversion) error {
	out := struct {
		Dialect string             `json:"dialect"`
		Files   []imlc.WrittenFile `json:"files"`
		Losses  []jsonLoss         `json:"losses"`
		Moves   []imlc.Move        `json:"moves"`
	}{result.Dialect, result.Files, []jsonLoss{}, result.Moves}
	if out.Files == nil {
		out.Files = []imlc.WrittenFile{}
	}
	if out.Moves == nil {
		out.Moves = []imlc.Move{}
	}
	for _, d := range result.Losses.Items {
		loss := jsonLoss{Code: d.Code, Severity: d.Severity.String(), Pointer: d.Pointer, What: d.Message, Why: d.Help}
		if d.Span.File != nil {
			at := d.Span.Position()
			loss.File, loss.Line, loss.Column = d.Span.File.Name, at.Line, at.Column
		}
		out.Losses = append(out.Losses, loss)
	}
	enc := json.NewEncoder(c.Out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}
