package fc

import (
	"fmt"
	"hash/crc64"
	"io"
	"os"
	"strconv"
)

// Code gives the checksum of a function's code, as the platform has it (CRC-64/ECMA), and its size in bytes. Here the
// code is the binary, and on the platform the package that it is in.
func Code(binary string) (checksum string, size int64, err error) {
	file, err := os.Open(binary)
	if err != nil {
		return "", 0, fmt.Errorf("reading the function's code: %w", err)
	}
	defer func() { _ = file.Close() }()
	sum := crc64.New(crc64.MakeTable(crc64.ECMA))
	if size, err = io.Copy(sum, file); err != nil {
		return "", 0, fmt.Errorf("reading the function's code: %w", err)
	}
	return strconv.FormatUint(sum.Sum64(), 10), size, nil
}
