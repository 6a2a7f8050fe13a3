package files

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/imlc-lang/imlc/internal/guarded"
)

// System is a file system as commands use it. Names are those of the user. Implementations are safe for concurrent use.
type System interface {
	// Read returns the content of a file, of at most limit bytes, unless ctx ends before.
	Read(ctx context.Context, name string, limit int64) ([]byte, error)
	// Open opens a file of any length, to be read from its beginning to its end.
	Open(name string) (io.ReadCloser, error)
	// Stat describes what a name leads to.
	Stat(name string) (fs.FileInfo, error)
	// Create opens an output. A new file gets the permissions of mode that the umask leaves.
	Create(name string, mode fs.FileMode) (Output, error)
	// WritePrivate writes a file, as a whole, that the user alone may read. A link is replaced, not followed.
	WritePrivate(name string, data []byte) error
	// CreatePrivate is WritePrivate for a file that must not exist; the error is fs.ErrExist when it does.
	CreatePrivate(name string, data []byte) error
	// MkdirPrivate makes a folder that the user alone may enter, and those above it, where they are missing.
	MkdirPrivate(name string) error
	// Complete returns the names that begin with prefix, those of folders with a separator at the end.
	Complete(prefix string) []string
	// Spec opens the folder of a spec.
	Spec(name string) (Tree, error)
	// Remove removes a file. Of several that remove it at once one gets no error.
	Remove(name string) error
}

// Tree is the file system in which a spec lies.
type Tree struct {
	FS fs.FS
	// Name is the path that the user named, as FS knows it.
	Name string
	// UserName turns a name of FS into what the user would write.
	UserName func(string) string
}

// Output is a file that is being written. What was there before stays until Commit.
type Output interface {
	io.Writer
	// Commit makes what was written the content of the file.
	Commit() error
	// Discard gives up. It does nothing after Commit.
	Discard()
}

// Error says why a file cannot be used.
type Error struct {
	Name string
	// Action is what failed: "read" or "written".
	Action string
	Err    error
}

// Error implements error.
func (e *Error) Error() string { return fmt.Sprintf("%s: cannot be %s: %v", e.Name, e.Action, e.Err) }

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// Unreadable returns the error of a file that cannot be read. Of an error that names the file again only the cause is
// kept.
func Unreadable(name string, err error) error { return failed(name, "read", err) }

// Unwritable is Unreadable for writing.
func Unwritable(name string, err error) error { return failed(name, "written", err) }

func failed(name, action string, err error) error {
	var path *fs.PathError
	if errors.As(err, &path) {
		err = path.Err
	}
	var link *os.LinkError
	if errors.As(err, &link) {
		err = link.Err
	}
	return &Error{name, action, err}
}

// Write writes a file as a whole.
func Write(s System, name string, data []byte, mode fs.FileMode) error {
	out, err := s.Create(name, mode)
	if err != nil {
		return err
	}
	defer out.Discard()
	if _, err := out.Write(data); err != nil {
		return err
	}
	return out.Commit()
}

// Disk is the file system of the machine.
type Disk struct{}

var _ System = Disk{}

// Read implements System. It reads from pipes and devices too, such as /dev/stdin.
func (Disk) Read(ctx context.Context, name string, limit int64) ([]byte, error) {
	type result struct {
		data []byte
		err  error
	}
	done := make(chan result, 1)
	go func() { // opening a pipe waits for its writer, reading it for its words
		f, err := os.Open(name)
		if err != nil {
			done <- result{nil, err}
			return
		}
		defer f.Close()
		data, err := ReadAll(f, limit)
		done <- result{data, err}
	}()
	select {
	case r := <-done:
		if r.err != nil {
			return nil, Unreadable(name, r.err)
		}
		return r.data, nil
	case <-ctx.Done():
		return nil, Unreadable(name, context.Cause(ctx))
	}
}

// Open implements System.
func (Disk) Open(name string) (io.ReadCloser, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, Unreadable(name, err)
	}
	return f, nil
}

// ReadAll reads a stream to its end; one of more than limit bytes is an error.
func ReadAll(r io.Reader, limit int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(data)) > limit {
		return nil, tooLarge(limit)
	}
	return data, err
}

func tooLarge(limit int64) error {
	if limit >= 1<<20 {
		return fmt.Errorf("larger than %d MiB", limit>>20)
	}
	return fmt.Errorf("larger than %d bytes", limit)
}

// Stat implements System.
func (Disk) Stat(name string) (fs.FileInfo, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, Unreadable(name, err)
	}
	return info, nil
}

// Create implements System. A regular file, or none, is replaced by a new one when it is complete; through a link, and
// into a device or pipe, is written at once.
func (Disk) Create(name string, mode fs.FileMode) (Output, error) {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return replace(name, mode, nil)
	case err != nil:
		return nil, Unwritable(name, err)
	case info.Mode().IsRegular():
		return replace(name, mode, info)
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
	if err != nil {
		return nil, Unwritable(name, err)
	}
	return &direct{name, f}, nil
}

// WritePrivate implements System.
func (Disk) WritePrivate(name string, data []byte) error {
	if info, err := os.Lstat(name); err == nil && !info.Mode().IsRegular() && info.Mode().Type() != fs.ModeSymlink {
		return Unwritable(name, errors.New("is no regular file"))
	}
	temp, err := private(name, data)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, name); err != nil {
		os.Remove(temp)
		return Unwritable(name, err)
	}
	return settle(name)
}

// CreatePrivate implements System. The file is there with all that it holds, or not at all, whenever the program ends.
func (Disk) CreatePrivate(name string, data []byte) error {
	temp, err := private(name, data)
	if err != nil {
		return err
	}
	defer os.Remove(temp)
	if err := os.Link(temp, name); err != nil && !errors.Is(err, fs.ErrExist) {
		// The file system knows no links. Here a file is made in two steps, of which the first says whose it is.
		var f *os.File
		if f, err = os.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600); err == nil {
			err = errors.Join(f.Close(), os.Rename(temp, name))
		}
		if err != nil {
			return Unwritable(name, err)
		}
	} else if err != nil {
		return Unwritable(name, err)
	}
	return settle(name)
}

// private writes a new file beside name that nobody else can read, and has the disk keep it.
func private(name string, data []byte) (temp string, err error) {
	out, err := replace(name, 0o600, nil)
	if err != nil {
		return "", err
	}
	if _, err := out.Write(data); err != nil {
		out.Discard()
		return "", err
	}
	if err := errors.Join(out.f.Sync(), out.f.Close()); err != nil {
		out.Discard()
		return "", Unwritable(name, err)
	}
	return out.f.Name(), nil
}

// settle has the disk keep the name of a file. Some systems cannot, where a folder is no file.
func settle(name string) error {
	if dir, err := os.Open(filepath.Dir(name)); err == nil {
		_ = dir.Sync()
		dir.Close()
	}
	return nil
}

// MkdirPrivate implements System.
func (Disk) MkdirPrivate(name string) error {
	if err := os.MkdirAll(name, 0o700); err != nil {
		return Unwritable(name, err)
	}
	return nil
}

// Complete implements System.
func (Disk) Complete(prefix string) []string {
	names, err := filepath.Glob(strings.NewReplacer("*", "\\*", "?", "\\?", "[", "\\[").Replace(prefix) + "*")
	if err != nil {
		return nil
	}
	for i, name := range names {
		if info, err := os.Stat(name); err == nil && info.IsDir() {
			names[i] += string(filepath.Separator)
		}
	}
	return names
}

// Spec implements System; the tree is guarded as type guarded.Folder says.
func (Disk) Spec(name string) (Tree, error) {
	s, err := OpenSpec(name)
	if err != nil {
		return Tree{}, err
	}
	return Tree{FS: s, Name: s.Name, UserName: s.UserName}, nil
}

// MaxSpecFile is the size of the largest file of a spec, in bytes.
const MaxSpecFile = guarded.MaxFile

// OpenSpec returns the file system for a path that the user named, a file or a folder. The path itself may be a link.
func OpenSpec(given string) (*guarded.Folder, error) {
	s, err := guarded.Open(given)
	if err != nil {
		return nil, Unreadable(given, err)
	}
	return s, nil
}

// Remove implements System.
func (Disk) Remove(name string) error {
	if err := os.Remove(name); err != nil {
		return Unwritable(name, err)
	}
	return nil
}

// replacement is a new file that takes the place of another one.
type replacement struct {
	name string
	f    *os.File
	done bool
}

// replace begins a file beside name. It gets the permissions of old, the file that is there, or those of mode that the
// umask leaves.
func replace(name string, mode fs.FileMode, old fs.FileInfo) (*replacement, error) {
	for {
		var random [8]byte
		_, _ = rand.Read(random[:]) // never fails
		temp := filepath.Join(filepath.Dir(name), ".imlc-"+hex.EncodeToString(random[:]))
		f, err := os.OpenFile(temp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, mode)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err == nil && old != nil {
			err = f.Chmod(old.Mode().Perm())
		}
		out := &replacement{name: name, f: f}
		if err != nil {
			out.Discard()
			return nil, Unwritable(name, err)
		}
		return out, nil
	}
}

// Write implements io.Writer.
func (r *replacement) Write(p []byte) (int, error) {
	n, err := r.f.Write(p)
	if err != nil {
		err = Unwritable(r.name, err)
	}
	return n, err
}

// Commit implements Output.
func (r *replacement) Commit() error {
	err := r.f.Close()
	if err == nil {
		err = os.Rename(r.f.Name(), r.name)
	}
	if err != nil {
		r.Discard()
		return Unwritable(r.name, err)
	}
	r.done = true
	return nil
}

// Discard implements Output.
func (r *replacement) Discard() {
	if r.f == nil || r.done {
		return
	}
	r.done = true
	r.f.Close()
	os.Remove(r.f.Name())
}

// direct writes into what is there.
type direct struct {
	name string
	f    *os.File
}

// Write implements io.Writer.
func (d *direct) Write(p []byte) (int, error) {
	n, err := d.f.Write(p)
	if err != nil {
		err = Unwritable(d.name, err)
	}
	return n, err
}

// Commit implements Output.
func (d *direct) Commit() error {
	if err := d.f.Close(); err != nil {
		return Unwritable(d.name, err)
	}
	return nil
}

// Discard implements Output.
func (d *direct) Discard() { d.f.Close() }
