package broker

import (
	"encoding/json"
	"net/http"

	"github.com/imlc-lang/imlc/vm/value"
)

// rehearseForm tries the current version of a spec against the provider inside this program, and shows what came of it.
func (b *Broker) rehearseForm(w http.ResponseWriter, r *http.Request) error {
	ctx, space, name := r.Context(), callerOf(r.Context()).Space, r.PathValue("name")
	var s Spec
	if _, err := b.get(ctx, space, kindSpec, name, &s); err != nil {
		return err
	}
	p, err := b.plan(ctx, s.Plan)
	if err != nil {
		return err
	}
	in := rehearsalBody{OutOfBand: s.OutOfBand}
	if r.PostFormValue("again:") != "" {
		in.OutOfBand = r.PostFormValue("out-of-band:") != ""
	}
	answers := r.PostFormValue("answers:")
	filled, err := fill(p.Connection.Parameters, r)
	if err == nil {
		err = json.Unmarshal(value.AppendJSON(nil, value.Collection(filled)), &in.Parameters)
	}
	if err == nil && answers != "" && json.Unmarshal([]byte(answers), &in.Answers) != nil {
		err = invalid("answers", "type", "expected a JSON object with an answer for each section")
	}
	var out *Rehearsal
	if err == nil {
		out, err = b.rehearse(ctx, space, s.Only, p, in)
	}
	status, wrong := http.StatusOK, (*Problem)(nil)
	if err != nil {
		wrong = b.tell(r.Pattern, err)
		status = wrong.Status
	}
	b.show(w, r, status, "rehearsal", "Rehearsal of "+name, map[string]any{"Spec": s, "Rehearsal": out, "Problem": wrong, "Answers": answers, "OutOfBand": in.OutOfBand,
		"Fields": fields(p.Connection.Parameters, filling{typed: r.PostForm, owner: true})})
	return nil
}
