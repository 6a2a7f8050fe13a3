package broker

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/imlc-lang/imlc/broker/store"
	"github.com/imlc-lang/imlc/vm"
)

// traffic counts the bytes of bodies that connections of tenants send and receive, by days of UTC. What this process has
// counted is added to a record of the tenant and the day every trafficEvery, so that processes know of each other's. It is
// safe for concurrent use.
type traffic struct {
	mu   sync.Mutex
	days map[tenantDay]*counted
	kept time.Time // when it was written down last
}

type tenantDay struct {
	tenant string
	day    int64 // since 1970
}

// counted is what was counted of a day: kept is what the record said when it was looked at, of all processes; fresh is what
// this one has counted since it added to that.
type counted struct {
	kept, fresh int64
	looked      time.Time
}

// trafficEvery is how long a process knows nothing of what others count.
const trafficEvery = 10 * time.Second

// trafficBody is the body of a record.
type trafficBody struct {
	Bytes int64 `json:"bytes"`
}

const aDay = 24 * time.Hour

func dayOf(now time.Time) int64 { return now.Unix() / int64(aDay/time.Second) }

// of returns what is counted of a day of a tenant; the lock is held.
func (t *traffic) of(d tenantDay) *counted {
	if t.days[d] == nil {
		if t.days == nil {
			t.days = map[tenantDay]*counted{}
		}
		t.days[d] = &counted{}
	}
	return t.days[d]
}

func (t *traffic) add(tenant string, now time.Time, n int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.of(tenantDay{tenant, dayOf(now)}).fresh += int64(n)
}

// used returns how many bytes a tenant has sent and received today.
func (b *Broker) used(ctx context.Context, tenant string) (int64, error) {
	t, now := &b.traffic, b.now()
	d := tenantDay{tenant, dayOf(now)}
	t.mu.Lock()
	c := *t.of(d)
	t.mu.Unlock()
	if now.Sub(c.looked) < trafficEvery {
		return c.kept + c.fresh, nil
	}
	var body trafficBody
	if _, err := b.get(ctx, "", kindTraffic, d.id(), &body); err != nil && problemOf(err).Status != http.StatusNotFound {
		return 0, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	own := t.of(d)
	if own.looked.Equal(c.looked) { // nobody has looked or added to it meanwhile
		own.kept, own.looked = body.Bytes, now
	}
	return own.kept + own.fresh, nil
}

func (d tenantDay) id() string {
	return d.tenant + "@" + time.Unix(d.day*int64(aDay/time.Second), 0).UTC().Format(time.DateOnly)
}

// keepTraffic is the job that writes down what was counted.
func (b *Broker) keepTraffic(ctx context.Context) (int, error) {
	t, now := &b.traffic, b.now()
	t.mu.Lock()
	due := now.Sub(t.kept) >= trafficEvery
	if due {
		t.kept = now
	}
	t.mu.Unlock()
	if !due {
		return 0, nil
	}
	return 0, b.writeTraffic(ctx)
}

// writeTraffic adds what this process has counted to the records of its days.
func (b *Broker) writeTraffic(ctx context.Context) error {
	t, today := &b.traffic, dayOf(b.now())
	fresh := map[tenantDay]int64{}
	t.mu.Lock()
	for d, c := range t.days {
		if c.fresh > 0 {
			fresh[d] = c.fresh
		} else if d.day != today {
			delete(t.days, d)
		}
	}
	t.mu.Unlock()
	for d, n := range fresh {
		total, err := b.addTraffic(ctx, d, n)
		if err != nil {
			return err
		}
		t.mu.Lock()
		c := t.of(d)
		c.fresh -= n
		c.kept, c.looked = total, b.now()
		t.mu.Unlock()
	}
	return nil
}

// addTraffic adds to the record of a day, and returns what it comes to.
func (b *Broker) addTraffic(ctx context.Context, d tenantDay, n int64) (int64, error) {
	for attempt := 0; ; attempt++ {
		var body trafficBody
		old, err := b.get(ctx, "", kindTraffic, d.id(), &body)
		if err != nil && problemOf(err).Status != http.StatusNotFound {
			return 0, err
		}
		body.Bytes += n
		next := record("", kindTraffic, d.id(), body)
		next.Revision, next.Expires = old.Revision, b.now().Add(3*aDay)
		if _, err = b.apply(ctx, put(next)); problemCode(err) != "conflict" || attempt == 10 {
			return body.Bytes, err
		}
	}
}

// underTraffic refuses a request of a tenant that has sent and received all that it may today.
func (b *Broker) underTraffic(ctx context.Context, space string) error {
	tenant := tenantOf(space)
	u, err := b.usage(ctx, tenant)
	if err != nil || u.BytesPerDay <= 0 {
		return err
	}
	used, err := b.used(ctx, tenant)
	if err != nil || used < int64(u.BytesPerDay) {
		return err
	}
	now := b.now().UTC()
	midnight := now.Truncate(aDay).Add(aDay)
	p := problem(http.StatusTooManyRequests, "bytes", "the tenant has sent and received all its bytes of this day (UTC)")
	p.Class, p.Retryable, p.RetryAfter = vm.ClassLimit, true, 1+int(midnight.Sub(now)/time.Second)
	return p
}

// count counts bytes of a body.
func (b *Broker) count(r *running, c prometheus.Counter, n int) {
	b.traffic.add(tenantOf(r.key.space), b.now(), n)
	c.Add(float64(n))
}

// received is the body of an answer.
type received struct {
	io.ReadCloser
	b *Broker
	r *running
}

// Read implements io.Reader.
func (a *received) Read(p []byte) (int, error) {
	n, err := a.ReadCloser.Read(p)
	if n > 0 {
		a.b.count(a.r, a.b.metrics.received, n)
	}
	return n, err
}

// usedToday completes tenants by what they have used today.
func (b *Broker) usedToday(ctx context.Context, list ...*Tenant) (err error) {
	for _, t := range list {
		if t.BytesToday, err = b.used(ctx, t.Name); err != nil {
			return err
		}
	}
	return nil
}

// sizeUnits are those that people write sizes in.
var sizeUnits = []struct {
	name  string
	bytes int
}{{"TiB", 1 << 40}, {"GiB", 1 << 30}, {"MiB", 1 << 20}, {"KiB", 1 << 10}, {"bytes", 1}}

// sizeText writes a size so that readSize reads it again.
func sizeText(n int) string {
	for _, u := range sizeUnits {
		if n >= u.bytes && n%u.bytes == 0 {
			return strconv.Itoa(n/u.bytes) + " " + u.name
		}
	}
	return strconv.Itoa(n) + " bytes"
}

// aboutSize writes a size for people to read.
func aboutSize(n int64) string {
	for _, u := range sizeUnits[:4] {
		if n >= int64(u.bytes) {
			return fmt.Sprintf("%.1f %s", float64(n)/float64(u.bytes), u.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}

// readSize reads a number of bytes: "500 MiB", "2 GiB", "1000000".
func readSize(text string) (int, bool) {
	digits, rest := text, ""
	if i := strings.IndexFunc(text, func(r rune) bool { return r < '0' || r > '9' }); i >= 0 {
		digits, rest = text[:i], strings.TrimSpace(text[i:])
	}
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0, false
	}
	if rest == "" {
		return n, true
	}
	for _, u := range sizeUnits {
		if strings.EqualFold(rest, u.name) || strings.EqualFold(rest, strings.Replace(u.name, "iB", "B", 1)) {
			return n * u.bytes, n <= (1<<62)/u.bytes
		}
	}
	return 0, false
}

// specBytes refuses files of a spec when the tenant's specs hold as many bytes as they may, with all their versions.
func (b *Broker) specBytes(ctx context.Context, space string, more int) error {
	var t Tenant
	if _, err := b.get(ctx, "", kindTenant, tenantOf(space), &t); err != nil || t.Quota.SpecBytes <= 0 {
		return err
	}
	have := more
	for _, e := range t.Environments {
		for after := ""; ; {
			list, err := listed[Spec](ctx, b, store.Query{Space: t.Name + "/" + e, Kind: kindSpec, After: after})
			if err != nil {
				return err
			}
			if len(list) == 0 {
				break
			}
			for _, s := range list {
				have += s.Bytes
			}
			after = list[len(list)-1].Name
		}
	}
	if have <= t.Quota.SpecBytes {
		return nil
	}
	p := problem(http.StatusForbidden, "quota", fmt.Sprintf("the specs of the tenant may hold %s with all their versions, and would hold %d bytes", sizeText(t.Quota.SpecBytes), have))
	p.Class = vm.ClassLimit
	return p
}
