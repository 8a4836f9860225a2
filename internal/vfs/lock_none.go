//go:build !(darwin || dragonfly || freebsd || illumos || linux || netbsd || openbsd || windows)

package vfs

import (
	"errors"
	"os"
)

// lockFile refuses: this system has no lock that ends with its process.
func lockFile(*os.File) error { return errors.ErrUnsupported }
