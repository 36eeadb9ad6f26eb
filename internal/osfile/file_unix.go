//go:build unix

package osfile

import (
	"errors"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// File is an open file. It makes only the system calls that it is asked for: [os.File] makes two more
// for each file that it opens. The garbage collector does not close it.
type File struct {
	fd   int // -1 when it is closed
	path string
}

// OpenFile is [os.OpenFile] with the restrictions of [Open].
func OpenFile(path string, flags int, mode fs.FileMode) (*File, error) {
	return openAt(unix.AT_FDCWD, path, path, flags|noFollow|nonblock, uint32(mode.Perm()))
}

func openAt(parent int, name, path string, flags int, mode uint32) (*File, error) {
	return newFile(path, func() (int, error) { return unix.Openat(parent, name, flags|unix.O_CLOEXEC, mode) })
}

func newFile(path string, open func() (fd int, err error)) (*File, error) {
	f := &File{path: path}
	err := f.call("open", func() (err error) { f.fd, err = open(); return err })
	if err != nil {
		return nil, err
	}
	return f, nil
}

// Adopt takes over the descriptor of f.
func Adopt(f *os.File) (*File, error) {
	raw, err := f.SyscallConn()
	if err != nil {
		return nil, err
	}
	adopted, dupErr := (*File)(nil), error(nil)
	err = raw.Control(func(fd uintptr) {
		adopted, dupErr = newFile(f.Name(), func() (int, error) { return unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0) })
	})
	if err = errors.Join(err, dupErr); err != nil {
		return nil, err
	}
	return adopted, f.Close()
}

// Release returns f as an [os.File], which has to be closed in its place.
func Release(f *File) *os.File {
	released := os.NewFile(uintptr(f.fd), f.path)
	f.fd = -1
	return released
}

// call makes a system call, and repeats it until it is not interrupted by a signal.
func (f *File) call(op string, call func() error) error {
	if err := retryInterrupted(call); err != nil {
		return &fs.PathError{Op: op, Path: f.path, Err: err}
	}
	return nil
}

func retryInterrupted(call func() error) error {
	for {
		if err := call(); !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// Name returns the path by which the file was opened.
func (f *File) Name() string { return f.path }

// Close closes the file. It returns [fs.ErrClosed] if there is none or it is closed.
func (f *File) Close() error {
	if f == nil || f.fd < 0 {
		return fs.ErrClosed
	}
	fd := f.fd
	f.fd = -1
	return os.NewSyscallError("close", unix.Close(fd)) // not repeated: the descriptor may be another file's
}

// Read implements [io.Reader].
func (f *File) Read(data []byte) (n int, err error) {
	if err = f.call("read", func() (err error) { n, err = unix.Read(f.fd, data); return err }); err != nil {
		return 0, err
	}
	if n == 0 && len(data) > 0 {
		return 0, io.EOF
	}
	return n, nil
}

// ReadAt implements [io.ReaderAt].
func (f *File) ReadAt(data []byte, offset int64) (n int, err error) {
	return f.all(data, io.EOF, func(done int) (int, error) { return unix.Pread(f.fd, data[done:], offset+int64(done)) })
}

// Write implements [io.Writer].
func (f *File) Write(data []byte) (int, error) {
	return f.all(data, io.ErrShortWrite, func(done int) (int, error) { return unix.Write(f.fd, data[done:]) })
}

// WriteAt implements [io.WriterAt].
func (f *File) WriteAt(data []byte, offset int64) (int, error) {
	return f.all(data, io.ErrShortWrite, func(done int) (int, error) {
		return unix.Pwrite(f.fd, data[done:], offset+int64(done))
	})
}

// all calls transfer until all of data is done. atEnd is the error if transfer does nothing.
func (f *File) all(data []byte, atEnd error, transfer func(done int) (int, error)) (done int, err error) {
	for done < len(data) {
		n := 0
		if err := f.call("transfer", func() (err error) { n, err = transfer(done); return err }); err != nil {
			return done, err
		}
		if n <= 0 {
			return done, atEnd
		}
		done += n
	}
	return done, nil
}

// Truncate changes the size of the file.
func (f *File) Truncate(size int64) error {
	return f.call("truncate", func() error { return unix.Ftruncate(f.fd, size) })
}

// Sync makes the content of the file durable.
func (f *File) Sync() error { return f.call("sync", func() error { return fsync(f.fd) }) }

// chmod sets the permissions, including the special ones.
func (f *File) chmod(mode uint32) error {
	return f.call("chmod", func() error { return unix.Fchmod(f.fd, mode&0o7777) })
}
