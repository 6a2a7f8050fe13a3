// Package provider is a real OAuth 1.0a service provider for loopback: it issues temporary credentials, asks for (or
// assumes) the owner's approval, exchanges verifiers for token credentials, renews sessions and guards resources. It
// serves the demo, the provider command and the tests of every OAuth client in this module.
//
// It promises to judge requests by RFC 5849 as they arrived: the raw request line, the Host header and the body bytes.
// The verifying side is written here from the RFC alone and shares no code with the signing side, so that the two are
// independent witnesses: a request that passes was understood the same way twice. Every refusal names a problem of the
// Problem Reporting extension, says in words what was wrong and, for a wrong signature, shows the base string that the
// provider expected and the likely mistake.
//
// It keeps everything in memory, with bounds on every store, and it reads clock and entropy only through Config. It
// does not know the signing library, plans, values or connection specs, and it is no product for the open internet:
// Start binds loopback addresses only, and the inspection endpoints need no credentials.
package provider
