package wire

import (
	"math"
	"sync"
	"time"
)

// idleConns keeps the connections that no request uses. It is safe for concurrent use and starts no goroutine.
type idleConns struct {
	mu       sync.Mutex
	byOrigin map[origin][]*conn // the longest unused first; none is empty
	count    int
	closing  bool        // until the next request: those in use are not kept either
	timer    *time.Timer // runs while there are any
}

const (
	mostIdle         = 512
	mostIdleOfOrigin = 128
	idleTime         = 90 * time.Second
)

// take returns the connection of an origin that was used last, nil when there is none.
func (i *idleConns) take(from origin) *conn {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.closing = false
	list := i.byOrigin[from]
	if len(list) == 0 {
		return nil
	}
	last := len(list) - 1
	c := list[last]
	list[last] = nil
	i.set(from, list[:last])
	i.count--
	return c
}

// set replaces the list of an origin.
func (i *idleConns) set(of origin, list []*conn) {
	if len(list) == 0 {
		delete(i.byOrigin, of)
		return
	}
	i.byOrigin[of] = list
}

// put keeps a connection and returns one that is to be closed, nil for none: c itself when its origin has enough, or,
// when there are too many, the one that was unused for the longest time.
func (i *idleConns) put(c *conn) (surplus *conn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closing || len(i.byOrigin[c.origin]) >= mostIdleOfOrigin {
		return c
	}
	if i.count >= mostIdle {
		surplus = i.dropOldest()
	}
	if i.byOrigin == nil {
		i.byOrigin = map[origin][]*conn{}
	}
	c.unused = time.Now()
	i.byOrigin[c.origin] = append(i.byOrigin[c.origin], c)
	i.count++
	if i.timer == nil {
		i.timer = time.AfterFunc(idleTime, i.expire)
	}
	return surplus
}

// dropOldest takes out the connection that was unused for the longest time. There is one.
func (i *idleConns) dropOldest() *conn {
	var oldest *conn
	for _, list := range i.byOrigin {
		if oldest == nil || list[0].unused.Before(oldest.unused) {
			oldest = list[0]
		}
	}
	i.set(oldest.origin, i.byOrigin[oldest.origin][1:])
	i.count--
	return oldest
}

// expire closes the connections that were unused for too long.
func (i *idleConns) expire() { closeConns(i.drop(idleTime)) }

// close closes all connections, and those in use once they are put.
func (i *idleConns) close() { closeConns(i.drop(math.MinInt64)) }

// drop takes out the connections that were unused for d, all when d is negative.
func (i *idleConns) drop(d time.Duration) (dropped []*conn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	now := time.Now()
	next := time.Duration(0)
	for of, list := range i.byOrigin {
		n := 0
		for n < len(list) && (d < 0 || now.Sub(list[n].unused) >= d) {
			n++
		}
		dropped = append(dropped, list[:n]...)
		i.set(of, append([]*conn(nil), list[n:]...))
		if n < len(list) {
			next = max(next, now.Sub(list[n].unused))
		}
	}
	i.count -= len(dropped)
	i.closing = i.closing || d < 0
	switch {
	case i.count > 0:
		i.timer.Reset(max(d-next, time.Millisecond))
	case i.timer != nil:
		i.timer.Stop()
		i.timer = nil
	}
	return dropped
}

func closeConns(list []*conn) {
	for _, c := range list {
		c.close()
	}
}
