// Code generated from the OpenAPI description of the broker; DO NOT EDIT.

package client

import (
	"context"
	"encoding/json"
	"iter"
	"net/http"
	"net/url"
	"time"
)

// Audit is an object of the API.
type Audit struct {
	Action  string    `json:"action"`
	Actor   string    `json:"actor"`
	ID      string    `json:"id,omitzero"`
	Subject string    `json:"subject,omitzero"`
	Time    time.Time `json:"time"`
}

// Connection is an object of the API.
type Connection struct {
	// Checked: When it was tested last.
	Checked time.Time `json:"checked,omitzero"`
	Created time.Time `json:"created"`
	// Expires: When the user must authorise again.
	Expires  time.Time `json:"expires,omitzero"`
	Failures int       `json:"failures,omitzero"`
	ID       string    `json:"id"`
	Label    string    `json:"label,omitzero"`
	Only     string    `json:"only,omitzero"`
	Plan     string    `json:"plan"`
	// Problem: Why it is not ok.
	Problem *Problem `json:"problem,omitzero"`
	// RenewAt: When its token will be renewed by itself.
	RenewAt time.Time `json:"renewAt,omitzero"`
	// Renewed: When its token was renewed last.
	Renewed time.Time `json:"renewed,omitzero"`
	// Renews: The spec says how its token is renewed.
	Renews bool   `json:"renews,omitzero"`
	Spec   string `json:"spec"`
	// Status: degraded: the service does not answer as it should; needs-reconnect: the user has to authorise again.
	// It is one of ok, degraded, needs-reconnect.
	Status  string            `json:"status"`
	Tags    map[string]string `json:"tags,omitzero"`
	Told    string            `json:"told,omitzero"`
	UID     string            `json:"uid,omitzero"`
	Updated time.Time         `json:"updated"`
	User    string            `json:"user,omitzero"`
	Version int               `json:"version"`
}

// ConnectionList is an object of the API.
type ConnectionList struct {
	Connections []Connection `json:"connections"`
	// Next: Give it as after for the next page.
	Next string `json:"next,omitzero"`
}

// CreateTenantRequest is an object of the API.
type CreateTenantRequest struct {
	Environments []string `json:"environments,omitzero"`
	// Hosts: The hosts that its connections may reach: a host, *.domain, or either with :port; every host otherwise.
	Hosts []string `json:"hosts,omitzero"`
	Name  string   `json:"name"`
	Quota *Quota   `json:"quota,omitzero"`
}

// CreateWebhookRequest is an object of the API.
type CreateWebhookRequest struct {
	Events []string `json:"events,omitzero"`
	URL    string   `json:"url"`
}

// Deleted is an object of the API.
type Deleted struct {
	// Problem: Why the token could not be revoked.
	Problem *Problem `json:"problem,omitzero"`
	// Revoked: unsupported: the spec has no call named revoke, so the token lives on at the service until its user takes it back there.
	// It is one of revoked, failed, unsupported.
	Revoked string `json:"revoked"`
}

// Delivery is an object of the API.
type Delivery struct {
	Attempts int    `json:"attempts"`
	Event    string `json:"event"`
	// Last: What the last attempt came to.
	Last string `json:"last,omitzero"`
	// It is one of waiting, delivered, dead.
	Status  string    `json:"status"`
	Updated time.Time `json:"updated"`
	Webhook string    `json:"webhook"`
}

// Diagnostic is an object of the API.
type Diagnostic struct {
	Code     string `json:"code"`
	Column   int    `json:"column,omitzero"`
	File     string `json:"file,omitzero"`
	Help     string `json:"help,omitzero"`
	Line     int    `json:"line,omitzero"`
	Message  string `json:"message"`
	Severity string `json:"severity"`
}

// Event is an object of the API.
type Event struct {
	Connection string         `json:"connection,omitzero"`
	Data       map[string]any `json:"data,omitzero"`
	ID         string         `json:"id"`
	Time       time.Time      `json:"time"`
	Type       string         `json:"type"`
}

// FieldProblem is an object of the API.
type FieldProblem struct {
	Code    string `json:"code"`
	Message string `json:"message"`
	Path    string `json:"path"`
}

// Flow is an object of the API.
type Flow struct {
	Connection string   `json:"connection,omitzero"`
	ID         string   `json:"id"`
	Millis     int      `json:"millis"`
	Operation  string   `json:"operation"`
	Problem    *Problem `json:"problem,omitzero"`
	// Result: ok or failed.
	Result  string     `json:"result"`
	Session string     `json:"session,omitzero"`
	Spec    string     `json:"spec"`
	Started time.Time  `json:"started"`
	Steps   []FlowStep `json:"steps,omitzero"`
}

// FlowStep is an object of the API.
type FlowStep struct {
	BaseString string `json:"baseString,omitzero"`
	Code       string `json:"code,omitzero"`
	Content    string `json:"content,omitzero"`
	Kind       string `json:"kind"`
	Message    string `json:"message,omitzero"`
	// Millis: After the start.
	Millis  int    `json:"millis"`
	Request int    `json:"request,omitzero"`
	Section string `json:"section,omitzero"`
	Status  int    `json:"status,omitzero"`
}

// ImportConnectionRequest is an object of the API.
type ImportConnectionRequest struct {
	// Connection: What reveal returns.
	Connection json.RawMessage   `json:"connection"`
	Spec       string            `json:"spec"`
	Tags       map[string]string `json:"tags,omitzero"`
	User       string            `json:"user,omitzero"`
}

// KeyAnswer is an object of the API.
type KeyAnswer struct {
	Hint   string   `json:"hint,omitzero"`
	ID     string   `json:"id"`
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"`
	// Secret: Told once.
	Secret string `json:"secret,omitzero"`
	Space  string `json:"space"`
}

// KeyBody is an object of the API.
type KeyBody struct {
	Name   string   `json:"name"`
	Scopes []string `json:"scopes"`
	// Space: tenant/environment; the caller's own otherwise.
	Space string `json:"space,omitzero"`
}

// PatchConnectionRequest is an object of the API.
type PatchConnectionRequest struct {
	Tags map[string]string `json:"tags,omitzero"`
	User *string           `json:"user,omitzero"`
}

// Quota is an object of the API.
type Quota struct {
	// BytesPerDay: Bytes of bodies that its connections send and receive from midnight to midnight UTC, by all processes together; beyond it proxied requests and calls are refused.
	BytesPerDay int `json:"bytesPerDay,omitzero"`
	// Connections: In each environment.
	Connections int `json:"connections,omitzero"`
	// Parallel: Requests at a time, in each process.
	Parallel int `json:"parallel,omitzero"`
	// PerMinute: Requests a minute, in each process.
	PerMinute int `json:"perMinute,omitzero"`
	// SpecBytes: Bytes of the files of its specs, in all environments, with all their versions.
	SpecBytes int `json:"specBytes,omitzero"`
	Specs     int `json:"specs,omitzero"`
}

// Rehearsal is an object of the API.
type Rehearsal struct {
	// Assumed: Parameters whose values were made up.
	Assumed []string       `json:"assumed"`
	Legs    []RehearsedLeg `json:"legs"`
	// Notes: What a rehearsal cannot show, and what would show more.
	Notes []string `json:"notes"`
	// Result: refused: the provider did not accept a request; failed: it accepted every one, and the spec did not go through, which may be because answers are made up.
	// It is one of ok, refused, failed.
	Result string `json:"result"`
}

// RehearsalBody is an object of the API.
type RehearsalBody struct {
	// Answers: What the service answers in a section, or to a call by its name: JSON, or the text itself as a JSON string. In the answer of a token {oauth_token}, {oauth_token_secret} and the like stand for what the provider issues. Otherwise the provider says who its user is and what arrived.
	Answers map[string]any `json:"answers,omitzero"`
	// Common: Common data, in the words of the dialect.
	Common map[string]any `json:"common,omitzero"`
	// Inputs: The input of a call by its name; others get none.
	Inputs map[string]map[string]any `json:"inputs,omitzero"`
	// OutOfBand: The service shows users a code instead of sending their browsers back (oob).
	OutOfBand bool `json:"outOfBand,omitzero"`
	// Parameters: Values of the form; required ones that are missing are made up.
	Parameters map[string]any `json:"parameters,omitzero"`
}

// RehearsedLeg is an object of the API.
type RehearsedLeg struct {
	// Explain: The command that explains the code of the problem.
	Explain string `json:"explain,omitzero"`
	// Operation: authorize, approve, callback, test, renew, or call: and the name of a call.
	Operation string             `json:"operation"`
	Problem   *Problem           `json:"problem,omitzero"`
	Requests  []RehearsedRequest `json:"requests"`
	// Result: skipped: a call that cannot be made without input.
	// It is one of ok, failed, skipped.
	Result string     `json:"result"`
	Steps  []FlowStep `json:"steps,omitzero"`
}

// RehearsedRequest is an object of the API.
type RehearsedRequest struct {
	// Advice: What the provider found, and the likely cause of a wrong signature.
	Advice     string `json:"advice,omitzero"`
	BaseString string `json:"baseString,omitzero"`
	Endpoint   string `json:"endpoint,omitzero"`
	Method     string `json:"method"`
	// Problem: As the Problem Reporting extension names it.
	Problem string `json:"problem,omitzero"`
	Section string `json:"section"`
	Status  int    `json:"status"`
	// URL: Without its query.
	URL string `json:"url"`
	// Verdict: unsigned: there was nothing to verify.
	// It is one of accepted, refused, unsigned.
	Verdict string `json:"verdict"`
}

// Session is an object of the API.
type Session struct {
	Connection string    `json:"connection,omitzero"`
	Expires    time.Time `json:"expires"`
	ID         string    `json:"id"`
	Problem    *Problem  `json:"problem,omitzero"`
	Spec       string    `json:"spec"`
	// It is one of new, waiting, done, failed, expired.
	Status string `json:"status"`
	URL    string `json:"url,omitzero"`
	User   string `json:"user,omitzero"`
}

// SessionRequest is an object of the API.
type SessionRequest struct {
	Origin     string            `json:"origin,omitzero"`
	Parameters map[string]any    `json:"parameters,omitzero"`
	Reconnect  string            `json:"reconnect,omitzero"`
	Redirect   string            `json:"redirect,omitzero"`
	Scope      []string          `json:"scope,omitzero"`
	Spec       string            `json:"spec"`
	Tags       map[string]string `json:"tags,omitzero"`
	User       string            `json:"user,omitzero"`
}

// SetAside is an object of the API.
type SetAside struct {
	// Code: The limit that its operations reached last.
	Code string `json:"code"`
	Plan string `json:"plan"`
	// Until: When it is tried again.
	Until time.Time `json:"until"`
}

// SettingsBody is an object of the API.
type SettingsBody struct {
	// Common: Common data, in the words of the dialect: environment, secrets.
	Common map[string]any `json:"common,omitzero"`
	// OutOfBand: The service shows users a code instead of sending their browsers back (oob).
	OutOfBand bool `json:"outOfBand,omitzero"`
	// Parameters: Values of the form that users are not asked for.
	Parameters map[string]any `json:"parameters,omitzero"`
}

// SignRequest is an object of the API.
type SignRequest struct {
	Body    string            `json:"body,omitzero"`
	Headers map[string]string `json:"headers,omitzero"`
	Method  string            `json:"method,omitzero"`
	// URL: Absolute, or behind the base URL of the spec.
	URL string `json:"url"`
}

// Signed is an object of the API.
type Signed struct {
	Body    string              `json:"body,omitzero"`
	Headers map[string][]string `json:"headers"`
	Method  string              `json:"method"`
	URL     string              `json:"url"`
}

// SigningKey is an object of the API.
type SigningKey struct {
	Created time.Time `json:"created"`
	Current bool      `json:"current"`
	// ID: The beginning of the SHA-256 of the public key.
	ID string `json:"id"`
	// PublicKey: The ed25519 key in PEM (PKIX), as imlc run --trust reads it, for vm.Host.TrustedKeys.
	PublicKey string `json:"publicKey"`
}

// Spec is an object of the API.
type Spec struct {
	// Bytes: Of the files of all its versions.
	Bytes   int       `json:"bytes,omitzero"`
	Created time.Time `json:"created"`
	Dialect string    `json:"dialect"`
	// Latest: The newest version.
	Latest    int    `json:"latest"`
	Name      string `json:"name"`
	Only      string `json:"only,omitzero"`
	OutOfBand bool   `json:"outOfBand,omitzero"`
	// Plan: Hash of the compiled plan.
	Plan string `json:"plan"`
	// SetAside: Versions whose operations reached limits again and again, so that this process does not use them for a while.
	SetAside []SetAside `json:"setAside,omitzero"`
	Settings []string   `json:"settings"`
	Title    string     `json:"title,omitzero"`
	Updated  time.Time  `json:"updated"`
	Version  int        `json:"version"`
}

// SpecAnswer is an object of the API.
type SpecAnswer struct {
	// Diagnostics: Every problem of every file; with an error among them nothing was changed.
	Diagnostics []Diagnostic `json:"diagnostics"`
	Rehearsal   *Rehearsal   `json:"rehearsal,omitzero"`
	Spec        *Spec        `json:"spec,omitzero"`
}

// Tenant is an object of the API.
type Tenant struct {
	// BytesToday: Bytes of bodies that its connections have sent and received since midnight UTC.
	BytesToday   int       `json:"bytesToday,omitzero"`
	Created      time.Time `json:"created"`
	Environments []string  `json:"environments"`
	Hosts        []string  `json:"hosts,omitzero"`
	Name         string    `json:"name"`
	Quota        Quota     `json:"quota"`
}

// TenantBody is an object of the API.
type TenantBody struct {
	Environments []string `json:"environments,omitzero"`
	// Hosts: The hosts that its connections may reach: a host, *.domain, or either with :port; every host otherwise.
	Hosts []string `json:"hosts,omitzero"`
	Quota *Quota   `json:"quota,omitzero"`
}

// Upgrade is an object of the API.
type Upgrade struct {
	Kept     int              `json:"kept"`
	Moved    int              `json:"moved"`
	Next     string           `json:"next,omitzero"`
	Problems []UpgradeProblem `json:"problems"`
}

// UpgradeProblem is an object of the API.
type UpgradeProblem struct {
	Connection string  `json:"connection"`
	Problem    Problem `json:"problem"`
}

// UploadBody is an object of the API.
type UploadBody struct {
	// Dialect: make, membrane, zapier or supermetrics, with a variant as in zapier:legacy; recognised otherwise.
	Dialect string `json:"dialect,omitzero"`
	// DryRun: Only tell the diagnostics.
	DryRun bool `json:"dryRun,omitzero"`
	// Files: The files of the spec by their names, as they lie in its folder.
	Files map[string]string `json:"files"`
	// Folder: Where the files lie in your repository; the places of a SARIF log begin with it.
	Folder string `json:"folder,omitzero"`
	// Rehearse: Of a dry run that compiles: go the whole way against the provider inside the broker, which stands in for every service; nothing leaves the process and no real credential is needed.
	Rehearse *RehearsalBody `json:"rehearse,omitzero"`
	Title    string         `json:"title,omitzero"`
}

// Version is an object of the API.
type Version struct {
	// Asked: The dialect that the upload named, with its variant.
	Asked   string            `json:"asked,omitzero"`
	By      string            `json:"by"`
	Created time.Time         `json:"created"`
	Dialect string            `json:"dialect"`
	Files   map[string]string `json:"files,omitzero"`
	// Plan: Hash of the compiled plan.
	Plan    string `json:"plan"`
	Version int    `json:"version"`
}

// Webhook is an object of the API.
type Webhook struct {
	Created  time.Time `json:"created"`
	Disabled bool      `json:"disabled,omitzero"`
	Events   []string  `json:"events,omitzero"`
	ID       string    `json:"id"`
	Secret   string    `json:"secret,omitzero"`
	URL      string    `json:"url"`
}

// Rewrap: Wrap everything under the current key; jobs do it by themselves too.
func (c *Client) Rewrap(ctx context.Context) (map[string]int, error) {
	var out map[string]int
	err := c.do(ctx, http.MethodPost, "/v1/admin/rewrap", nil, nil, &out)
	return out, err
}

// Rotate: Make a new key the current one and wrap everything under it.
func (c *Client) Rotate(ctx context.Context) error {
	return c.do(ctx, http.MethodPost, "/v1/admin/rotate", nil, nil, nil)
}

// ListAuditQuery holds the parameters of ListAudit; what is zero is not sent.
type ListAuditQuery struct {
	After string
}

func (q ListAuditQuery) values() url.Values {
	out := url.Values{}
	add(out, "after", q.After)
	return out
}

// ListAudit: List who did what, the newest first.
func (c *Client) ListAudit(ctx context.Context, q ListAuditQuery) ([]Audit, error) {
	var out []Audit
	err := c.do(ctx, http.MethodGet, "/v1/audit", q.values(), nil, &out)
	return out, err
}

// AllAudit is ListAudit over every page, from q.After on. It ends at the first error.
func (c *Client) AllAudit(ctx context.Context, q ListAuditQuery) iter.Seq2[Audit, error] {
	return pages(func(after string) ([]Audit, string, error) {
		if after != "" {
			q.After = after
		}
		page, err := c.ListAudit(ctx, q)
		if err != nil || len(page) == 0 {
			return nil, "", err
		}
		return page, page[len(page)-1].ID, nil
	})
}

// ListConnectionsQuery holds the parameters of ListConnections; what is zero is not sent.
type ListConnectionsQuery struct {
	Spec   string
	User   string
	Status string
	// Search: The beginning of a word of the user, the id at the service or the label.
	Search string
	// Tag: name=value; several must all be there.
	Tag   []string
	After string
	Limit int
}

func (q ListConnectionsQuery) values() url.Values {
	out := url.Values{}
	add(out, "spec", q.Spec)
	add(out, "user", q.User)
	add(out, "status", q.Status)
	add(out, "search", q.Search)
	add(out, "tag", q.Tag)
	add(out, "after", q.After)
	add(out, "limit", q.Limit)
	return out
}

// ListConnections: List connections, the newest first.
func (c *Client) ListConnections(ctx context.Context, q ListConnectionsQuery) (ConnectionList, error) {
	var out ConnectionList
	err := c.do(ctx, http.MethodGet, "/v1/connections", q.values(), nil, &out)
	return out, err
}

// AllConnections is ListConnections over every page, from q.After on. It ends at the first error.
func (c *Client) AllConnections(ctx context.Context, q ListConnectionsQuery) iter.Seq2[Connection, error] {
	return pages(func(after string) ([]Connection, string, error) {
		if after != "" {
			q.After = after
		}
		page, err := c.ListConnections(ctx, q)
		return page.Connections, page.Next, err
	})
}

// ImportConnection: Keep a connection that was made elsewhere, after a test.
func (c *Client) ImportConnection(ctx context.Context, body ImportConnectionRequest) (Connection, error) {
	var out Connection
	err := c.do(ctx, http.MethodPost, "/v1/connections", nil, body, &out)
	return out, err
}

// DeleteConnection: Forget a connection, after its token was revoked by the call "revoke" of the spec, if it has one.
func (c *Client) DeleteConnection(ctx context.Context, id string) (Deleted, error) {
	var out Deleted
	err := c.do(ctx, http.MethodDelete, "/v1/connections/"+escape(id), nil, nil, &out)
	return out, err
}

// GetConnection: Read a connection without its data.
func (c *Client) GetConnection(ctx context.Context, id string) (Connection, error) {
	var out Connection
	err := c.do(ctx, http.MethodGet, "/v1/connections/"+escape(id), nil, nil, &out)
	return out, err
}

// PatchConnection: Change the user or the tags of a connection.
func (c *Client) PatchConnection(ctx context.Context, id string, body PatchConnectionRequest) (Connection, error) {
	var out Connection
	err := c.do(ctx, http.MethodPatch, "/v1/connections/"+escape(id), nil, body, &out)
	return out, err
}

// Call: Make a named call of the spec; the body is its input.
func (c *Client) Call(ctx context.Context, id string, name string, body any) (json.RawMessage, error) {
	var out json.RawMessage
	err := c.do(ctx, http.MethodPost, "/v1/connections/"+escape(id)+"/calls/"+escape(name), nil, body, &out)
	return out, err
}

// RenewConnection: Renew the token of a connection, which the broker does by itself before it expires.
func (c *Client) RenewConnection(ctx context.Context, id string) (Connection, error) {
	var out Connection
	err := c.do(ctx, http.MethodPost, "/v1/connections/"+escape(id)+"/renew", nil, nil, &out)
	return out, err
}

// RevealConnection: Read a connection with its secrets; the audit remembers it.
func (c *Client) RevealConnection(ctx context.Context, id string) (json.RawMessage, error) {
	var out json.RawMessage
	err := c.do(ctx, http.MethodPost, "/v1/connections/"+escape(id)+"/reveal", nil, nil, &out)
	return out, err
}

// Sign: Sign a request that the caller sends itself.
func (c *Client) Sign(ctx context.Context, id string, body SignRequest) (Signed, error) {
	var out Signed
	err := c.do(ctx, http.MethodPost, "/v1/connections/"+escape(id)+"/sign", nil, body, &out)
	return out, err
}

// TestConnection: Find out whether a connection works.
func (c *Client) TestConnection(ctx context.Context, id string) (Connection, error) {
	var out Connection
	err := c.do(ctx, http.MethodPost, "/v1/connections/"+escape(id)+"/test", nil, nil, &out)
	return out, err
}

// ListEventsQuery holds the parameters of ListEvents; what is zero is not sent.
type ListEventsQuery struct {
	After string
	Limit int
}

func (q ListEventsQuery) values() url.Values {
	out := url.Values{}
	add(out, "after", q.After)
	add(out, "limit", q.Limit)
	return out
}

// ListEvents: List events behind one, the oldest first; none is missed.
func (c *Client) ListEvents(ctx context.Context, q ListEventsQuery) ([]Event, error) {
	var out []Event
	err := c.do(ctx, http.MethodGet, "/v1/events", q.values(), nil, &out)
	return out, err
}

// AllEvents is ListEvents over every page, from q.After on. It ends at the first error.
func (c *Client) AllEvents(ctx context.Context, q ListEventsQuery) iter.Seq2[Event, error] {
	return pages(func(after string) ([]Event, string, error) {
		if after != "" {
			q.After = after
		}
		page, err := c.ListEvents(ctx, q)
		if err != nil || len(page) == 0 {
			return nil, "", err
		}
		return page, page[len(page)-1].ID, nil
	})
}

// ListFlowsQuery holds the parameters of ListFlows; what is zero is not sent.
type ListFlowsQuery struct {
	Connection string
	Session    string
	Result     string
	After      string
}

func (q ListFlowsQuery) values() url.Values {
	out := url.Values{}
	add(out, "connection", q.Connection)
	add(out, "session", q.Session)
	add(out, "result", q.Result)
	add(out, "after", q.After)
	return out
}

// ListFlows: List logs of operations, the newest first.
func (c *Client) ListFlows(ctx context.Context, q ListFlowsQuery) ([]Flow, error) {
	var out []Flow
	err := c.do(ctx, http.MethodGet, "/v1/flows", q.values(), nil, &out)
	return out, err
}

// AllFlows is ListFlows over every page, from q.After on. It ends at the first error.
func (c *Client) AllFlows(ctx context.Context, q ListFlowsQuery) iter.Seq2[Flow, error] {
	return pages(func(after string) ([]Flow, string, error) {
		if after != "" {
			q.After = after
		}
		page, err := c.ListFlows(ctx, q)
		if err != nil || len(page) == 0 {
			return nil, "", err
		}
		return page, page[len(page)-1].ID, nil
	})
}

// GetFlow: Read the log of an operation with its steps.
func (c *Client) GetFlow(ctx context.Context, id string) (Flow, error) {
	var out Flow
	err := c.do(ctx, http.MethodGet, "/v1/flows/"+escape(id), nil, nil, &out)
	return out, err
}

// ListKeys: List the API keys of the space.
func (c *Client) ListKeys(ctx context.Context) ([]KeyAnswer, error) {
	var out []KeyAnswer
	err := c.do(ctx, http.MethodGet, "/v1/keys", nil, nil, &out)
	return out, err
}

// CreateKey: Make an API key; what it may do is at most what the caller may.
func (c *Client) CreateKey(ctx context.Context, body KeyBody) (KeyAnswer, error) {
	var out KeyAnswer
	err := c.do(ctx, http.MethodPost, "/v1/keys", nil, body, &out)
	return out, err
}

// RevokeKey: Revoke an API key.
func (c *Client) RevokeKey(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/v1/keys/"+escape(id), nil, nil, nil)
}

// CreateSession: Make a link that a user connects by, or connects again.
func (c *Client) CreateSession(ctx context.Context, body SessionRequest) (Session, error) {
	var out Session
	err := c.do(ctx, http.MethodPost, "/v1/sessions", nil, body, &out)
	return out, err
}

// GetSession: Read where a session stands.
func (c *Client) GetSession(ctx context.Context, id string) (Session, error) {
	var out Session
	err := c.do(ctx, http.MethodGet, "/v1/sessions/"+escape(id), nil, nil, &out)
	return out, err
}

// ListSigningKeys: List the keys that sign plans of the space, the current one first.
func (c *Client) ListSigningKeys(ctx context.Context) ([]SigningKey, error) {
	var out []SigningKey
	err := c.do(ctx, http.MethodGet, "/v1/signing-keys", nil, nil, &out)
	return out, err
}

// CreateSigningKey: Make a new key the current one; the others sign what asks for them by id until they are retired.
func (c *Client) CreateSigningKey(ctx context.Context) (SigningKey, error) {
	var out SigningKey
	err := c.do(ctx, http.MethodPost, "/v1/signing-keys", nil, nil, &out)
	return out, err
}

// RetireSigningKey: Forget a signing key that is not the current one.
func (c *Client) RetireSigningKey(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/v1/signing-keys/"+escape(id), nil, nil, nil)
}

// ListSpecsQuery holds the parameters of ListSpecs; what is zero is not sent.
type ListSpecsQuery struct {
	After string
}

func (q ListSpecsQuery) values() url.Values {
	out := url.Values{}
	add(out, "after", q.After)
	return out
}

// ListSpecs: List specs.
func (c *Client) ListSpecs(ctx context.Context, q ListSpecsQuery) ([]Spec, error) {
	var out []Spec
	err := c.do(ctx, http.MethodGet, "/v1/specs", q.values(), nil, &out)
	return out, err
}

// AllSpecs is ListSpecs over every page, from q.After on. It ends at the first error.
func (c *Client) AllSpecs(ctx context.Context, q ListSpecsQuery) iter.Seq2[Spec, error] {
	return pages(func(after string) ([]Spec, string, error) {
		if after != "" {
			q.After = after
		}
		page, err := c.ListSpecs(ctx, q)
		if err != nil || len(page) == 0 {
			return nil, "", err
		}
		return page, page[len(page)-1].Name, nil
	})
}

// DeleteSpec: Delete a spec without connections.
func (c *Client) DeleteSpec(ctx context.Context, name string) error {
	return c.do(ctx, http.MethodDelete, "/v1/specs/"+escape(name), nil, nil, nil)
}

// GetSpec: Read a spec.
func (c *Client) GetSpec(ctx context.Context, name string) (Spec, error) {
	var out Spec
	err := c.do(ctx, http.MethodGet, "/v1/specs/"+escape(name), nil, nil, &out)
	return out, err
}

// PutSpec: Compile files and make them the next version of a spec; with "Accept: application/sarif+json" the answer is a SARIF log.
func (c *Client) PutSpec(ctx context.Context, name string, body UploadBody) (SpecAnswer, error) {
	var out SpecAnswer
	err := c.do(ctx, http.MethodPut, "/v1/specs/"+escape(name), nil, body, &out)
	return out, err
}

// GetPlanQuery holds the parameters of GetPlan; what is zero is not sent.
type GetPlanQuery struct {
	// Version: The current one otherwise.
	Version int
	// Sign: current for a signature by the current signing key, or the id of another one; none otherwise.
	Sign string
	// Source: With source and positions, so that errors name lines.
	Source bool
}

func (q GetPlanQuery) values() url.Values {
	out := url.Values{}
	add(out, "version", q.Version)
	add(out, "sign", q.Sign)
	add(out, "source", q.Source)
	return out
}

// GetPlan: Download the compiled plan of a spec, for a host that runs it without this broker; its ETag is the SHA-256 of the file, which for a plan alone is its hash.
func (c *Client) GetPlan(ctx context.Context, name string, q GetPlanQuery) ([]byte, error) {
	var out []byte
	err := c.do(ctx, http.MethodGet, "/v1/specs/"+escape(name)+"/plan", q.values(), nil, &out)
	return out, err
}

// PutSettings: Replace the values that belong to the spec, such as the consumer key and secret; they cannot be read again.
func (c *Client) PutSettings(ctx context.Context, name string, body SettingsBody) (Spec, error) {
	var out Spec
	err := c.do(ctx, http.MethodPut, "/v1/specs/"+escape(name)+"/settings", nil, body, &out)
	return out, err
}

// UpgradeQuery holds the parameters of Upgrade; what is zero is not sent.
type UpgradeQuery struct {
	After string
}

func (q UpgradeQuery) values() url.Values {
	out := url.Values{}
	add(out, "after", q.After)
	return out
}

// Upgrade: Move connections of older versions to the current one, those that pass a test under it.
func (c *Client) Upgrade(ctx context.Context, name string, q UpgradeQuery) (Upgrade, error) {
	var out Upgrade
	err := c.do(ctx, http.MethodPost, "/v1/specs/"+escape(name)+"/upgrade", q.values(), nil, &out)
	return out, err
}

// GetVersion: Read a version of a spec with its files.
func (c *Client) GetVersion(ctx context.Context, name string, version int) (Version, error) {
	var out Version
	err := c.do(ctx, http.MethodGet, "/v1/specs/"+escape(name)+"/versions/"+escape(version), nil, nil, &out)
	return out, err
}

// UseVersion: Make a version the current one: a rollback.
func (c *Client) UseVersion(ctx context.Context, name string, version int) (Spec, error) {
	var out Spec
	err := c.do(ctx, http.MethodPost, "/v1/specs/"+escape(name)+"/versions/"+escape(version)+"/use", nil, nil, &out)
	return out, err
}

// ListTenants: List tenants.
func (c *Client) ListTenants(ctx context.Context) ([]Tenant, error) {
	var out []Tenant
	err := c.do(ctx, http.MethodGet, "/v1/tenants", nil, nil, &out)
	return out, err
}

// CreateTenant: Make a tenant.
func (c *Client) CreateTenant(ctx context.Context, body CreateTenantRequest) (Tenant, error) {
	var out Tenant
	err := c.do(ctx, http.MethodPost, "/v1/tenants", nil, body, &out)
	return out, err
}

// PutTenant: Change the quota and the hosts of a tenant, and add environments; none can be taken away.
func (c *Client) PutTenant(ctx context.Context, name string, body TenantBody) (Tenant, error) {
	var out Tenant
	err := c.do(ctx, http.MethodPut, "/v1/tenants/"+escape(name), nil, body, &out)
	return out, err
}

// ListWebhooks: List webhooks.
func (c *Client) ListWebhooks(ctx context.Context) ([]Webhook, error) {
	var out []Webhook
	err := c.do(ctx, http.MethodGet, "/v1/webhooks", nil, nil, &out)
	return out, err
}

// CreateWebhook: Have an address told of events.
func (c *Client) CreateWebhook(ctx context.Context, body CreateWebhookRequest) (Webhook, error) {
	var out Webhook
	err := c.do(ctx, http.MethodPost, "/v1/webhooks", nil, body, &out)
	return out, err
}

// DeleteWebhook: Tell an address no more.
func (c *Client) DeleteWebhook(ctx context.Context, id string) error {
	return c.do(ctx, http.MethodDelete, "/v1/webhooks/"+escape(id), nil, nil, nil)
}

// ListDeliveriesQuery holds the parameters of ListDeliveries; what is zero is not sent.
type ListDeliveriesQuery struct {
	Status string
}

func (q ListDeliveriesQuery) values() url.Values {
	out := url.Values{}
	add(out, "status", q.Status)
	return out
}

// ListDeliveries: List what was sent to a webhook, the newest first.
func (c *Client) ListDeliveries(ctx context.Context, id string, q ListDeliveriesQuery) ([]Delivery, error) {
	var out []Delivery
	err := c.do(ctx, http.MethodGet, "/v1/webhooks/"+escape(id)+"/deliveries", q.values(), nil, &out)
	return out, err
}

// ReplayDelivery: Send an event to a webhook again.
func (c *Client) ReplayDelivery(ctx context.Context, id string, event string) (Delivery, error) {
	var out Delivery
	err := c.do(ctx, http.MethodPost, "/v1/webhooks/"+escape(id)+"/deliveries/"+escape(event)+"/replay", nil, nil, &out)
	return out, err
}
