package main_test

import (
	"bytes"
	"encoding/binary"
	"os"
	"strconv"
	"syscall"
	"testing"
)

// fuse mounts a read-only file system with one file at dir. fstype is its type, such as
// "fuse.sshfs". It implements the part of the kernel's protocol, version 7.31, that a reader needs.
func fuse(t *testing.T, dir, fstype, name string, content []byte) {
	t.Helper()
	device, err := syscall.Open("/dev/fuse", syscall.O_RDWR|syscall.O_CLOEXEC, 0)
	if err != nil {
		t.Skipf("mounting needs /dev/fuse: %v", err)
	}
	ended := make(chan struct{})
	t.Cleanup(func() { // after the unmount, which ends the loop
		<-ended
		syscall.Close(device)
	})
	mount(t, "host:/home", dir, fstype, syscall.MS_NODEV|syscall.MS_NOSUID,
		"fd="+strconv.Itoa(device)+",rootmode=40000,user_id=0,group_id=0")
	go func() {
		defer close(ended)
		fuseFile{name, content}.serve(device)
	}()
}

type fuseFile struct {
	name    string
	content []byte
}

type fuseRequest struct {
	Length, Opcode          uint32
	Unique, Node            uint64
	UID, GID, PID, Reserved uint32
}

type fuseAttributes struct {
	Inode, Size, Blocks, Accessed, Modified, Changed uint64
	AccessedNanos, ModifiedNanos, ChangedNanos       uint32
	Mode, Links, UID, GID, Device, BlockSize, Flags  uint32
}

const (
	fuseRoot = 1
	fuseNode = 2
)

func (f fuseFile) serve(device int) {
	buffer := make([]byte, 1<<20)
	for {
		n, err := syscall.Read(device, buffer)
		if err == syscall.EINTR || err == syscall.ENOENT {
			continue
		}
		if err != nil {
			return
		}
		var request fuseRequest
		body := bytes.NewReader(buffer[:n])
		if binary.Read(body, binary.NativeEndian, &request) != nil {
			return
		}
		answer, failure, silent := f.answer(request, buffer[n-body.Len():n])
		if silent {
			continue
		}
		out := encode(uint32(16+len(answer)), -int32(failure), request.Unique)
		_, _ = syscall.Write(device, append(out, answer...))
	}
}

func encode(values ...any) (b []byte) {
	for _, v := range values {
		b, _ = binary.Append(b, binary.NativeEndian, v)
	}
	return b
}

// answer answers a request. The numbers are from linux/fuse.h.
func (f fuseFile) answer(r fuseRequest, body []byte) (answer []byte, failure syscall.Errno, silent bool) {
	switch r.Opcode {
	case 2, 42, 36: // FORGET, BATCH_FORGET, INTERRUPT
		return nil, 0, true
	case 26: // INIT
		return encode([]uint32{7, 31, 0, 0, 0, 1 << 16, 1, 0}, [8]uint32{}), 0, false
	case 1: // LOOKUP
		if string(bytes.TrimRight(body, "\x00")) != f.name {
			return nil, syscall.ENOENT, false
		}
		return encode(uint64(fuseNode), [4]uint64{}, f.attributes(fuseNode)), 0, false
	case 3: // GETATTR
		return encode([2]uint64{}, f.attributes(r.Node)), 0, false
	case 14, 27: // OPEN, OPENDIR
		return encode([2]uint64{}), 0, false
	case 15: // READ
		offset := min(int(binary.NativeEndian.Uint64(body[8:])), len(f.content))
		size := int(binary.NativeEndian.Uint32(body[16:]))
		return f.content[offset:min(offset+size, len(f.content))], 0, false
	case 28: // READDIR
		if binary.NativeEndian.Uint64(body[8:]) > 0 {
			return nil, 0, false
		}
		entry := encode(uint64(fuseNode), uint64(1), uint32(len(f.name)), uint32(syscall.DT_REG), []byte(f.name))
		return append(entry, make([]byte, (8-len(entry)%8)%8)...), 0, false
	case 17: // STATFS
		blocks := []uint64{1 << 20, 1 << 20, 1 << 20, 1 << 20, 1 << 20}
		return encode(blocks, []uint32{4096, 255, 4096, 0}, [6]uint32{}), 0, false
	case 18, 25, 29, 34, 38: // RELEASE, FLUSH, RELEASEDIR, ACCESS, DESTROY
		return nil, 0, false
	default:
		return nil, syscall.ENOSYS, false
	}
}

func (f fuseFile) attributes(node uint64) fuseAttributes {
	a := fuseAttributes{Inode: node, Mode: syscall.S_IFDIR | 0o700, Links: 2, BlockSize: 4096}
	if node == fuseNode {
		a.Mode, a.Links, a.Size = syscall.S_IFREG|0o600, 1, uint64(len(f.content))
	}
	return a
}

// Whether locks of a file system in user space reach the server depends on its program. Those of
// sshfs do not.
func TestDoctorRecognizesANetworkFileSystem(t *testing.T) {
	for fstype, want := range map[string]finding{
		"fuse.sshfs": {
			Severity: "warning", Certainty: "likely",
			What: "(fuse.sshfs) that other machines may use, and they do not see its lock",
		},
		"fuse.something": {
			Severity: "warning", Certainty: "possible", What: "(fuse.something) that other machines may use",
		},
		"fuse.encfs": {Severity: "ok", Certainty: "certain", What: "on a local file system (fuse.encfs)"},
	} {
		t.Run(fstype, func(t *testing.T) {
			s := save(t, rotating(t, 0), 0)
			content, err := os.ReadFile(s.path)
			if err != nil {
				t.Fatal(err)
			}
			dir := t.TempDir()
			fuse(t, dir, fstype, "token.json", content)
			s.path = dir + "/token.json"
			s.wantFinding("file-system", want.Severity, 0, want.What)
			findings, _ := s.diagnose()
			for _, f := range findings {
				if f.Check == "file-system" && f.Certainty != want.Certainty {
					t.Errorf("it is %s, want %s", f.Certainty, want.Certainty)
				}
			}
		})
	}
}
