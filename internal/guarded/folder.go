// Package guarded reads the folders of strangers: no link leads out of them, and nothing is opened that is no regular file
// of bounded size.
package guarded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// MaxFile is the size of the largest file of a spec, in bytes.
const MaxFile = 1 << 20

var errTooLarge = fmt.Errorf("larger than %d MiB", MaxFile>>20)

// Folder is the file system in which a spec lies, for its loader. Names are relative to Top.
//
// The folder that the user named is the border: a link in it that leads out of it is refused. What lies beside it, such
// as the common files of its project, can be read as well, but no link there leads out of the folder that holds both.
// Files that are no regular files, and those of more than MaxFile bytes, are refused before they are read.
type Folder struct {
	// Top is the folder of the operating system that names start from: "." or the root of a volume.
	Top string
	// Name is the path that the user named, for the loader.
	Name string

	given string // as the user wrote it
	base  string // Name, or its folder when it is a file
}

var (
	_ fs.ReadDirFS = (*Folder)(nil)
	_ fs.StatFS    = (*Folder)(nil)
)

// Open returns the file system for a path that the user named, a file or a folder. The path itself may be a link.
func Open(given string) (*Folder, error) {
	s := &Folder{Top: ".", given: given, Name: filepath.ToSlash(filepath.Clean(given))}
	if !filepath.IsLocal(given) {
		abs, err := filepath.Abs(given)
		if err != nil {
			return nil, err
		}
		s.Top = filepath.VolumeName(abs) + string(filepath.Separator)
		s.Name = strings.TrimPrefix(filepath.ToSlash(abs[len(s.Top):]), "/")
		if s.Name == "" {
			s.Name = "."
		}
	}
	info, err := os.Stat(given)
	if err != nil {
		return nil, err
	}
	s.base = s.Name
	if !info.IsDir() {
		if err := readable(info); err != nil {
			return nil, err
		}
		s.base = path.Dir(s.Name)
	}
	return s, nil
}

// In returns the file system of a folder. Names are relative to it, and it is the border.
func In(folder string) *Folder {
	return &Folder{Top: folder, Name: ".", given: folder, base: "."}
}

// UserName returns a name as the user would write it: relative to the working directory, unless the path was given
// otherwise.
func (s *Folder) UserName(name string) string {
	if s.Top == "." {
		return name
	}
	full := filepath.Join(s.Top, filepath.FromSlash(name))
	if !filepath.IsAbs(s.given) {
		if wd, err := os.Getwd(); err == nil {
			if rel, err := filepath.Rel(wd, full); err == nil {
				full = rel
			}
		}
	}
	return filepath.ToSlash(full)
}

// place is where a name lies, with the calls that reach it there.
type place struct {
	osName      string // what the calls take
	border      string // the folder that links may not leave, as the user would name it
	stat, lstat func(string) (fs.FileInfo, error)
	openFile    func(string, int, fs.FileMode) (*os.File, error)
}

// at calls f with the place of a name.
func (s *Folder) at(op, name string, f func(place) error) error {
	if !fs.ValidPath(name) {
		return &fs.PathError{Op: op, Path: name, Err: fs.ErrInvalid}
	}
	folder := common(s.base, name)
	p := place{border: s.UserName(folder), osName: filepath.FromSlash(within(folder, name))}
	err := func() error {
		if name == s.Name {
			p.osName, p.stat, p.lstat, p.openFile = filepath.Join(s.Top, filepath.FromSlash(name)), os.Stat, os.Lstat, os.OpenFile
			return f(p)
		}
		root, err := os.OpenRoot(filepath.Join(s.Top, filepath.FromSlash(folder)))
		if err != nil {
			return err
		}
		defer root.Close()
		p.stat, p.lstat, p.openFile = root.Stat, root.Lstat, root.OpenFile
		return f(p)
	}()
	if err != nil {
		return &fs.PathError{Op: op, Path: name, Err: p.cause(err)}
	}
	return nil
}

// cause returns what is wrong without the name. Root has no error of its own for a link that leads out of it, but it is
// the one error that does not come from the operating system.
func (p place) cause(err error) error {
	var path *fs.PathError
	if !errors.As(err, &path) {
		return err
	}
	var code syscall.Errno
	if !errors.As(err, &code) {
		return errors.New("is a link that leads out of " + p.border)
	}
	return path.Err
}

// Open implements fs.FS. It opens what may be read: a folder, or a regular file of bounded size.
func (s *Folder) Open(name string) (file fs.File, err error) {
	err = s.at("open", name, func(p place) error {
		file, err = p.open()
		return err
	})
	if err != nil {
		return nil, err
	}
	return file, nil
}

// open looks before it opens, as opening a device can do something, and again afterwards, as the name may by then lead
// elsewhere; it never waits for the writer of a pipe.
func (p place) open() (fs.File, error) {
	info, err := p.stat(p.osName)
	if err == nil {
		err = readable(info)
	}
	if err != nil {
		return nil, err
	}
	f, err := p.openFile(p.osName, os.O_RDONLY|syscall.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil {
		err = readable(info)
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	if info.IsDir() {
		return f, nil
	}
	return &bounded{File: f, left: MaxFile}, nil
}

// Stat implements fs.StatFS. A link that leads out of the border is described itself, so that whoever looks for the
// file then learns why it cannot be read.
func (s *Folder) Stat(name string) (info fs.FileInfo, err error) {
	err = s.at("stat", name, func(p place) error {
		if info, err = p.stat(p.osName); err != nil {
			if link, e := p.lstat(p.osName); e == nil && link.Mode().Type() == fs.ModeSymlink && !errors.Is(err, fs.ErrNotExist) {
				info, err = link, nil
			}
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	return info, nil
}

// ReadDir implements fs.ReadDirFS.
func (s *Folder) ReadDir(name string) ([]fs.DirEntry, error) {
	f, err := s.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	dir, ok := f.(fs.ReadDirFile)
	if !ok {
		return nil, &fs.PathError{Op: "readdir", Path: name, Err: errors.New("is no folder")}
	}
	entries, err := dir.ReadDir(-1)
	slices.SortFunc(entries, func(a, b fs.DirEntry) int { return strings.Compare(a.Name(), b.Name()) })
	return entries, err
}

// readable refuses what is neither a folder nor a regular file of bounded size.
func readable(info fs.FileInfo) error {
	switch {
	case info.IsDir():
		return nil
	case !info.Mode().IsRegular():
		return errors.New("is no regular file")
	case info.Size() > MaxFile:
		return errTooLarge
	}
	return nil
}

// bounded is a file that may grow while it is read, but not beyond the limit.
type bounded struct {
	fs.File
	left int64
}

// Read implements fs.File.
func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.File.Read(p[:min(int64(len(p)), b.left+1)])
	if b.left -= int64(n); b.left < 0 {
		return 0, errTooLarge
	}
	return n, err
}

// common returns the deepest folder that holds both names.
func common(a, b string) string {
	for a != "." && b != a && !strings.HasPrefix(b, a+"/") {
		a = path.Dir(a)
	}
	return a
}

// within returns a name relative to a folder that holds it.
func within(folder, name string) string {
	if folder == "." {
		return name
	}
	if name == folder {
		return "."
	}
	return strings.TrimPrefix(name, folder+"/")
}
