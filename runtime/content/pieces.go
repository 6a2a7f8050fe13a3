package content

import "strings"

// parts is a list that is being made and may become long. What is full is put aside, so that a list of megabytes is never
// copied as a whole to make room for more.
type parts[T any] struct {
	out  []T // the part that is made
	full [][]T
	size int // items of full
}

// turn puts the part aside when it has at least so many items.
func (p *parts[T]) turn(many int) {
	if len(p.out) < many {
		return
	}
	p.full, p.size = append(p.full, p.out), p.size+len(p.out)
	p.out = make([]T, 0, many+many/8)
}

// len returns the items that were made.
func (p *parts[T]) len() int { return p.size + len(p.out) }

// join returns the whole list and looks between its parts, unless look is nil; an item takes so many bytes. Nothing is
// left.
func (p *parts[T]) join(look func(bytes int) error, bytes int) ([]T, error) {
	if len(p.full) == 0 {
		return p.out, nil
	}
	whole := make([]T, 0, p.len())
	err := p.each(look, bytes, func(part []T) { whole = append(whole, part...) })
	return whole, err
}

func (p *parts[T]) each(look func(bytes int) error, bytes int, take func(part []T)) error {
	for i, part := range p.full {
		take(part)
		p.full[i] = nil // the memory may be used again
		if look != nil {
			if err := look(bytes * len(part)); err != nil {
				return err
			}
		}
	}
	take(p.out)
	*p = parts[T]{}
	return nil
}

// pieces is a long text.
type pieces struct{ parts[byte] }

// pieceBytes is how long a part is at least, the last one excepted.
const pieceBytes = 256 << 10

// write appends a text.
func (p *pieces) write(s string) {
	for s != "" {
		n := min(len(s), pieceBytes)
		p.out = append(p.out, s[:n]...)
		s = s[n:]
		p.turn(pieceBytes)
	}
}

// text is join for a string.
func (p *pieces) text(look func(bytes int) error) (string, error) {
	var whole strings.Builder
	whole.Grow(p.len())
	err := p.each(look, 1, func(part []byte) { whole.Write(part) })
	return whole.String(), err
}
