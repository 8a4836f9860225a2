// Package draw is what the programs of package show share: how to begin, and how to set bytes.
package draw

import (
	"fmt"
	"os"

	"lsmlab/internal/kv"
)

// Main runs a picture and ends the program with its error, if there is one.
func Main(picture func() error) {
	if err := picture(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// Title prints a heading.
func Title(format string, args ...any) {
	fmt.Printf("\n"+format+"\n\n", args...)
}

// Version returns how a found version reads: its value, "deleted", or "nothing".
func Version(value []byte, kind kv.Kind, found bool) string {
	switch {
	case !found:
		return "nothing"
	case kind == kv.KindDelete:
		return "deleted"
	}
	return fmt.Sprintf("%q", value)
}

// Field prints one field of a format: where it begins, its bytes, at most 16 of them, and what they mean.
func Field(at int, bytes []byte, meaning string, args ...any) {
	hex := fmt.Sprintf("% x", bytes[:min(len(bytes), 16)])
	if len(bytes) > 16 {
		hex += " …"
	}
	fmt.Printf("  %4d  %-49s %s\n", at, hex, fmt.Sprintf(meaning, args...))
}

// Count returns a number of things, whose plural ends in s, for people.
func Count(n int64, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// Bytes returns a number of bytes for people.
func Bytes(n int64) string {
	switch {
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}
