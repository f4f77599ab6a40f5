//go:build !linux

package fc

import "syscall"

// diesWithParent is a wish that only Linux grants: elsewhere a process that
// Close did not reach is left behind.
func diesWithParent() *syscall.SysProcAttr { return nil }
