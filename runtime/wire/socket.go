package wire

import (
	"errors"
	"net"
	"syscall"
)

// socket is a connection of the operating system whose Read can be kept from waiting: so that one can look whether the
// other side has closed a connection or said something, TLS and tunnels above it included.
type socket struct {
	net.Conn
	raw      syscall.RawConn
	glancing bool // Read takes what is there

	look func(fd uintptr) bool // of glance, made once
	into []byte
	n    int
	err  error
}

// newSocket wraps a connection that was just made.
func newSocket(c net.Conn) net.Conn {
	system, ok := c.(syscall.Conn)
	if !ok {
		return c
	}
	raw, err := system.SyscallConn()
	if err != nil {
		return c
	}
	s := &socket{Conn: c, raw: raw}
	s.look = func(fd uintptr) bool {
		s.n, s.err = readNow(fd, s.into)
		return true
	}
	return s
}

// socketBelow returns the socket that a connection is spoken on, nil for none.
func socketBelow(c net.Conn) *socket {
	for {
		if s, ok := c.(*socket); ok {
			return s
		}
		above, ok := c.(interface{ NetConn() net.Conn })
		if !ok {
			return nil
		}
		c = above.NetConn()
	}
}

// Read implements net.Conn.
func (s *socket) Read(p []byte) (int, error) {
	if !s.glancing {
		return s.Conn.Read(p)
	}
	s.into, s.n = p, 0
	if err := s.raw.Read(s.look); err != nil {
		return 0, err
	}
	s.into = nil
	return s.n, s.err
}

// Write implements net.Conn. Within a look, which nobody can cut short, nothing is said: what TLS may be asked to answer
// then waits for a server that does not read. Such a connection is not used any more.
func (s *socket) Write(p []byte) (int, error) {
	if s.glancing {
		_ = s.Conn.Close()
		return 0, net.ErrClosed
	}
	return s.Conn.Write(p)
}

// errNothing says that nothing is there to be read. It is a net.Error that passes, so that TLS goes on after it.
var errNothing error = nothing{errors.New("nothing is there to be read")}

type nothing struct{ error }

// Timeout implements net.Error.
func (nothing) Timeout() bool { return true }

// Temporary implements net.Error.
func (nothing) Temporary() bool { return true }
