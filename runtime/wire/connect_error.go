package wire

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/imlc-lang/imlc/internal/limit"
)

// classify turns an error of the transport into a ConnectionError, into the limit of headers, or into the end of the
// caller's context.
func (x *exchange) classify(err error) error {
	if x.caller.Err() != nil {
		return fmt.Errorf("request to %s was abandoned: %w", x.url.Authority(), context.Cause(x.caller))
	}
	var reached *limit.Error
	if errors.As(err, &reached) { // of a body on its way
		return reached
	}
	var known *ConnectionError
	if errors.As(err, &known) {
		return known
	}
	if errors.Is(err, errHeader) || strings.Contains(err.Error(), "server response headers exceeded") { // of net/http, which has no type for it
		return headerLimit(x.client.opts.MaxHeader)
	}
	if x.ctx.Err() != nil {
		return &ConnectionError{Cause: CauseTimeout, Host: x.url.Authority(), Err: errTimeout}
	}
	return &ConnectionError{Cause: CauseOf(err), Host: x.url.Authority(), Err: err}
}

// CauseOf returns the cause of an error of a transport, found in its chain; CauseReset when nothing there tells.
func CauseOf(err error) Cause {
	var policy *PolicyError
	var dns *net.DNSError
	var timeout net.Error
	var op *net.OpError
	switch {
	case errors.As(err, &policy):
		return CausePolicy
	case isTLS(err):
		return CauseTLS
	case errors.As(err, &dns):
		return CauseDNS
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded),
		errors.As(err, &timeout) && timeout.Timeout():
		return CauseTimeout
	case errors.Is(err, syscall.ECONNREFUSED), errors.As(err, &op) && op.Op == "dial":
		return CauseConnect
	}
	return CauseReset
}

// isTLS reports whether err comes from the handshake or a certificate.
func isTLS(err error) bool {
	var record tls.RecordHeaderError
	var verify *tls.CertificateVerificationError
	var alert tls.AlertError
	var unknown x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	if errors.As(err, &record) || errors.As(err, &verify) || errors.As(err, &alert) || errors.As(err, &unknown) ||
		errors.As(err, &host) || errors.As(err, &invalid) {
		return true
	}
	text := err.Error() // crypto/tls and net/http have further failures without a type
	return strings.Contains(text, "tls: ") || strings.Contains(text, "TLS handshake") ||
		strings.Contains(text, "server gave HTTP response to HTTPS client")
}
