package vm

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
)

// NewMemoryConnections returns a store for a single process, which forgets everything with it. It is safe for
// concurrent use.
func NewMemoryConnections() ConnectionStore { return &memoryConnections{stored: map[string][]byte{}} }

// memoryConnections keeps connections in their stored form, so that nobody changes what is kept.
type memoryConnections struct {
	mu     sync.Mutex
	stored map[string][]byte
}

// Load implements ConnectionStore.
func (m *memoryConnections) Load(_ context.Context, id string) (*Connection, error) {
	m.mu.Lock()
	text := m.stored[id]
	m.mu.Unlock()
	if text == nil {
		return nil, nil
	}
	conn := &Connection{}
	return conn, json.Unmarshal(text, conn)
}

// Swap implements ConnectionStore.
func (m *memoryConnections) Swap(_ context.Context, conn *Connection) (bool, error) {
	if conn.ID == "" {
		return false, errors.New("the connection has no id")
	}
	next := *conn
	next.Revision++
	text, err := json.Marshal(next)
	if err != nil {
		return false, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var stored Connection
	if old := m.stored[conn.ID]; old != nil {
		if err := json.Unmarshal(old, &stored); err != nil {
			return false, err
		}
	}
	if stored.Revision != conn.Revision {
		return false, nil
	}
	m.stored[conn.ID], conn.Revision = text, next.Revision
	return true, nil
}
