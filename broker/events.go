package broker

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/imlc-lang/imlc/broker/store"
)

// Event is something that happened to a connection or a spec.
type Event struct {
	// ID is the number of the event in its space; the next one is greater.
	ID         string         `json:"id"`
	Type       string         `json:"type"`
	Time       time.Time      `json:"time"`
	Connection string         `json:"connection,omitempty"`
	Data       map[string]any `json:"data,omitempty"`
}

// eventTypes returns the types of events.
func eventTypes() []string {
	return []string{"connection.created", "connection.reconnected", "connection.failed", "connection.degraded", "connection.recovered", "connection.lost",
		"connection.renewed", "connection.expiring", "connection.expired", "connection.deleted", "spec.updated"}
}

// event is the change that tells of something, in one step with what happened: who reads the events misses none.
func (b *Broker) event(space, kind, connection string, data map[string]any) store.Op {
	r := record(space, kindEvent, "", Event{Type: kind, Time: b.now(), Connection: connection, Data: data})
	// A job hands it to the webhooks.
	r.Due, r.Expires = b.now(), b.now().Add(30*24*time.Hour)
	return store.Op{Record: r, Sequence: true}
}

// events lists events behind one.
func (b *Broker) events(ctx context.Context, space, after string, limit int) ([]Event, error) {
	found, err := b.config.Store.List(ctx, store.Query{Space: space, Kind: kindEvent, After: after, Limit: min(max(limit, 1), 500)})
	if err != nil {
		return nil, err
	}
	out := make([]Event, len(found))
	for i, r := range found {
		if err := decode(r, &out[i]); err != nil {
			return nil, err
		}
		out[i].ID = r.ID
	}
	return out, nil
}

// Webhook is who is told of events.
type Webhook struct {
	ID  string `json:"id"`
	URL string `json:"url"`
	// Events are the types to tell; empty means all.
	Events []string `json:"events,omitempty"`
	// Secret signs what is sent (Standard Webhooks); it is told once.
	Secret   string    `json:"secret,omitempty"`
	Disabled bool      `json:"disabled,omitempty"`
	Created  time.Time `json:"created"`
}

// createWebhook makes a webhook with a new secret.
func (b *Broker) createWebhook(ctx context.Context, space, address string, types []string) (Webhook, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && !(b.config.AllowPrivateWebhooks && u.Scheme == "http") {
		return Webhook{}, invalid("url", "format", "expected https://…")
	}
	for _, t := range types {
		if !slices.Contains(eventTypes(), t) {
			return Webhook{}, invalid("events", "option", "there is no event "+t)
		}
	}
	key := make([]byte, 24)
	if _, err := io.ReadFull(b.host.Entropy, key); err != nil {
		return Webhook{}, err
	}
	id, err := b.id("hook")
	if err != nil {
		return Webhook{}, err
	}
	hook := Webhook{ID: id, URL: address, Events: types, Created: b.now()}
	r := record(space, kindWebhook, id, hook)
	if err := b.seal(ctx, &r, key); err != nil {
		return Webhook{}, err
	}
	if _, err := b.apply(ctx, put(r), b.audit(ctx, space, "webhook.create", id)); err != nil {
		return Webhook{}, err
	}
	hook.Secret = "whsec_" + encodeKey(key)
	return hook, nil
}

// listWebhooks lists the webhooks of a space.
func (b *Broker) listWebhooks(ctx context.Context, space string) ([]Webhook, error) {
	return listed[Webhook](ctx, b, store.Query{Space: space, Kind: kindWebhook})
}

func (b *Broker) deleteWebhook(ctx context.Context, space, id string) error {
	r, err := b.get(ctx, space, kindWebhook, id, &Webhook{})
	if err != nil {
		return err
	}
	_, err = b.apply(ctx, remove(r), b.audit(ctx, space, "webhook.delete", id))
	return err
}

// delivery is an event on its way to a webhook.
type delivery struct {
	Webhook  string    `json:"webhook"`
	Event    string    `json:"event"`
	Attempts int       `json:"attempts"`
	Status   string    `json:"status" enum:"waiting,delivered,dead"`
	Last     string    `json:"last,omitempty" doc:"What the last attempt came to"`
	Updated  time.Time `json:"updated"`
}

// What becomes of a delivery.
const (
	deliveryWaiting = "waiting"
	deliveryDone    = "delivered"
	deliveryDead    = "dead"
)

// backoff is how long to wait after each attempt; a delivery dies behind the last one.
var backoff = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 3 * time.Hour, 6 * time.Hour, 12 * time.Hour, 24 * time.Hour}

func deliveryLabels(webhook, status string) []string {
	return []string{"webhook=" + webhook, "status=" + status}
}

// fanOut makes a delivery of each new event for each webhook that wants it. An event that is fanned out twice makes the
// same deliveries.
func (b *Broker) fanOut(ctx context.Context) (int, error) {
	due, err := b.config.Store.Claim(ctx, kindEvent, b.now(), b.now().Add(time.Minute), 50)
	for _, r := range due {
		var e Event
		if err := decode(r, &e); err != nil {
			return 0, err
		}
		hooks, err := b.config.Store.List(ctx, store.Query{Space: r.Space, Kind: kindWebhook})
		if err != nil {
			return 0, err
		}
		done := r
		done.Due = time.Time{}
		ops := []store.Op{put(done)}
		for _, h := range hooks {
			var hook Webhook
			if err := decode(h, &hook); err != nil {
				return 0, err
			}
			if hook.Disabled || len(hook.Events) > 0 && !slices.Contains(hook.Events, e.Type) {
				continue
			}
			d := record(r.Space, kindDelivery, hook.ID+"."+r.ID, delivery{Webhook: hook.ID, Event: r.ID, Status: deliveryWaiting, Updated: b.now()})
			d.Due, d.Expires = b.now(), b.now().Add(30*24*time.Hour)
			d.Labels = deliveryLabels(hook.ID, deliveryWaiting)
			d.Revision = store.Any
			ops = append(ops, put(d))
		}
		if _, err := b.apply(ctx, ops...); err != nil && problemOf(err).Code != "conflict" {
			return 0, err
		}
	}
	return len(due), err
}

// deliver sends what is due to webhooks.
func (b *Broker) deliver(ctx context.Context) (int, error) {
	return b.claim(ctx, &b.crews.webhooks, kindDelivery, time.Minute, func(r store.Record) {
		if err := b.deliverOne(ctx, r); err != nil && ctx.Err() == nil {
			b.config.Log.Warn("what became of a delivery was not kept", "delivery", r.ID, "error", fmt.Sprint(err))
		}
	})
}

// deliverOne makes one attempt, and keeps what came of it.
func (b *Broker) deliverOne(ctx context.Context, r store.Record) error {
	var d delivery
	if err := decode(r, &d); err != nil {
		return err
	}
	outcome := b.send(ctx, r.Space, d)
	d.Attempts++
	d.Updated, d.Last, d.Status = b.now(), "delivered", deliveryDone
	next := r
	next.Due = time.Time{}
	if outcome != nil {
		d.Last, d.Status = cut(outcome.Error()), deliveryDead
		if d.Attempts <= len(backoff) {
			d.Status = deliveryWaiting
			next.Due = b.now().Add(backoff[d.Attempts-1])
		}
	}
	b.metrics.deliveries.WithLabelValues(d.Status).Inc()
	next.Body, next.Labels = marshal(d), deliveryLabels(d.Webhook, d.Status)
	if _, err := b.apply(ctx, put(next)); err != nil && problemOf(err).Code != "conflict" {
		return err
	}
	return nil
}

// send makes one attempt. The error says what happened, without the address.
func (b *Broker) send(ctx context.Context, space string, d delivery) error {
	var hook Webhook
	h, err := b.get(ctx, space, kindWebhook, d.Webhook, &hook)
	if err != nil {
		return fmt.Errorf("the webhook is gone")
	}
	var e Event
	if _, err := b.get(ctx, space, kindEvent, d.Event, &e); err != nil {
		return fmt.Errorf("the event is gone")
	}
	e.ID = d.Event
	key, err := b.open(ctx, h)
	if err != nil {
		return fmt.Errorf("the secret of the webhook cannot be opened")
	}
	signer, err := standardwebhooks.NewWebhookRaw(key)
	if err != nil {
		return err
	}
	body := marshal(e)
	id, now := "msg_"+strings.ReplaceAll(space, "/", "_")+"_"+d.Event, b.now()
	signature, err := signer.Sign(id, now, body)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, hook.URL, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the address is no URL")
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", "imlc-webhooks")
	req.Header.Set(standardwebhooks.HeaderWebhookID, id)
	req.Header.Set(standardwebhooks.HeaderWebhookTimestamp, fmt.Sprint(now.Unix()))
	req.Header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	res, err := b.webhookClient().Do(req)
	if err != nil {
		return fmt.Errorf("there was no answer")
	}
	defer res.Body.Close()
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 64<<10)) // so that the connection can be used again
	if res.StatusCode/100 != 2 {
		return fmt.Errorf("the answer had status %d", res.StatusCode)
	}
	return nil
}

// replay sends a delivery again.
func (b *Broker) replay(ctx context.Context, space, id string) (delivery, error) {
	var d delivery
	r, err := b.get(ctx, space, kindDelivery, id, &d)
	if err != nil {
		return d, err
	}
	d.Status, d.Attempts, d.Updated = deliveryWaiting, 0, b.now()
	next := r
	next.Body, next.Due, next.Labels = marshal(d), b.now(), deliveryLabels(d.Webhook, d.Status)
	_, err = b.apply(ctx, put(next), b.audit(ctx, space, "webhook.replay", id))
	b.poke()
	return d, err
}

// deliveries lists the deliveries of a webhook.
func (b *Broker) deliveries(ctx context.Context, space, hook, status string) ([]delivery, error) {
	q := store.Query{Space: space, Kind: kindDelivery, Labels: []string{"webhook=" + hook}, Descending: true}
	if status != "" {
		q.Labels = append(q.Labels, "status="+status)
	}
	found, err := b.config.Store.List(ctx, q)
	if err != nil {
		return nil, err
	}
	out := make([]delivery, len(found))
	for i, r := range found {
		if err := json.Unmarshal(r.Body, &out[i]); err != nil {
			return nil, err
		}
	}
	return out, nil
}
