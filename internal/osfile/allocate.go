package osfile

import "os"

// writeZeros extends f to size. Its content stays.
func writeZeros(f *os.File, size int64) error {
	info, err := f.Stat()
	if err != nil || info.Size() >= size {
		return err
	}
	_, err = f.WriteAt(make([]byte, size-info.Size()), info.Size())
	return err
}
