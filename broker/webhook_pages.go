package broker

import (
	"context"
	"net/http"
	"net/url"

	"github.com/imlc-lang/imlc/broker/store"
)

func (b *Broker) webhooksPage(w http.ResponseWriter, r *http.Request) error {
	return b.showWebhooks(w, r, http.StatusOK, Webhook{}, nil)
}

// showWebhooks shows who is told of events, and the newest of these. made is a webhook that is new, whose secret is shown
// once, or what was typed for one that has a problem.
func (b *Broker) showWebhooks(w http.ResponseWriter, r *http.Request, status int, made Webhook, problem *Problem) error {
	ctx, space := r.Context(), callerOf(r.Context()).Space
	hooks, err := b.listWebhooks(ctx, space)
	if err != nil {
		return err
	}
	found, err := b.config.Store.List(ctx, store.Query{Space: space, Kind: kindEvent, Descending: true, Limit: 20})
	if err != nil {
		return err
	}
	events := make([]Event, len(found))
	for i, rec := range found {
		if err := decode(rec, &events[i]); err != nil {
			return err
		}
	}
	chosen := map[string]bool{}
	for _, e := range made.Events {
		chosen[e] = true
	}
	b.show(w, r, status, "webhooks", "Webhooks", map[string]any{"Webhooks": hooks, "Events": events, "Types": eventTypes(), "Made": made, "Chosen": chosen, "Problem": problem})
	return nil
}

func (b *Broker) webhookForm(w http.ResponseWriter, r *http.Request) error {
	if err := r.ParseForm(); err != nil {
		return problem(http.StatusBadRequest, "invalid", "the form cannot be read")
	}
	made := Webhook{URL: r.PostFormValue("url"), Events: r.PostForm["event"]}
	hook, err := b.createWebhook(r.Context(), callerOf(r.Context()).Space, made.URL, made.Events)
	if err != nil {
		p := b.tell(r.Pattern, err)
		return b.showWebhooks(w, r, p.Status, made, p)
	}
	return b.showWebhooks(w, r, http.StatusOK, Webhook{Secret: hook.Secret}, nil)
}

// shownDelivery is a delivery with the type of its event, "" when that is no longer kept.
type shownDelivery struct {
	delivery
	Type string
}

func (b *Broker) webhookPage(w http.ResponseWriter, r *http.Request) error {
	ctx, space, id, status := r.Context(), callerOf(r.Context()).Space, r.PathValue("id"), r.URL.Query().Get("status")
	var hook Webhook
	if _, err := b.get(ctx, space, kindWebhook, id, &hook); err != nil {
		return err
	}
	list, err := b.deliveries(ctx, space, id, status)
	if err != nil {
		return err
	}
	shown := make([]shownDelivery, len(list))
	for i, d := range list {
		shown[i] = shownDelivery{d, b.eventType(ctx, space, d.Event)}
	}
	b.show(w, r, http.StatusOK, "webhook", "Webhook", map[string]any{"Webhook": hook, "Deliveries": shown, "Status": status,
		"States": []string{"", deliveryWaiting, deliveryDone, deliveryDead}})
	return nil
}

func (b *Broker) eventType(ctx context.Context, space, id string) string {
	var e Event
	if _, err := b.get(ctx, space, kindEvent, id, &e); err != nil {
		return ""
	}
	return e.Type
}

func (b *Broker) replayForm(w http.ResponseWriter, r *http.Request) error {
	id := r.PathValue("id")
	if _, err := b.replay(r.Context(), callerOf(r.Context()).Space, id+"."+r.PathValue("event")); err != nil {
		return err
	}
	return see(w, r, "/webhooks/"+url.PathEscape(id), "replayed")
}

func (b *Broker) deleteWebhookForm(w http.ResponseWriter, r *http.Request) error {
	if err := b.deleteWebhook(r.Context(), callerOf(r.Context()).Space, r.PathValue("id")); err != nil {
		return err
	}
	return see(w, r, "/webhooks", "deleted")
}
