package bench

import (
	"bytes"
	"fmt"
	"os"
	"syscall"
	"time"
)

// syncDisks returns when the operating system has written everything that was handed to it.
func syncDisks() { syscall.Sync() }

// processorTime returns what this process has used so far.
func processorTime() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bytesWritten returns the bytes that this process has handed to write calls so far.
func bytesWritten() int64 { return field("/proc/self/io", "wchar:") }

// forgetPeak makes peakMemory begin anew.
func forgetPeak() { _ = os.WriteFile("/proc/self/clear_refs", []byte("5"), 0) } // where that is forbidden, peaks only rise

// peakMemory returns the most memory that this process has had since forgetPeak, in bytes.
func peakMemory() int64 { return field("/proc/self/status", "VmHWM:") << 10 }

// field returns the number behind a name in one of the kernel's files, 0 if it is not there.
func field(file, name string) (value int64) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte(name)); ok {
			_, _ = fmt.Sscan(string(rest), &value)
		}
	}
	return value
}
