package fc

import (
	"hash/crc64"
	"io"
	"os"
	"strconv"
	"sync"
)

// Code is what callers are told of a function's code.
type Code struct {
	Checksum string // CRC-64/ECMA
	Size     int64  // bytes
}

// ReadCode reads the code when it is asked for the first time, which takes as long as a start. Here the code is the
// binary, and on the platform the package that it is in. Nothing is known of one that cannot be read.
func ReadCode(binary string) func() Code {
	return sync.OnceValue(func() Code {
		file, err := os.Open(binary)
		if err != nil {
			return Code{}
		}
		defer func() { _ = file.Close() }()
		sum := crc64.New(crc64.MakeTable(crc64.ECMA))
		size, err := io.Copy(sum, file)
		if err != nil {
			return Code{}
		}
		return Code{strconv.FormatUint(sum.Sum64(), 10), size}
	})
}
