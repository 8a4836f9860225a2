// Package sitebook serves and builds the book as a site, with VitePress, which npm brings. The book's files are plain
// Markdown and read well without it; so it is a convenience, and the lab works without Node.
package sitebook

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
)

// ErrNoNode is returned, wrapped, where Node is not installed.
var ErrNoNode = errors.New("no Node on this machine")

// Serve installs what is needed, if it is not there, and serves the book until ctx ends.
func Serve(ctx context.Context, w io.Writer, root string) error {
	if err := install(ctx, w, root); err != nil {
		return err
	}
	err := npm(ctx, w, root, "run", "--silent", "dev")
	if ctx.Err() != nil {
		return nil // the learner has seen enough
	}
	return err
}

// Build installs what is needed, if it is not there, and builds the site into book/.vitepress/dist. A link that leads
// nowhere is an error.
func Build(ctx context.Context, w io.Writer, root string) error {
	if err := install(ctx, w, root); err != nil {
		return err
	}
	return npm(ctx, w, root, "run", "--silent", "build")
}

// Available reports whether there is Node, so that the site can be built.
func Available() bool {
	_, node := exec.LookPath("node")
	_, npm := exec.LookPath("npm")
	return node == nil && npm == nil
}

// install brings VitePress into book/node_modules, as book/package-lock.json says, unless it is there.
func install(ctx context.Context, w io.Writer, root string) error {
	if !Available() {
		return fmt.Errorf("%w, so the book cannot be served as a site. You lose little: its files read well in an editor or on a forge. "+
			"Begin with book/README.md", ErrNoNode)
	}
	if upToDate(filepath.Join(root, "book")) {
		return nil
	}
	fmt.Fprintln(w, "Bringing VitePress into book/node_modules; this happens once …")
	return npm(ctx, w, root, "ci", "--no-audit", "--no-fund", "--loglevel=error")
}

// upToDate reports whether what npm installed last is not older than the lock file.
func upToDate(book string) bool {
	lock, err := os.Stat(filepath.Join(book, "package-lock.json"))
	if err != nil {
		return false
	}
	have, err := os.Stat(filepath.Join(book, "node_modules", ".package-lock.json"))
	return err == nil && !have.ModTime().Before(lock.ModTime())
}

// npm runs npm in the book's directory.
func npm(ctx context.Context, w io.Writer, root string, args ...string) error {
	cmd := exec.CommandContext(ctx, "npm", args...)
	cmd.Dir = filepath.Join(root, "book")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, w, w
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("npm %s: %w", args[0], err)
	}
	return nil
}
