package broker

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// shownVersions is how many versions a page lists.
const shownVersions = 20

// versions lists versions of a spec without their files, the newest first, from a number on.
func (b *Broker) versions(ctx context.Context, space, name string, from int) ([]Version, error) {
	var out []Version
	for n := from; n >= 1 && len(out) < shownVersions; n-- {
		v, err := b.version(ctx, space, name, n)
		if err != nil {
			return nil, err
		}
		v.Files = nil
		out = append(out, v)
	}
	return out, nil
}

func (b *Broker) useForm(w http.ResponseWriter, r *http.Request) error {
	n, err := strconv.Atoi(r.PathValue("version"))
	if err != nil {
		return notFound("version", r.PathValue("version"))
	}
	if _, err := b.useVersion(r.Context(), callerOf(r.Context()).Space, r.PathValue("name"), n); err != nil {
		return err
	}
	return see(w, r, "/specs/"+url.PathEscape(r.PathValue("name")), "used")
}

func (b *Broker) deleteSpecForm(w http.ResponseWriter, r *http.Request) error {
	if err := b.deleteSpec(r.Context(), callerOf(r.Context()).Space, r.PathValue("name")); err != nil {
		return err
	}
	return see(w, r, "/specs", "deleted")
}

// upgradeForm moves connections to the current version and shows which of them stay, and why.
func (b *Broker) upgradeForm(w http.ResponseWriter, r *http.Request) error {
	name := r.PathValue("name")
	out, err := b.upgrade(r.Context(), callerOf(r.Context()).Space, name, r.PostFormValue("after"))
	if err != nil {
		return err
	}
	b.show(w, r, http.StatusOK, "upgrade", "Upgrade "+name, map[string]any{"Name": name, "Upgrade": out})
	return nil
}

// comparedFile is a file in two versions; New and Gone say that it is in one of them only.
type comparedFile struct {
	Name      string
	New, Gone bool
	Parts     []hunk
}

// diffPage shows what changed from one version to another.
func (b *Broker) diffPage(w http.ResponseWriter, r *http.Request) error {
	ctx, space, name := r.Context(), callerOf(r.Context()).Space, r.PathValue("name")
	var s Spec
	if _, err := b.get(ctx, space, kindSpec, name, &s); err != nil {
		return err
	}
	var sides [2]Version
	numbers := [2]int{max(s.Latest-1, 1), s.Latest}
	for i, field := range []string{"from", "to"} {
		if n, err := strconv.Atoi(r.URL.Query().Get(field)); err == nil {
			numbers[i] = n
		}
		v, err := b.version(ctx, space, name, numbers[i])
		if err != nil {
			return err
		}
		sides[i] = v
	}
	var files []comparedFile
	for _, f := range sortedFiles(sides[0].Files) {
		text, ok := sides[1].Files[f.Name]
		if text != f.Text || !ok {
			files = append(files, comparedFile{Name: f.Name, Gone: !ok, Parts: compareLines(f.Text, text)})
		}
	}
	for _, f := range sortedFiles(sides[1].Files) {
		if _, ok := sides[0].Files[f.Name]; !ok {
			files = append(files, comparedFile{Name: f.Name, New: true, Parts: compareLines("", f.Text)})
		}
	}
	slices.SortStableFunc(files, func(a, b comparedFile) int { return strings.Compare(a.Name, b.Name) })
	b.show(w, r, http.StatusOK, "diff", "Changes of "+name, map[string]any{"Spec": s, "From": numbers[0], "To": numbers[1], "Files": files})
	return nil
}
