// Package oracle is what the compiler and the virtual machine are measured against: it walks the syntax tree and does
// what the comments of package ast and the documents under spec/ say, with no compilation, no plan, no folding and no
// speed.
//
// Evaluate is the expression language. A Spec runs whole connections of every dialect: it takes the stages in order,
// and in each the requests; the layers of a call, Base below, are put over each other while it runs. What a run can
// read stands in one object under the neutral names of the roots. Signatures, queries, forms, headers, token answers
// and judgements are its own, so that a mistake of the machine does not agree with itself.
//
// It is for tests only; nothing but _test files may import it. Whether a spec is accepted is asked from the compiler,
// whether parameters are, from the form. With the machine it shares the values, the functions of the libraries, and
// bytes: the HTTP client that sends and follows redirects, URLs, XML, multipart bodies, masking, and the words about
// unusable keys. Of the limits of an operation it knows steps and requests; it neither waits nor measures memory, and
// keeps what is pending in memory.
package oracle
