// Command bare is a floor of the benchmarks: the runtime's SDK and a handler that does nothing.
package main

import (
	"context"

	"github.com/aliyun/fc-runtime-go-sdk/fc"
)

func main() {
	fc.Start(func(context.Context, []byte) ([]byte, error) { return nil, nil })
}
