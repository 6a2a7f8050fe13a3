package broker

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
)

// Connection is a connection as the API shows it: everything but its data.
type Connection struct {
	ID   string `json:"id"`
	Spec string `json:"spec"`
	// Version and Plan are those of the spec that the connection was made by, and is used by.
	Version int               `json:"version"`
	Plan    string            `json:"plan"`
	User    string            `json:"user,omitempty"`
	Tags    map[string]string `json:"tags,omitempty"`
	// UID is the user's id at the service, Label what the service calls the user.
	UID     string    `json:"uid,omitempty"`
	Label   string    `json:"label,omitempty"`
	Status  string    `json:"status" enum:"ok,degraded,needs-reconnect" doc:"degraded: the service does not answer as it should; needs-reconnect: the user has to authorise again"`
	Problem *Problem  `json:"problem,omitempty" doc:"Why it is not ok"`
	Expires time.Time `json:"expires,omitzero" doc:"When the user must authorise again"`
	Created time.Time `json:"created"`
	Updated time.Time `json:"updated"`
	Checked time.Time `json:"checked,omitzero" doc:"When it was tested last"`
	Renews  bool      `json:"renews,omitempty" doc:"The spec says how its token is renewed"`
	Renewed time.Time `json:"renewed,omitzero" doc:"When its token was renewed last"`
	RenewAt time.Time `json:"renewAt,omitzero" doc:"When its token will be renewed by itself"`
	// Told is the last event about Expires: expiring or expired.
	Told string `json:"told,omitempty"`
	// Failures counts the tests in a row that failed.
	Failures int    `json:"failures,omitempty"`
	Only     string `json:"only,omitempty"`
}

// The states of a connection.
const (
	statusOK       = "ok"
	statusDegraded = "degraded"
	statusLost     = "needs-reconnect"
)

// take copies what a connection says of itself.
func (c *Connection) take(conn *vm.Connection) {
	if expires := store.Instant(conn.Expires); !expires.Equal(c.Expires) {
		c.Expires, c.RenewAt, c.Told = expires, time.Time{}, ""
	}
	c.UID, c.Label = conn.UID, ""
	if conn.Metadata != nil {
		c.Label = conn.Metadata.Value
	}
}

// labels are what a connection is found by.
func (c *Connection) labels() []string {
	out := []string{"spec=" + c.Spec, "status=" + c.Status, "plan=" + c.Plan}
	if c.User != "" {
		out = append(out, "user="+c.User)
	}
	for _, k := range sortedTags(c.Tags) {
		out = append(out, "tag:"+k+"="+c.Tags[k])
	}
	words := map[string]bool{}
	for _, text := range []string{c.User, c.UID, c.Label} {
		for _, w := range append(searchWords(text), strings.ToLower(strings.TrimSpace(text))) {
			if w != "" && len(w) < 300 && !words[w] {
				words[w] = true
				out = append(out, "word:"+w)
			}
		}
	}
	return out
}

// searchWords splits a text into words as people search them.
func searchWords(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

// connectionRecord makes the record of a connection, due for its next test or renewal.
func (b *Broker) connectionRecord(ctx context.Context, space string, c *Connection, conn *vm.Connection) (store.Record, error) {
	if c.RenewAt.IsZero() && c.Renews && !c.Expires.IsZero() {
		c.RenewAt = renewTime(c.ID, b.now(), c.Expires)
	}
	r := record(space, kindConnection, c.ID, c)
	r.Labels = c.labels()
	r.Due = b.nextCheck(c)
	data, err := conn.MarshalJSON()
	if err != nil {
		return r, err
	}
	return r, b.seal(ctx, &r, data)
}

// nextCheck says when to look at a connection next: to test it as configured, to warn before it expires, to renew it;
// later and later after failures, never when only its user can help. The last hex digits of its id spread the tests of
// many over time.
func (b *Broker) nextCheck(c *Connection) time.Time {
	if c.Status == statusLost {
		return time.Time{}
	}
	now, every := b.now(), b.config.CheckEvery
	pause := min(time.Minute<<min(c.Failures, 10), every)
	if c.Failures > 0 {
		every = pause
	}
	next := now.Add(every + every*time.Duration(spread(c.ID))/1000)
	sooner := func(at time.Time) {
		if at.Before(next) {
			next = at
		}
	}
	if !c.RenewAt.IsZero() {
		sooner(later(c.RenewAt, now.Add(pause)))
	}
	if warn := c.Expires.Add(-b.config.CheckEvery); !c.Expires.IsZero() && warn.After(now) {
		sooner(warn)
	}
	if c.Expires.After(now) {
		sooner(c.Expires)
	}
	return next
}

// spread returns 0 to 99, the same for the same id.
func spread(id string) int {
	n := 0
	for _, c := range id {
		n = (n*31 + int(c)) % 100
	}
	return n
}

// connection reads a connection with its data.
func (b *Broker) connection(ctx context.Context, space, id string) (store.Record, Connection, *vm.Connection, error) {
	var c Connection
	r, err := b.get(ctx, space, kindConnection, id, &c)
	if err != nil {
		return r, c, nil, err
	}
	conn, err := b.unseal(ctx, r)
	return r, c, conn, err
}

func (b *Broker) unseal(ctx context.Context, r store.Record) (*vm.Connection, error) {
	text, err := b.open(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("connection %s: %w", r.ID, err)
	}
	conn := &vm.Connection{}
	if conn.UnmarshalJSON(text) != nil { // its error could repeat the text
		return nil, fmt.Errorf("connection %s: its data does not parse", r.ID)
	}
	conn.ID, conn.Revision = r.ID, r.Revision
	return conn, nil
}

// filter says which connections to list.
type filter struct {
	Spec, User, Status, Search, After string
	Tags                              map[string]string
	Limit                             int
}

// connections lists connections, the newest first, and the id to go on behind.
func (b *Broker) connections(ctx context.Context, space string, f filter) ([]Connection, string, error) {
	q := store.Query{Space: space, Kind: kindConnection, After: f.After, Descending: true, Limit: min(max(f.Limit, 1), 200)}
	if f.Limit == 0 {
		q.Limit = 50
	}
	// The store goes along the first label, so the one that finds least stands there.
	label := func(name, text string) {
		if text != "" {
			q.Labels = append(q.Labels, name+text)
		}
	}
	label("user=", f.User)
	for _, k := range sortedTags(f.Tags) {
		q.Labels = append(q.Labels, "tag:"+k+"="+f.Tags[k])
	}
	label("status=", f.Status)
	label("spec=", f.Spec)
	if f.Search != "" {
		q.Prefix = "word:" + strings.ToLower(strings.TrimSpace(f.Search))
	}
	found, err := b.config.Store.List(ctx, q)
	if err != nil {
		return nil, "", err
	}
	out := make([]Connection, len(found))
	for i, r := range found {
		if err := decode(r, &out[i]); err != nil {
			return nil, "", err
		}
	}
	next := ""
	if len(found) == q.Limit {
		next = found[len(found)-1].ID
	}
	return out, next, nil
}

// patchConnection replaces the user and the tags of a connection.
func (b *Broker) patchConnection(ctx context.Context, space, id string, user *string, tags map[string]string) (Connection, error) {
	var c Connection
	r, err := b.get(ctx, space, kindConnection, id, &c)
	if err != nil {
		return c, err
	}
	if err := checkTags(tags); err != nil {
		return c, err
	}
	if user != nil {
		c.User = *user
	}
	if tags != nil {
		c.Tags = tags
	}
	c.Updated = b.now()
	next := r
	next.Body, next.Labels = marshal(c), c.labels()
	_, err = b.apply(ctx, put(next), b.audit(ctx, space, "connection.patch", id))
	return c, err
}

// importConnection keeps a connection that was made elsewhere, after a test that it works.
func (b *Broker) importConnection(ctx context.Context, space, specName, user string, tags map[string]string, data []byte) (Connection, error) {
	var spec Spec
	if _, err := b.get(ctx, space, kindSpec, specName, &spec); err != nil {
		return Connection{}, err
	}
	if err := checkTags(tags); err != nil {
		return Connection{}, err
	}
	if err := b.underQuota(ctx, space, kindConnection, func(q Quota) int { return q.Connections }); err != nil {
		return Connection{}, err
	}
	conn := &vm.Connection{}
	if conn.UnmarshalJSON(data) != nil {
		return Connection{}, invalid("connection", "format", `expected what "reveal" returns, or imlc connect --output json --show-secrets`)
	}
	id, err := b.id("conn")
	if err != nil {
		return Connection{}, err
	}
	conn.ID, conn.PlanHash, conn.RenewedBy = id, spec.Plan, ""
	run, err := b.engine(ctx, space, spec.Name, spec.Plan, spec.Only)
	if err != nil {
		return Connection{}, err
	}
	leave, err := b.occupy(ctx, space, spec.Name, spec.Plan)
	if err != nil {
		return Connection{}, err
	}
	defer leave()
	if conn, _, err = run.engine.Validate(run.with(ctx), conn); err != nil {
		return Connection{}, err
	}
	c := Connection{ID: id, Spec: spec.Name, Version: spec.Version, Plan: spec.Plan, Only: spec.Only, User: user, Tags: tags, Status: statusOK,
		Created: b.now(), Updated: b.now(), Checked: b.now()}
	c.take(conn)
	c.Renews = run.engine.Plan().Connection.Renews()
	r, err := b.connectionRecord(ctx, space, &c, conn)
	if err != nil {
		return c, err
	}
	_, err = b.apply(ctx, put(r), b.audit(ctx, space, "connection.import", id),
		b.event(space, "connection.created", id, map[string]any{"spec": c.Spec, "user": c.User, "label": c.Label}))
	b.poke()
	return c, err
}

// test runs the requests that prove the credentials, keeps what changed, and tells of a new state.
func (b *Broker) test(ctx context.Context, space, id string) (Connection, error) {
	var tried renewal
	for attempt := 0; ; attempt++ {
		r, c, conn, err := b.connection(ctx, space, id)
		if err != nil {
			return c, err
		}
		c, err = b.testOnce(ctx, r, c, conn, &tried)
		if err != nil && problemOf(err).Code == "conflict" && attempt < 5 {
			continue // it was reconnected or renewed meanwhile
		}
		return c, err
	}
}

// renewal is what became of the renewal that a test may make, once.
type renewal struct {
	made bool
	err  error
}

// testOnce is one attempt of test. A token that has expired is renewed, which makes a conflict; what keeps it from that is
// what the test comes to.
func (b *Broker) testOnce(ctx context.Context, r store.Record, c Connection, conn *vm.Connection, tried *renewal) (Connection, error) {
	rec := &recorder{started: b.now()}
	run, err := b.recorded(ctx, r.Space, c.Spec, c.Plan, c.Only, rec)
	if err != nil {
		return c, err
	}
	defer run.done()
	c.Renews = run.engine.Plan().Connection.Renews()
	fresh, _, testErr := run.engine.Validate(run.with(ctx), conn)
	if ctx.Err() != nil {
		return c, ctx.Err()
	}
	if tokenExpired(testErr) {
		if !tried.made {
			tried.made = true
			if _, tried.err = run.engine.Renew(run.with(ctx), conn); tried.err == nil {
				return c, conflict("its token was renewed")
			}
		}
		if tried.err != nil {
			testErr = tried.err
		}
	}
	if testErr == nil {
		conn = fresh
		c.take(conn)
	}
	c.Checked = b.now()
	return b.keep(ctx, r, c, conn, Flow{Operation: "test", Started: rec.started}, rec, testErr)
}

// keep writes a connection after an operation with it: its data, what the operation said of its state, what is to be
// told of that, and the log, in one step.
func (b *Broker) keep(ctx context.Context, r store.Record, c Connection, conn *vm.Connection, f Flow, rec *recorder, outcome error) (Connection, error) {
	before := c.Status
	c.judge(outcome)
	f.Spec, f.Connection = c.Spec, c.ID
	flow, err := b.flow(r.Space, f, rec, outcome)
	if err != nil {
		return c, err
	}
	ops := append([]store.Op{flow}, b.tellExpiry(r.Space, &c)...)
	ops = append(ops, b.tellStatus(r.Space, &c, before)...)
	next, err := b.connectionRecord(ctx, r.Space, &c, conn)
	if err != nil {
		return c, err
	}
	next.Revision = r.Revision
	if _, err := b.apply(ctx, append(ops, put(next))...); err != nil {
		return c, err
	}
	b.poke()
	return c, nil
}

// tellStatus tells of a state that is another than before.
func (b *Broker) tellStatus(space string, c *Connection, before string) []store.Op {
	if c.Status == before {
		return nil
	}
	kind := map[string]string{statusOK: "connection.recovered", statusDegraded: "connection.degraded", statusLost: "connection.lost"}[c.Status]
	return []store.Op{b.event(space, kind, c.ID, map[string]any{"spec": c.Spec, "user": c.User, "code": codeOf(c.Problem)})}
}

// judge sets the state of a connection after it was used.
func (c *Connection) judge(err error) {
	if err == nil {
		c.Status, c.Problem, c.Failures = statusOK, nil, 0
		return
	}
	c.Status, c.Problem = statusDegraded, problemOf(err)
	c.Failures++
	var e *vm.Error
	if errors.As(err, &e) && e.NeedsReauth() {
		c.Status = statusLost
	}
}

func codeOf(p *Problem) string {
	if p == nil {
		return ""
	}
	return p.Code
}
