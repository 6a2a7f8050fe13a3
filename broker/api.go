package broker

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"github.com/imlc-lang/imlc"
	"github.com/imlc-lang/imlc/vm/form"
	"github.com/imlc-lang/imlc/vm/value"
)

// operation describes one route of the API: who may use it, and what it is for.
func operation(scope Scope, method, path, id, summary string) huma.Operation {
	return huma.Operation{OperationID: id, Method: method, Path: path, Summary: summary, Metadata: map[string]any{"scope": scope},
		Security: []map[string][]string{{"key": {}}}, MaxBodyBytes: 2 << 20}
}

type (
	byName struct {
		Name string `path:"name" maxLength:"63"`
	}
	byID struct {
		ID string `path:"id" maxLength:"100"`
	}
	answer[T any] struct{ Body T }
	nothing       struct{}
)

type connectionList struct {
	Connections []Connection `json:"connections"`
	Next        string       `json:"next,omitempty" doc:"Give it as after for the next page"`
}

type keyBody struct {
	Name   string  `json:"name" minLength:"1" maxLength:"100"`
	Space  string  `json:"space,omitempty" doc:"tenant/environment; the caller's own otherwise"`
	Scopes []Scope `json:"scopes"`
}

// TenantBody is what can be said of a tenant beside its name.
type TenantBody struct {
	Environments []string `json:"environments,omitempty"`
	Quota        Quota    `json:"quota,omitempty"`
	Hosts        []string `json:"hosts,omitempty" doc:"The hosts that its connections may reach: a host, *.domain, or either with :port; every host otherwise"`
}

func (t TenantBody) tenant(name string) Tenant {
	return Tenant{Name: name, Environments: t.Environments, Quota: t.Quota, Hosts: t.Hosts}
}

type keyAnswer struct {
	ID     string  `json:"id"`
	Name   string  `json:"name"`
	Space  string  `json:"space"`
	Scopes []Scope `json:"scopes"`
	Hint   string  `json:"hint,omitempty"`
	Secret string  `json:"secret,omitempty" doc:"Told once"`
}

// register adds the routes of the API.
func (b *Broker) register(mux *router) huma.API {
	config := huma.DefaultConfig("imlc broker", imlc.Version())
	config.DocsPath = "" // its page loads scripts from elsewhere
	config.SchemasPath = "/v1/schemas"
	config.OpenAPIPath = "/v1/openapi"
	config.CreateHooks = nil // no $schema in answers
	format := huma.DefaultJSONFormat
	format.Unmarshal = readJSON
	config.Formats = map[string]huma.Format{"application/json": format, "json": format}
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer"}}
	api := humago.New(mux, config)
	api.UseMiddleware(func(ctx huma.Context, next func(huma.Context)) {
		r, w := humago.Unwrap(ctx)
		scope, _ := ctx.Operation().Metadata["scope"].(Scope)
		c, leave, err := b.admit(r, scope)
		if err != nil {
			problemOf(err).write(w)
			return
		}
		defer leave()
		if most := ctx.Operation().MaxBodyBytes; most > 0 && r.ContentLength > most {
			problem(http.StatusRequestEntityTooLarge, "invalid", fmt.Sprintf("the body has %d bytes, of which there may be %d", r.ContentLength, most)).write(w)
			return
		}
		w.Header().Set("Cache-Control", "no-store")
		next(huma.WithContext(ctx, withCaller(ctx.Context(), c)))
	})
	b.registerSpecs(api)
	b.registerPlans(api)
	b.registerConnections(api)
	b.registerTelling(api)
	b.registerAdmin(api)
	b.describeProxy(api)
	return api
}

// admit finds out who makes a request, whether he may, and whether his tenant has not used up its quota.
func (b *Broker) admit(r *http.Request, scope Scope) (caller, func(), error) {
	c, err := b.authenticate(r)
	if err != nil {
		return c, nil, err
	}
	sentBy(r, c.Space)
	if !c.may(scope) {
		return c, nil, problem(http.StatusForbidden, "scope", "the key does not have the scope "+string(scope))
	}
	leave, err := b.enter(r.Context(), c.Space)
	return c, leave, err
}

// handle registers one operation; errors become problems.
func handle[I, O any](b *Broker, api huma.API, op huma.Operation, f func(ctx context.Context, space string, in *I) (*O, error)) {
	huma.Register(api, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := f(ctx, callerOf(ctx).Space, in)
		if err != nil {
			return nil, b.tell(op.OperationID, err)
		}
		return out, nil
	})
}

// tell turns an error into a problem, and logs what only the log may hold.
func (b *Broker) tell(operation string, err error) *Problem {
	p := problemOf(err)
	if p.Code == "internal" {
		b.config.Log.Error("a request failed", "operation", operation, "error", err.Error())
	}
	return p
}

func (b *Broker) registerConnections(api huma.API) {
	handle(b, api, operation(ScopeSessions, http.MethodPost, "/v1/sessions", "create-session", "Make a link that a user connects by, or connects again"),
		func(ctx context.Context, space string, in *struct{ Body sessionRequest }) (*answer[Session], error) {
			s, err := b.createSession(ctx, space, in.Body)
			return &answer[Session]{s}, err
		})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/sessions/{id}", "get-session", "Read where a session stands"),
		func(ctx context.Context, space string, in *byID) (*answer[Session], error) {
			s, err := b.sessionByID(ctx, space, in.ID)
			return &answer[Session]{s}, err
		})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/connections", "list-connections", "List connections, the newest first"),
		func(ctx context.Context, space string, in *struct {
			Spec   string   `query:"spec"`
			User   string   `query:"user"`
			Status string   `query:"status"`
			Search string   `query:"search" doc:"The beginning of a word of the user, the id at the service or the label"`
			Tag    []string `query:"tag,explode" doc:"name=value; several must all be there"`
			After  string   `query:"after"`
			Limit  int      `query:"limit" minimum:"0" maximum:"200"`
		}) (*answer[connectionList], error) {
			f := filter{Spec: in.Spec, User: in.User, Status: in.Status, Search: in.Search, After: in.After, Limit: in.Limit, Tags: map[string]string{}}
			for _, t := range in.Tag {
				k, v, ok := strings.Cut(t, "=")
				if !ok {
					return nil, invalid("tag", "pattern", "expected name=value")
				}
				f.Tags[k] = v
			}
			list, next, err := b.connections(ctx, space, f)
			return &answer[connectionList]{connectionList{orEmpty(list), next}}, err
		})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/connections/{id}", "get-connection", "Read a connection without its data"),
		func(ctx context.Context, space string, in *byID) (*answer[Connection], error) {
			var c Connection
			_, err := b.get(ctx, space, kindConnection, in.ID, &c)
			return &answer[Connection]{c}, err
		})
	handle(b, api, operation(ScopeConnections, http.MethodPatch, "/v1/connections/{id}", "patch-connection", "Change the user or the tags of a connection"),
		func(ctx context.Context, space string, in *struct {
			ID   string `path:"id" maxLength:"100"`
			Body struct {
				User *string           `json:"user,omitempty" maxLength:"200"`
				Tags map[string]string `json:"tags,omitempty"`
			}
		}) (*answer[Connection], error) {
			c, err := b.patchConnection(ctx, space, in.ID, in.Body.User, in.Body.Tags)
			return &answer[Connection]{c}, err
		})
	handle(b, api, operation(ScopeConnections, http.MethodDelete, "/v1/connections/{id}", "delete-connection", "Forget a connection, after its token was revoked by the call \"revoke\" of the spec, if it has one"),
		func(ctx context.Context, space string, in *byID) (*answer[deleted], error) {
			out, err := b.deleteConnection(ctx, space, in.ID)
			return &answer[deleted]{out}, err
		})
	handle(b, api, operation(ScopeConnections, http.MethodPost, "/v1/connections", "import-connection", "Keep a connection that was made elsewhere, after a test"),
		func(ctx context.Context, space string, in *struct {
			Body struct {
				Spec       string            `json:"spec"`
				User       string            `json:"user,omitempty" maxLength:"200"`
				Tags       map[string]string `json:"tags,omitempty"`
				Connection json.RawMessage   `json:"connection" doc:"What reveal returns"`
			}
		}) (*answer[Connection], error) {
			c, err := b.importConnection(ctx, space, in.Body.Spec, in.Body.User, in.Body.Tags, in.Body.Connection)
			return &answer[Connection]{c}, err
		})
	handle(b, api, operation(ScopeConnections, http.MethodPost, "/v1/connections/{id}/test", "test-connection", "Find out whether a connection works"),
		func(ctx context.Context, space string, in *byID) (*answer[Connection], error) {
			c, err := b.test(ctx, space, in.ID)
			return &answer[Connection]{c}, err
		})
	handle(b, api, operation(ScopeConnections, http.MethodPost, "/v1/connections/{id}/renew", "renew-connection", "Renew the token of a connection, which the broker does by itself before it expires"),
		func(ctx context.Context, space string, in *byID) (*answer[Connection], error) {
			c, err := b.renew(ctx, space, in.ID)
			return &answer[Connection]{c}, err
		})
	handle(b, api, operation(ScopeReveal, http.MethodPost, "/v1/connections/{id}/reveal", "reveal-connection", "Read a connection with its secrets; the audit remembers it"),
		func(ctx context.Context, space string, in *byID) (*answer[json.RawMessage], error) {
			_, _, conn, err := b.connection(ctx, space, in.ID)
			if err != nil {
				return nil, err
			}
			data, err := conn.MarshalJSON()
			if err != nil {
				return nil, err
			}
			if _, err := b.apply(ctx, b.audit(ctx, space, "connection.reveal", in.ID)); err != nil {
				return nil, err
			}
			return &answer[json.RawMessage]{data}, nil
		})
	handle(b, api, operation(ScopeProxy, http.MethodPost, "/v1/connections/{id}/calls/{name}", "call", "Make a named call of the spec; the body is its input"),
		func(ctx context.Context, space string, in *struct {
			ID      string `path:"id" maxLength:"100"`
			Name    string `path:"name" maxLength:"200"`
			RawBody []byte
		}) (*answer[json.RawMessage], error) {
			input := value.NewObject(0)
			if len(in.RawBody) > 0 {
				v, err := value.ParseJSON(string(in.RawBody), nil)
				if err != nil || v.Object() == nil {
					return nil, invalid("body", form.CodeType, "expected a JSON object")
				}
				input = v.Object()
			}
			out, err := b.call(ctx, space, in.ID, in.Name, input)
			if err != nil {
				return nil, err
			}
			return &answer[json.RawMessage]{value.AppendJSON(nil, out)}, nil
		})
	handle(b, api, operation(ScopeProxy, http.MethodPost, "/v1/connections/{id}/sign", "sign", "Sign a request that the caller sends itself"),
		func(ctx context.Context, space string, in *struct {
			ID   string `path:"id" maxLength:"100"`
			Body signRequest
		}) (*answer[Signed], error) {
			out, err := b.sign(ctx, space, in.ID, in.Body)
			return &answer[Signed]{out}, err
		})
}

func (b *Broker) registerTelling(api huma.API) {
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/events", "list-events", "List events behind one, the oldest first; none is missed"),
		func(ctx context.Context, space string, in *struct {
			After string `query:"after"`
			Limit int    `query:"limit" minimum:"0" maximum:"500"`
		}) (*answer[[]Event], error) {
			limit := in.Limit
			if limit == 0 {
				limit = 100
			}
			out, err := b.events(ctx, space, in.After, limit)
			return &answer[[]Event]{orEmpty(out)}, err
		})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/flows", "list-flows", "List logs of operations, the newest first"),
		func(ctx context.Context, space string, in *struct {
			Connection string `query:"connection"`
			Session    string `query:"session"`
			Result     string `query:"result"`
			After      string `query:"after"`
		}) (*answer[[]Flow], error) {
			out, err := b.flows(ctx, space, in.Connection, in.Session, in.Result, in.After)
			return &answer[[]Flow]{out}, err
		})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/flows/{id}", "get-flow", "Read the log of an operation with its steps"),
		func(ctx context.Context, space string, in *byID) (*answer[Flow], error) {
			var f Flow
			_, err := b.get(ctx, space, kindFlow, in.ID, &f)
			return &answer[Flow]{f}, err
		})
	handle(b, api, operation(ScopeWebhooks, http.MethodPost, "/v1/webhooks", "create-webhook", "Have an address told of events"),
		func(ctx context.Context, space string, in *struct {
			Body struct {
				URL    string   `json:"url" maxLength:"2000"`
				Events []string `json:"events,omitempty"`
			}
		}) (*answer[Webhook], error) {
			h, err := b.createWebhook(ctx, space, in.Body.URL, in.Body.Events)
			return &answer[Webhook]{h}, err
		})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/webhooks", "list-webhooks", "List webhooks"),
		func(ctx context.Context, space string, _ *struct{}) (*answer[[]Webhook], error) {
			out, err := b.listWebhooks(ctx, space)
			return &answer[[]Webhook]{out}, err
		})
	handle(b, api, operation(ScopeWebhooks, http.MethodDelete, "/v1/webhooks/{id}", "delete-webhook", "Tell an address no more"),
		func(ctx context.Context, space string, in *byID) (*nothing, error) {
			return nil, b.deleteWebhook(ctx, space, in.ID)
		})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/webhooks/{id}/deliveries", "list-deliveries", "List what was sent to a webhook, the newest first"),
		func(ctx context.Context, space string, in *struct {
			ID     string `path:"id" maxLength:"100"`
			Status string `query:"status"`
		}) (*answer[[]delivery], error) {
			out, err := b.deliveries(ctx, space, in.ID, in.Status)
			return &answer[[]delivery]{orEmpty(out)}, err
		})
	handle(b, api, operation(ScopeWebhooks, http.MethodPost, "/v1/webhooks/{id}/deliveries/{event}/replay", "replay-delivery", "Send an event to a webhook again"),
		func(ctx context.Context, space string, in *struct {
			ID    string `path:"id" maxLength:"100"`
			Event string `path:"event" maxLength:"16"`
		}) (*answer[delivery], error) {
			d, err := b.replay(ctx, space, in.ID+"."+in.Event)
			return &answer[delivery]{d}, err
		})
	handle(b, api, operation(ScopeRead, http.MethodGet, "/v1/audit", "list-audit", "List who did what, the newest first"),
		func(ctx context.Context, space string, in *struct {
			After string `query:"after"`
		}) (*answer[[]Audit], error) {
			out, err := b.audits(ctx, space, in.After)
			return &answer[[]Audit]{out}, err
		})
}

func (b *Broker) registerAdmin(api huma.API) {
	handle(b, api, operation(ScopeKeys, http.MethodPost, "/v1/keys", "create-key", "Make an API key; what it may do is at most what the caller may"),
		func(ctx context.Context, space string, in *struct{ Body keyBody }) (*answer[keyAnswer], error) {
			if in.Body.Space == "" {
				in.Body.Space = space
			}
			secret, err := b.delegate(ctx, in.Body.Space, in.Body.Name, in.Body.Scopes)
			if err != nil {
				return nil, err
			}
			return &answer[keyAnswer]{keyAnswer{ID: fingerprint(secret)[:16], Name: in.Body.Name, Space: in.Body.Space, Scopes: in.Body.Scopes, Secret: secret}}, nil
		})
	handle(b, api, operation(ScopeKeys, http.MethodGet, "/v1/keys", "list-keys", "List the API keys of the space"),
		func(ctx context.Context, space string, _ *struct{}) (*answer[[]keyAnswer], error) {
			out, err := b.keys(ctx, space)
			return &answer[[]keyAnswer]{out}, err
		})
	handle(b, api, operation(ScopeKeys, http.MethodDelete, "/v1/keys/{id}", "revoke-key", "Revoke an API key"),
		func(ctx context.Context, space string, in *byID) (*nothing, error) {
			return nil, b.revokeKey(ctx, space, in.ID)
		})
	handle(b, api, operation(ScopeAdmin, http.MethodPost, "/v1/tenants", "create-tenant", "Make a tenant"),
		func(ctx context.Context, _ string, in *struct {
			Body struct {
				TenantBody
				Name string `json:"name"`
			}
		}) (*answer[Tenant], error) {
			t, err := b.createTenant(ctx, in.Body.tenant(in.Body.Name))
			return &answer[Tenant]{t}, err
		})
	handle(b, api, operation(ScopeAdmin, http.MethodPut, "/v1/tenants/{name}", "put-tenant", "Change the quota and the hosts of a tenant, and add environments; none can be taken away"),
		func(ctx context.Context, _ string, in *struct {
			Name string `path:"name" maxLength:"63"`
			Body TenantBody
		}) (*answer[Tenant], error) {
			t, err := b.changeTenant(ctx, in.Body.tenant(in.Name))
			return &answer[Tenant]{t}, err
		})
	handle(b, api, operation(ScopeAdmin, http.MethodGet, "/v1/tenants", "list-tenants", "List tenants"),
		func(ctx context.Context, _ string, _ *struct{}) (*answer[[]Tenant], error) {
			out, err := b.listTenants(ctx)
			return &answer[[]Tenant]{out}, err
		})
	handle(b, api, operation(ScopeAdmin, http.MethodPost, "/v1/admin/rewrap", "rewrap", "Wrap everything under the current key; jobs do it by themselves too"),
		func(ctx context.Context, _ string, _ *struct{}) (*answer[map[string]int], error) {
			n, err := b.Rewrap(ctx)
			return &answer[map[string]int]{map[string]int{"rewrapped": n}}, err
		})
	handle(b, api, operation(ScopeAdmin, http.MethodPost, "/v1/admin/rotate", "rotate", "Make a new key the current one and wrap everything under it"),
		func(ctx context.Context, _ string, _ *struct{}) (*nothing, error) { return nil, b.rotate(ctx) })
}
