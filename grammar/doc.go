// Package grammar is the one definition of IML's words and sentences: the token rules (a participle lexer definition),
// the EBNF, the syntax tree of expressions, and the parser from the inside of a hole to that tree. It knows nothing of
// files, JSON, dialects, functions or values; positions are byte offsets into the decoded text of one template.
package grammar
