package provider

import (
	"bytes"
	"maps"
	"net/http"
	"slices"
	"sync"
	"time"
)

// Record is one request as the provider received and judged it. It holds what was on the wire, so it may hold secrets
// of a test (a PLAINTEXT signature, an xAuth password).
type Record struct {
	// Time is when the request was judged, by Config.Clock.
	Time time.Time
	// Method and URI are those of the request line, the URI with scheme and Host header in front of it.
	Method, URI string
	// Host is the Host header.
	Host string
	// Header holds the request headers without Host.
	Header http.Header
	// Body holds the bytes of the body, or nothing if Limits.RecordBytes forbids.
	Body []byte
	// Transport is where the protocol parameters were.
	Transport Transport
	// Protocol holds the decoded oauth_ parameters, the signature included.
	Protocol map[string]string
	// Parameters are the request's own decoded parameters, of query, header and form body in this order.
	Parameters []Parameter
	// Status is the status of the answer.
	Status int
	// Problem is the code of the refusal, empty when the request was granted or failed outside the protocol.
	Problem string
}

// EventKind classifies an Event.
type EventKind string

// The kinds of events.
const (
	EventIssued   EventKind = "issued"   // credentials were handed out
	EventApproved EventKind = "approved" // the resource owner approved
	EventDenied   EventKind = "denied"   // the resource owner denied
	EventGranted  EventKind = "granted"  // a signed request was served
	EventRefused  EventKind = "refused"  // a request was refused
	EventAdmin    EventKind = "admin"    // an inspection endpoint was used
	EventUnsigned EventKind = "unsigned" // an unsigned request was answered in the place of another service
)

// Event tells a person what the provider did. It holds no secret and no token.
type Event struct {
	// Kind says what sort of thing happened.
	Kind EventKind
	// Time is when, by Config.Clock.
	Time time.Time
	// Method and Path are those of the request; the path is without its query.
	Method, Path string
	// Endpoint is the path of the endpoint that answered, empty when none did.
	Endpoint string
	// Consumer is the consumer key that the request named, whether it is known or not; may be empty.
	Consumer string
	// Status is the status of the answer.
	Status int
	// Text says in words what happened; for a refusal it says why.
	Text string
	// Refusal is set for EventRefused.
	Refusal *Refusal
}

// recorder keeps the latest requests. It is safe for concurrent use.
type recorder struct {
	mu                 sync.Mutex
	records            []Record
	size               int
	maxCount, maxBytes int
	total              int
}

func (r *recorder) add(record Record) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(record.Body) > r.maxBytes {
		record.Body = nil
	}
	r.total++
	r.records = append(r.records, record)
	r.size += len(record.Body)
	for len(r.records) > r.maxCount || r.size > r.maxBytes {
		r.size -= len(r.records[0].Body)
		r.records[0] = Record{}
		r.records = r.records[1:]
	}
}

// list copies the records deeply, so that a caller may do with them what it likes.
func (r *recorder) list() []Record {
	r.mu.Lock()
	defer r.mu.Unlock()
	records := slices.Clone(r.records)
	for i, record := range records {
		records[i].Header = record.Header.Clone()
		records[i].Body = bytes.Clone(record.Body)
		records[i].Protocol = maps.Clone(record.Protocol)
		records[i].Parameters = slices.Clone(record.Parameters)
	}
	return records
}

func (r *recorder) count() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.total
}

func (r *recorder) reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records, r.size, r.total = nil, 0, 0
}
