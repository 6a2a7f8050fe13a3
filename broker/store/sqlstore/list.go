package sqlstore

import (
	"context"
	"slices"
	"strings"

	"github.com/imlc-lang/imlc/broker/store"
)

// manyLabels is how many records make a label, or a prefix of labels, one that many records have: then there soon comes
// the next of them, wherever one looks.
const manyLabels = 5000

// prefixed is the condition that a label begins with a prefix. The greatest text that does ends with the last character
// that there is.
const prefixed = `p.space = ? AND p.kind = ? AND p.label >= ? AND p.label < ?`

func prefixArgs(q store.Query) []any {
	return []any{q.Space, q.Kind, q.Prefix, q.Prefix + "\U0010FFFF"}
}

// List implements store.Store. It goes along what the fewest records have, so that its cost is that of what it returns.
func (s *sqlStore) List(ctx context.Context, q store.Query) ([]store.Record, error) {
	if !store.IsText(slices.Concat(q.Labels, []string{q.Space, q.Kind, q.Prefix, q.After})...) {
		return nil, nil
	}
	labels, few, err := s.leading(ctx, q)
	if err != nil {
		return nil, err
	}
	var b strings.Builder
	var args []any
	add := func(text string, values ...any) {
		b.WriteString(text)
		args = append(args, values...)
	}
	id := "r.id"
	if len(labels) > 0 && !few {
		id = "l.id"
		// SQLite keeps to the order of a cross join.
		add(`SELECT `+columns+` FROM labels l CROSS JOIN records r WHERE r.space = l.space AND r.kind = l.kind AND r.id = l.id
			AND l.space = ? AND l.kind = ? AND l.label = ?`, q.Space, q.Kind, labels[0])
		labels = labels[1:]
	} else {
		add(`SELECT `+columns+` FROM records r WHERE r.space = ? AND r.kind = ?`, q.Space, q.Kind)
	}
	order, compare := "ASC", ">"
	if q.Descending {
		order, compare = "DESC", "<"
	}
	if q.After != "" {
		add(` AND `+id+` `+compare+` ?`, q.After)
	}
	// A condition with EXISTS would be a join to PostgreSQL, which reads all that a label has when it does not know the label,
	// as in a statement that it has prepared; a value is looked up for each record.
	for _, l := range labels {
		add(` AND (SELECT 1 FROM labels o WHERE o.space = r.space AND o.kind = r.kind AND o.id = r.id AND o.label = ?) = 1`, l)
	}
	switch {
	case q.Prefix == "":
	case few:
		add(` AND r.id IN (SELECT p.id FROM labels p WHERE `+prefixed+`)`, prefixArgs(q)...)
	default:
		add(` AND (SELECT 1 FROM labels p WHERE `+prefixed+` AND p.id = r.id LIMIT 1) = 1`, prefixArgs(q)...)
	}
	add(` ORDER BY `+id+` `+order+` LIMIT ?`, q.Max())
	return collect(ctx, s.db, b.String(), args...)
}

// leading returns the labels of a query, that of the fewest records first, and whether fewer still have the prefix.
func (s *sqlStore) leading(ctx context.Context, q store.Query) (labels []string, few bool, err error) {
	labels = append(labels, q.Labels...)
	if q.Prefix == "" && len(labels) < 2 {
		return labels, false, nil
	}
	least := manyLabels
	count := func(condition string, args ...any) (fewer bool, err error) {
		n := 0
		row := s.db.QueryRow(ctx, `SELECT count(*) FROM (SELECT 1 FROM labels p WHERE `+condition+` LIMIT ?) AS found`, append(args, least)...)
		if err := row.Scan(&n); err != nil {
			return false, err
		}
		fewer = n < least
		least = n
		return fewer, nil
	}
	for i, l := range labels {
		fewer, err := count(`p.space = ? AND p.kind = ? AND p.label = ?`, q.Space, q.Kind, l)
		if err != nil {
			return nil, false, err
		}
		if fewer {
			labels[0], labels[i] = labels[i], labels[0]
		}
	}
	if q.Prefix != "" {
		few, err = count(prefixed, prefixArgs(q)...)
	}
	return labels, few, err
}
