package broker

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
)

func (b *Broker) tenantsPage(w http.ResponseWriter, r *http.Request) error {
	return b.showTenants(w, r, http.StatusOK, Tenant{}, nil)
}

// showTenants shows the tenants; given is what was typed for a new one that has a problem.
func (b *Broker) showTenants(w http.ResponseWriter, r *http.Request, status int, given Tenant, problem *Problem) error {
	list, err := b.listTenants(r.Context())
	if err != nil {
		return err
	}
	// Who is not of the whole installation sees the environments that there is something to do in.
	l, _ := b.login(r)
	for i, t := range list {
		list[i].Environments = slices.DeleteFunc(t.Environments, func(e string) bool { return len(l.scopes(t.Name+"/"+e)) == 0 })
	}
	list = slices.DeleteFunc(list, func(t Tenant) bool { return len(t.Environments) == 0 })
	b.show(w, r, status, "tenants", "Tenants", map[string]any{"Tenants": list, "Given": given, "Problem": problem})
	return nil
}

func (b *Broker) tenantForm(w http.ResponseWriter, r *http.Request) error {
	t, err := typedTenant(r)
	if err == nil {
		_, err = b.createTenant(r.Context(), t)
	}
	if err != nil {
		p := b.tell(r.Pattern, err)
		return b.showTenants(w, r, p.Status, t, p)
	}
	return see(w, r, "/tenants", "saved")
}

func (b *Broker) tenantPage(w http.ResponseWriter, r *http.Request) error {
	var t Tenant
	if _, err := b.get(r.Context(), "", kindTenant, r.PathValue("name"), &t); err != nil {
		return err
	}
	if err := b.usedToday(r.Context(), &t); err != nil {
		return err
	}
	b.show(w, r, http.StatusOK, "tenant", "Tenant "+t.Name, map[string]any{"Tenant": t})
	return nil
}

func (b *Broker) changeTenantForm(w http.ResponseWriter, r *http.Request) error {
	t, err := typedTenant(r)
	t.Name = r.PathValue("name")
	if err == nil {
		_, err = b.changeTenant(r.Context(), t)
	}
	if err != nil {
		p := b.tell(r.Pattern, err)
		if p.Status == http.StatusNotFound {
			return err
		}
		b.show(w, r, p.Status, "tenant", "Tenant "+t.Name, map[string]any{"Tenant": t, "Problem": p})
		return nil
	}
	return see(w, r, "/tenants", "saved")
}

// typedTenant reads a tenant as its form has it.
func typedTenant(r *http.Request) (Tenant, error) {
	t := Tenant{Name: strings.TrimSpace(r.PostFormValue("name")), Environments: words(r.PostFormValue("environments")), Hosts: words(r.PostFormValue("hosts"))}
	for name, to := range map[string]*int{"specs": &t.Quota.Specs, "connections": &t.Quota.Connections, "per-minute": &t.Quota.PerMinute, "parallel": &t.Quota.Parallel} {
		text := strings.TrimSpace(r.PostFormValue(name))
		if text == "" {
			continue
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < 0 {
			return t, invalid(name, "type", "expected a number that is not negative")
		}
		*to = n
	}
	for name, to := range map[string]*int{"bytes-per-day": &t.Quota.BytesPerDay, "spec-bytes": &t.Quota.SpecBytes} {
		if text := strings.TrimSpace(r.PostFormValue(name)); text != "" {
			n, ok := readSize(text)
			if !ok {
				return t, invalid(name, "type", "expected a size such as 500 MiB or 2 GiB")
			}
			*to = n
		}
	}
	return t, nil
}

// words splits a list that people type: at spaces, commas and line breaks.
func words(text string) []string {
	return strings.FieldsFunc(text, func(c rune) bool { return c == ',' || c == ';' || c <= ' ' })
}

// spaceForm has the pages of a login show another environment.
func (b *Broker) spaceForm(w http.ResponseWriter, r *http.Request) error {
	if err := b.enterSpace(r, r.PostFormValue("space")); err != nil {
		return err
	}
	return see(w, r, "/", "")
}
