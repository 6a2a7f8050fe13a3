package broker

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/imlc-lang/imlc/broker/store"
)

// Tenant is a customer of the installation.
type Tenant struct {
	Name         string   `json:"name"`
	Environments []string `json:"environments"`
	Quota        Quota    `json:"quota"`
	// Hosts are patterns of those that its connections may reach; none is every host.
	Hosts   []string  `json:"hosts,omitempty"`
	Created time.Time `json:"created"`
	// BytesToday is told, and not kept with the tenant.
	BytesToday int64 `json:"bytesToday,omitempty" doc:"Bytes of bodies that its connections have sent and received since midnight UTC"`
}

// Quota bounds what a tenant uses; 0 is no bound.
type Quota struct {
	Specs       int `json:"specs,omitempty"`
	Connections int `json:"connections,omitempty" doc:"In each environment"`
	PerMinute   int `json:"perMinute,omitempty" doc:"Requests a minute, in each process"`
	Parallel    int `json:"parallel,omitempty" doc:"Requests at a time, in each process"`
	BytesPerDay int `json:"bytesPerDay,omitempty" doc:"Bytes of bodies that its connections send and receive from midnight to midnight UTC, by all processes together; beyond it proxied requests and calls are refused"`
	SpecBytes   int `json:"specBytes,omitempty" doc:"Bytes of the files of its specs, in all environments, with all their versions"`
}

var spaceName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,62}$`)

// EnsureTenant makes a tenant with environments, unless there is one of that name.
func (b *Broker) EnsureTenant(ctx context.Context, name string, environments ...string) error {
	_, err := b.get(ctx, "", kindTenant, name, &Tenant{})
	if err == nil {
		return nil
	}
	if _, err = b.createTenant(ctx, Tenant{Name: name, Environments: environments}); err != nil && problemOf(err).Code == "conflict" {
		return nil
	}
	return err
}

func (b *Broker) createTenant(ctx context.Context, t Tenant) (Tenant, error) {
	if !spaceName.MatchString(t.Name) {
		return t, invalid("name", "pattern", "expected small letters, digits and -, at most 63")
	}
	if len(t.Environments) == 0 {
		t.Environments = []string{"main"}
	}
	if err := t.check(); err != nil {
		return t, err
	}
	t.Created = b.now()
	_, err := b.apply(ctx, put(record("", kindTenant, t.Name, t)), b.audit(ctx, "", "tenant.create", t.Name))
	return t, err
}

// hostPattern is what a tenant may name as a host; package wire says what it means.
var hostPattern = regexp.MustCompile(`^(\*\.)?[a-z0-9]([a-z0-9.-]*[a-z0-9])?(:[0-9]{1,5})?$`)

func (t Tenant) check() error {
	for _, e := range t.Environments {
		if !spaceName.MatchString(e) {
			return invalid("environments", "pattern", "expected small letters, digits and -, at most 63")
		}
	}
	for _, h := range t.Hosts {
		if !hostPattern.MatchString(h) {
			return invalid("hosts", "pattern", "expected a host in small letters, *. and a domain, or either with :port")
		}
	}
	return nil
}

// changeTenant changes the quota and the hosts of a tenant, and adds environments. None is taken away: what it holds would
// be out of reach.
func (b *Broker) changeTenant(ctx context.Context, next Tenant) (Tenant, error) {
	var t Tenant
	r, err := b.get(ctx, "", kindTenant, next.Name, &t)
	if err != nil {
		return t, err
	}
	t.Quota, t.Hosts = next.Quota, next.Hosts
	for _, e := range next.Environments {
		if !slices.Contains(t.Environments, e) {
			t.Environments = append(t.Environments, e)
		}
	}
	if err := t.check(); err != nil {
		return t, err
	}
	changed := record("", kindTenant, t.Name, t)
	changed.Revision = r.Revision
	_, err = b.apply(ctx, put(changed), b.audit(ctx, "", "tenant.change", t.Name))
	return t, err
}

func (b *Broker) listTenants(ctx context.Context) ([]Tenant, error) {
	out, err := listed[Tenant](ctx, b, store.Query{Kind: kindTenant})
	for i := range out {
		if err == nil {
			err = b.usedToday(ctx, &out[i])
		}
	}
	return out, err
}

// hosts are the patterns of the hosts that connections of a space may reach, none for every host.
func (b *Broker) hosts(ctx context.Context, space string) ([]string, error) {
	tenant := tenantOf(space)
	var t Tenant
	_, err := b.get(ctx, "", kindTenant, tenant, &t)
	return t.Hosts, err
}

// spaceExists refuses a space that is no environment of a tenant.
func (b *Broker) spaceExists(ctx context.Context, space string) error {
	tenant, environment, _ := strings.Cut(space, "/")
	var t Tenant
	if _, err := b.get(ctx, "", kindTenant, tenant, &t); err != nil {
		return err
	}
	if !slices.Contains(t.Environments, environment) {
		return notFound("environment", space)
	}
	return nil
}

// enterSpace has the pages of the login of a request show another space.
func (b *Broker) enterSpace(r *http.Request, space string) error {
	cookie, err := r.Cookie(b.cookieName(loginCookie))
	if err != nil {
		return unauthorized()
	}
	var l loginBody
	rec, err := b.get(r.Context(), "", kindLogin, fingerprint(cookie.Value), &l)
	if err != nil {
		return err
	}
	if len(l.scopes(space)) == 0 {
		return notFound("environment", space)
	}
	if err := b.spaceExists(r.Context(), space); err != nil {
		return err
	}
	l.Space = space
	next := rec
	next.Body = marshal(l)
	_, err = b.apply(r.Context(), put(next))
	return err
}
