//go:build mage

// The lab's commands. Each is a few lines here and a package of its own under internal, with tests of its own.
package main

// Aliases are the hyphenated names under which README and book know some commands.
var Aliases = map[string]any{
	"copy-test": CopyTest,
}
