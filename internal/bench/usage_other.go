//go:build !linux

package bench

import "time"

// What only Linux tells is zero elsewhere, and not shown.

func syncDisks()                   {}
func processorTime() time.Duration { return 0 }
func bytesWritten() int64          { return 0 }
func forgetPeak()                  {}
func peakMemory() int64            { return 0 }
