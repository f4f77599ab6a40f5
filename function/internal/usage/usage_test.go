package usage

import (
	"os"
	"runtime"
	"testing"
)

func TestAProcessIsReadWhereTheSystemReportsIt(t *testing.T) {
	used, err := Read(os.Getpid())
	if runtime.GOOS != "linux" {
		if err == nil {
			t.Errorf("got %+v", used)
		}
		return
	}
	if err != nil || used.Now <= 0 || used.Peak < used.Now || used.CPU <= 0 {
		t.Errorf("got %+v, %v", used, err)
	}
	if _, err := Read(-1); err == nil {
		t.Error("a process that does not exist was read")
	}
}

func TestWorkIsCounted(t *testing.T) {
	before, err := Read(os.Getpid())
	if err != nil {
		t.Skip("the system does not report it")
	}
	memory := make([]byte, 64<<20)
	for i := range memory {
		memory[i] = byte(i)
	}
	after, _ := Read(os.Getpid())
	if after.CPU <= before.CPU || after.Peak < before.Now+60<<10 {
		t.Errorf("before %+v, after %+v", before, after)
	}
	runtime.KeepAlive(memory)
}
