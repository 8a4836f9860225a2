// Package vfs is the file system that the engine sees. All of its input and output goes through [FS], so that a test
// can stand where the operating system stands: forget what was not synced, fail, block, or pull the plug.
//
// It is given, and there is one copy of it.
package vfs
