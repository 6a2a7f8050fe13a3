package broker

import (
	"cmp"
	"context"
	"net/http"
	"slices"

	"github.com/imlc-lang/imlc/broker/store"
)

func (b *Broker) keysPage(w http.ResponseWriter, r *http.Request) error { return b.showKeys(w, r, "") }

func (b *Broker) showKeys(w http.ResponseWriter, r *http.Request, secret string) error {
	ctx, space := r.Context(), callerOf(r.Context()).Space
	keys, err := b.keys(ctx, space)
	if err != nil {
		return err
	}
	foreign, err := b.config.Store.Foreign(ctx, b.config.Keys.Current(), store.Record{}, 1000)
	if err != nil {
		return err
	}
	audit, err := b.audits(ctx, space, "")
	if err != nil {
		return err
	}
	signers, err := b.signers(ctx, space)
	if err != nil {
		return err
	}
	b.show(w, r, http.StatusOK, "keys", "Keys", map[string]any{"Keys": keys, "Secret": secret, "Scopes": delegable(ctx), "Current": b.config.Keys.Current(), "Left": len(foreign),
		"Rotates": b.config.RotateKeys != nil, "Signers": signers.Keys, "Audit": audit[:min(len(audit), 20)]})
	return nil
}

// delegable are the scopes of a space that a caller can give to a key.
func delegable(ctx context.Context) []Scope {
	c := callerOf(ctx)
	return slices.DeleteFunc(Scopes(), func(s Scope) bool { return !c.may(s) })
}

func (b *Broker) keyForm(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return problem(http.StatusBadRequest, "invalid", "the form cannot be read")
	}
	var scopes []Scope
	for _, s := range r.PostForm["scope"] {
		scopes = append(scopes, Scope(s))
	}
	secret, err := b.delegate(r.Context(), callerOf(r.Context()).Space, cmp.Or(r.PostFormValue("name"), "unnamed"), scopes)
	if err != nil {
		return err
	}
	return b.showKeys(w, r, secret)
}

func (b *Broker) revokeForm(w http.ResponseWriter, r *http.Request) error {
	if err := b.revokeKey(r.Context(), callerOf(r.Context()).Space, r.PathValue("id")); err != nil {
		return err
	}
	return see(w, r, "/keys", "revoked")
}

func (b *Broker) rotateForm(w http.ResponseWriter, r *http.Request) error {
	if err := b.rotate(r.Context()); err != nil {
		return err
	}
	return see(w, r, "/keys", "rotated")
}
