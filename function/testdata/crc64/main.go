// Command crc64 prints the checksum that Function Compute tells of a zip.
package main

import (
	"fmt"
	"hash/crc64"
	"os"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(crc64.Checksum(text, crc64.MakeTable(crc64.ECMA)))
}
