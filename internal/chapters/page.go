// Package chapters checks the book: that each chapter has its frame, figure, predictions and answers, that links lead
// somewhere, and that every command and path which the text tells the reader to use exists.
package chapters

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/text"
)

// Fault is one thing that is wrong with the book.
type Fault struct {
	// File is relative to the lab's root, with slashes.
	File string
	// Line counts from one; 0 if the fault has no place.
	Line int
	Text string
}

// String returns the fault as compilers write theirs.
func (f Fault) String() string {
	if f.Line == 0 {
		return f.File + ": " + f.Text
	}
	return fmt.Sprintf("%s:%d: %s", f.File, f.Line, f.Text)
}

// heading is one heading of a page.
type heading struct {
	level int
	title string
	line  int
}

// link is a link or an image.
type link struct {
	to    string
	line  int
	image bool
}

// code is a run of code: a span, or a line of a block.
type code struct {
	text  string
	line  int
	block bool
}

// page is one parsed Markdown file.
type page struct {
	path     string // from the root, with slashes
	lines    []string
	fenced   []bool // by line: inside a code block
	headings []heading
	links    []link
	code     []code
	fences   []string // languages of fenced blocks
	anchors  map[string]bool
}

// anchorTag matches an anchor that a page sets itself.
var anchorTag = regexp.MustCompile(`<a id="([^"]+)">`)

// readPage parses a file.
func readPage(root, path string) (*page, error) {
	src, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(path)))
	if err != nil {
		return nil, err
	}
	return parsePage(path, bytes.ReplaceAll(src, []byte("\r\n"), []byte("\n"))), nil
}

// parsePage takes a Markdown text apart.
func parsePage(path string, src []byte) *page {
	p := &page{path: path, lines: strings.Split(string(src), "\n"), anchors: map[string]bool{}}
	p.fenced = make([]bool, len(p.lines)+1)
	doc := goldmark.New(goldmark.WithExtensions(extension.GFM)).Parser().Parse(text.NewReader(src))
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if entering {
			p.visit(n, src)
		}
		return ast.WalkContinue, nil
	})
	slugs := map[string]int{}
	for _, h := range p.headings {
		slug := slugOf(h.title)
		if n := slugs[slug]; n > 0 {
			p.anchors[fmt.Sprintf("%s-%d", slug, n)] = true
		}
		p.anchors[slug] = true
		slugs[slug]++
	}
	for i, line := range p.lines {
		if !p.fenced[i] {
			for _, m := range anchorTag.FindAllStringSubmatch(line, -1) {
				p.anchors[m[1]] = true
			}
		}
	}
	return p
}

// visit takes what is of interest from one node.
func (p *page) visit(n ast.Node, src []byte) {
	switch n := n.(type) {
	case *ast.Heading:
		p.headings = append(p.headings, heading{n.Level, plain(n, src), lineOf(n, src)})
	case *ast.Link:
		p.links = append(p.links, link{string(n.Destination), lineOf(n, src), false})
	case *ast.Image:
		p.links = append(p.links, link{string(n.Destination), lineOf(n, src), true})
	case *ast.CodeSpan:
		p.code = append(p.code, code{plain(n, src), lineOf(n, src), false})
	case *ast.FencedCodeBlock:
		p.fences = append(p.fences, string(n.Language(src)))
		p.codeLines(n, src)
	case *ast.CodeBlock:
		p.codeLines(n, src)
	}
}

// codeLines takes the lines of a code block.
func (p *page) codeLines(n ast.Node, src []byte) {
	for i := range n.Lines().Len() {
		s := n.Lines().At(i)
		line := 1 + bytes.Count(src[:s.Start], []byte("\n"))
		p.fenced[line-1] = true
		p.code = append(p.code, code{strings.TrimSpace(string(s.Value(src))), line, true})
	}
}

// plain returns the text below a node without its markup.
func plain(n ast.Node, src []byte) string {
	var b strings.Builder
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if !entering {
			return ast.WalkContinue, nil
		}
		switch n := n.(type) {
		case *ast.Text:
			b.Write(n.Segment.Value(src))
			if n.SoftLineBreak() {
				b.WriteByte(' ')
			}
		case *ast.String:
			b.Write(n.Value)
		}
		return ast.WalkContinue, nil
	})
	return b.String()
}

// lineOf returns the line on which a node's text begins: that of its first text, or of the block that it stands in.
func lineOf(n ast.Node, src []byte) int {
	at := -1
	_ = ast.Walk(n, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		if t, ok := n.(*ast.Text); ok && entering && at < 0 {
			at = t.Segment.Start
		}
		return ast.WalkContinue, nil
	})
	for ; n != nil && at < 0; n = n.Parent() {
		if n.Type() == ast.TypeBlock && n.Lines().Len() > 0 {
			at = n.Lines().At(0).Start
		}
	}
	return 1 + bytes.Count(src[:max(at, 0)], []byte("\n"))
}

// slugOf returns the anchor that a forge gives a heading: small letters, digits and dashes.
func slugOf(title string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(title) {
		switch {
		case unicode.IsLetter(r) || unicode.IsDigit(r) || r == '-' || r == '_':
			b.WriteRune(r)
		case r == ' ':
			b.WriteByte('-')
		}
	}
	return b.String()
}

// section returns the lines [from, to) below a heading, as indexes, up to the next heading of its level or above.
func (p *page) section(h heading) (from, to int) {
	to = len(p.lines)
	for _, next := range p.headings {
		if next.line > h.line && next.level <= h.level {
			to = next.line - 1
			break
		}
	}
	return h.line, to
}

// find returns the heading with a level and a title.
func (p *page) find(level int, title string) (heading, bool) {
	for _, h := range p.headings {
		if h.level == level && h.title == title {
			return h, true
		}
	}
	return heading{}, false
}

// fault returns a fault of the page.
func (p *page) fault(line int, format string, args ...any) Fault {
	return Fault{p.path, line, fmt.Sprintf(format, args...)}
}
