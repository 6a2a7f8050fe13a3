// Package schema holds the JSON Schemas of the dialects' documents, for editors. It promises that each schema is whole
// in itself and accepts what the dialect's front end accepts. It does not know what directives mean, and checks nothing
// itself: front ends report every shape error, and tests hold that they refuse, at the same place, whatever a schema
// refuses.
package schema
