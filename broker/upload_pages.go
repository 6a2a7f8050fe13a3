package broker

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/imlc-lang/imlc"
)

// upload is the form by which an operator uploads or changes a spec.
type upload struct {
	Spec                 Spec // the zero Spec for a new one
	Name, Title, Dialect string
	Files                []uploadedFile
	Dialects             []string
	// Problems are those of what was sent; Checked says that it was sent and compiles.
	Problems []shownDiagnostic
	Problem  *Problem
	Checked  bool
	// Saved is the version that it became, 0 for none.
	Saved int
}

type uploadedFile struct{ Name, Text string }

// shownDiagnostic is a diagnostic with the line that it is about.
type shownDiagnostic struct {
	Diagnostic
	Source string
}

// maxUpload bounds a form with the files of a spec, and what is around them.
const maxUpload = 3 << 20

func (b *Broker) specsPage(w http.ResponseWriter, r *http.Request) error {
	list, err := b.specs(r.Context(), callerOf(r.Context()).Space, r.URL.Query().Get("after"))
	if err != nil {
		return err
	}
	next := ""
	if len(list) == 100 {
		next = "?after=" + url.QueryEscape(list[len(list)-1].Name)
	}
	b.show(w, r, http.StatusOK, "specs", "Specs", map[string]any{"Specs": list, "Next": next})
	return nil
}

func (b *Broker) newSpecPage(w http.ResponseWriter, r *http.Request) error {
	b.showUpload(w, r, http.StatusOK, &upload{})
	return nil
}

func (b *Broker) editPage(w http.ResponseWriter, r *http.Request) error {
	ctx, space, name := r.Context(), callerOf(r.Context()).Space, r.PathValue("name")
	u := &upload{Name: name}
	if _, err := b.get(ctx, space, kindSpec, name, &u.Spec); err != nil {
		return err
	}
	v, err := b.version(ctx, space, name, u.Spec.Version)
	if err != nil {
		return err
	}
	u.Title, u.Files = u.Spec.Title, sortedFiles(v.Files)
	b.showUpload(w, r, http.StatusOK, u)
	return nil
}

func sortedFiles(files map[string]string) []uploadedFile {
	out := []uploadedFile{}
	for _, name := range slices.Sorted(maps.Keys(files)) {
		out = append(out, uploadedFile{name, files[name]})
	}
	return out
}

// showUpload shows the form, with room for one more file.
func (b *Broker) showUpload(w http.ResponseWriter, r *http.Request, status int, u *upload) {
	u.Files = append(u.Files, uploadedFile{})
	for _, d := range imlc.Dialects() {
		u.Dialects = append(u.Dialects, d.Name())
	}
	slices.Sort(u.Dialects)
	title := "New spec"
	if u.Spec.Name != "" {
		title = "Change " + u.Spec.Name
	}
	b.show(w, r, status, "upload", title, u)
}

// uploadForm checks a spec, or makes it the next version, and shows every problem at its line.
func (b *Broker) uploadForm(w http.ResponseWriter, r *http.Request) error {
	ctx, space := r.Context(), callerOf(r.Context()).Space
	u := &upload{Name: cmp.Or(r.PathValue("name"), r.PostFormValue("name")), Title: r.PostFormValue("title"), Dialect: r.PostFormValue("dialect")}
	if r.PathValue("name") != "" {
		if _, err := b.get(ctx, space, kindSpec, u.Name, &u.Spec); err != nil {
			return err
		}
	}
	files, err := filesOf(r)
	u.Files = sortedFiles(files)
	var list *imlc.Diagnostics
	notice := "uploaded"
	switch {
	case err != nil:
	case r.PostFormValue("check") != "":
		_, list, err = b.compile(ctx, files, u.Dialect)
	default:
		if u.Spec.Name == "" {
			err = b.unused(r, u.Name)
		}
		if err == nil {
			var s Spec
			s, list, err = b.putSpec(ctx, space, u.Name, files, u.Dialect, u.Title, u.Spec.Only)
			if u.Saved = s.Version; u.Saved == u.Spec.Version {
				notice = "saved"
			}
		}
	}
	if err == nil && u.Saved > 0 && len(list.Items) == 0 {
		return see(w, r, "/specs/"+url.PathEscape(u.Name), notice)
	}
	status := http.StatusOK
	if err != nil {
		u.Problem, u.Saved = b.tell(r.Pattern, err), 0
		status = u.Problem.Status
	}
	u.Checked = err == nil
	for _, d := range diagnostics(list) {
		if d.Severity == "error" {
			u.Checked, status = false, http.StatusUnprocessableEntity
		}
		u.Problems = append(u.Problems, shownDiagnostic{d, lineOf(files[d.File], d.Line)})
	}
	b.showUpload(w, r, status, u)
	return nil
}

// unused refuses the name of a spec that exists: who means to change that one goes to its page.
func (b *Broker) unused(r *http.Request, name string) error {
	_, err := b.get(r.Context(), callerOf(r.Context()).Space, kindSpec, name, &Spec{})
	switch {
	case err == nil:
		return conflict("there is a spec of this name; change it on its own page, or take another name")
	case problemOf(err).Status == http.StatusNotFound:
		return nil
	}
	return err
}

// lineOf returns a line of a text, counted from 1, as far as a page shows it.
func lineOf(text string, n int) string {
	lines := strings.SplitN(text, "\n", n+1)
	if n < 1 || n > len(lines) {
		return ""
	}
	line := strings.TrimSuffix(lines[n-1], "\r")
	for i := range line {
		if i >= 200 {
			return line[:i] + "…"
		}
	}
	return line
}

// filesOf reads the files of the form: texts by their names, and above them what was chosen from a disk, a file or a whole
// folder, whose own name says nothing.
func filesOf(r *http.Request) (map[string]string, error) {
	out := map[string]string{}
	if r.MultipartForm == nil {
		return out, problem(http.StatusBadRequest, "invalid", "the form cannot be read")
	}
	names, texts := r.MultipartForm.Value["path"], r.MultipartForm.Value["text"]
	for i := range min(len(names), len(texts)) {
		if name := strings.TrimSpace(names[i]); name != "" {
			out[name] = strings.ReplaceAll(texts[i], "\r\n", "\n") // as browsers send what was typed
		}
	}
	for _, field := range []string{"folder", "file"} {
		for _, head := range r.MultipartForm.File[field] {
			name := filename(head)
			if field == "folder" {
				_, name, _ = strings.Cut(name, "/")
			}
			if name == "" || hidden(name) {
				continue
			}
			text, err := contents(head)
			if err != nil {
				return out, invalid("files", "format", fmt.Sprintf("%q cannot be read", name))
			}
			if !utf8.ValidString(text) {
				return out, invalid("files", "encoding", fmt.Sprintf("%q is no text in UTF-8", name))
			}
			out[name] = text
		}
	}
	return out, nil
}

// filename is the path of a file below what was chosen, which package multipart cuts down to its last part.
func filename(head *multipart.FileHeader) string {
	_, params, err := mime.ParseMediaType(head.Header.Get("Content-Disposition"))
	if err != nil {
		return head.Filename
	}
	return strings.ReplaceAll(params["filename"], `\`, "/")
}

// hidden reports whether a file lies where editors and version control keep theirs.
func hidden(name string) bool {
	return slices.ContainsFunc(strings.Split(path.Clean(name), "/"), func(part string) bool { return strings.HasPrefix(part, ".") && part != ".." })
}

func contents(head *multipart.FileHeader) (string, error) {
	f, err := head.Open()
	if err != nil {
		return "", err
	}
	defer f.Close()
	text, err := io.ReadAll(f)
	return string(text), err
}
