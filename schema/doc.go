// Package schema holds the JSON Schemas of the dialects' documents, for editors and for a second opinion on shapes. It
// promises that each schema is whole in itself, accepts what the dialect's front end accepts, and that its errors point
// at the key they are about. It does not know what directives mean: names, literals, lengths and effects are checked by
// the front ends, which report every shape error too. A caller that wants both opinions reads with the front end and
// then adds what only the schema found with Merge; tests hold the two together.
package schema
