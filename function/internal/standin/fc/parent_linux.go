package fc

import "syscall"

// diesWithParent has the kernel kill the process when the one that started it
// is gone, however that ended: Close may never be reached.
func diesWithParent() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
