package jshost

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/imlc-lang/imlc/internal/limit"
	"github.com/imlc-lang/imlc/vm/builtin"
	"github.com/imlc-lang/imlc/vm/script"
	"github.com/imlc-lang/imlc/vm/value"
	"github.com/imlc-lang/imlc/vm/value/codec"
)

// message is what a Subprocess and the process of a script say to each other: JSON behind its length, values in their
// binary form. A process is told its limits once, and says that it is ready. Then it gets calls; of each it asks for
// what only the caller has, one thing at a time, and ends with a result.
type message struct {
	Kind kind

	Limits *Limits      `json:",omitempty"`
	Call   *callMessage `json:",omitempty"`

	// Of invoke: the function, its arguments as one list, and which of them are given. Of print: the level and the text.
	// Of entropy: how many bytes. Of an answer: what came of it.
	Name    string          `json:",omitempty"`
	Text    string          `json:",omitempty"`
	Value   []byte          `json:",omitempty"`
	Given   uint64          `json:",omitempty"`
	Count   int             `json:",omitempty"`
	Request *requestMessage `json:",omitempty"`
	Answer  *answerMessage  `json:",omitempty"`
	Failed  *failedMessage  `json:",omitempty"`
}

type kind string

const (
	kindLimits  kind = "limits"
	kindReady   kind = "ready"
	kindCall    kind = "call"
	kindInvoke  kind = "invoke"
	kindSend    kind = "send"
	kindPrint   kind = "print"
	kindEntropy kind = "entropy"
	kindAnswer  kind = "answer"
	kindResult  kind = "result"
)

// callMessage is a call. The process keeps programs by their key, and is sent one with the first call only.
type callMessage struct {
	Name, Key string
	Program   *programMessage `json:",omitempty"`
	// Functions, Entropy, Send and Console say what the world of the script has.
	Functions, Entropy, Send, Console bool
	Now                               int64
}

type programMessage struct {
	Entry, Library string
	Modules        []script.Module
	MaxSource      int
}

type requestMessage struct {
	Method, URL, BodyType string
	Connection            bool
	// Values are the query, the headers, the body and the credentials, undefined for those that are not there.
	Values []byte
}

type answerMessage struct {
	Status  int
	Text    string
	Values  []byte // headers and data
	Failure *script.Failure
}

// failedMessage is an error. One that the caller keeps to itself has the type stopped.
type failedMessage struct {
	Type    string
	Script  *script.Error  `json:",omitempty"`
	Limit   *limit.Error   `json:",omitempty"`
	Builtin *builtin.Error `json:",omitempty"`
	Message string         `json:",omitempty"`
}

// errStopped stands in the process of a script for an error of its caller, which ends the script.
var errStopped = errors.New("the caller ended the script")

const typeStopped = "stopped"

// failed writes an error down; nil for none.
func failed(err error) *failedMessage {
	var (
		own     *script.Error
		reached *limit.Error
		wrong   *builtin.Error
	)
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errStopped):
		return &failedMessage{Type: typeStopped}
	case errors.As(err, &own):
		return &failedMessage{Script: own}
	case errors.As(err, &reached):
		return &failedMessage{Limit: reached}
	case errors.As(err, &wrong):
		return &failedMessage{Builtin: &builtin.Error{Code: wrong.Code, Type: wrong.Type, Arg: wrong.Arg, Message: wrong.Message, ID: wrong.ID, Args: wrong.Args}}
	}
	return &failedMessage{Message: err.Error()}
}

// error reads what failed wrote.
func (f *failedMessage) error() error {
	switch {
	case f == nil:
		return nil
	case f.Type == typeStopped:
		return errStopped
	case f.Script != nil:
		return f.Script
	case f.Limit != nil:
		return f.Limit
	case f.Builtin != nil:
		return f.Builtin
	}
	return errors.New(f.Message)
}

// maxMessage bounds what is read of one message; nested how deep its values are.
const (
	maxMessage = 64 << 20
	nested     = 1000
)

func (m *message) write(w io.Writer) error {
	text, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if len(text) > maxMessage {
		return fmt.Errorf("a message of %d bytes is too long", len(text))
	}
	_, err = w.Write(append(binary.LittleEndian.AppendUint32(nil, uint32(len(text))), text...))
	return err
}

func readMessage(r io.Reader) (*message, error) {
	var size [4]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return nil, err
	}
	n := binary.LittleEndian.Uint32(size[:])
	if n > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes is too long", n)
	}
	var text bytes.Buffer // grows with what is there
	if _, err := io.CopyN(&text, r, int64(n)); err != nil {
		return nil, err
	}
	m := &message{}
	return m, json.Unmarshal(text.Bytes(), m)
}

// packed writes values as one list.
func packed(values ...value.Value) []byte { return codec.Append(nil, value.Array(values)) }

// unpacked reads a list that packed wrote, of n values unless n is negative.
func unpacked(b []byte, n int) ([]value.Value, error) {
	v, used, err := codec.Read(string(b), &codec.Rules{Nesting: nested, Marks: true, Undefined: true})
	switch {
	case err != nil:
		return nil, err
	case used != len(b) || v.Kind() != value.KindArray || n >= 0 && len(v.Items()) != n:
		return nil, errors.New("a message has other values than its kind")
	}
	return v.Items(), nil
}

// object is an object as a value, undefined for nil.
func object(o *value.Object) value.Value {
	if o == nil {
		return value.Undefined
	}
	return value.Collection(o)
}
