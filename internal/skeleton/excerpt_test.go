package skeleton_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
)

// excerptLab is a lab with regions of every kind.
const excerptLab = `
-- internal/kv/key.go --
package kv

// #region seq
// Seq counts.
type Seq uint64

// #endregion
-- solution/week1/block/x.go --
//lab:day 1.3

package block

// #region all

// F is a task.
//
//lab:todo 1 blocks#f
//lab:hint H.
func F(n int) int {
	// #region body
	for n > 0 {
		// #region inner
		n--
		// #endregion

		n++
	}

	return n
	// #endregion
}

// #endregion

// #region empty
// #endregion
`

// A region is shown at the left margin, without markers or directives.
func TestExcerpt(t *testing.T) {
	s := load(t, lay(t, excerptLab))
	for _, test := range []struct{ path, region, want string }{
		{"week1/block/x.go", "all", "// F is a task.\nfunc F(n int) int {\n\tfor n > 0 {\n\t\tn--\n\n\t\tn++\n\t}\n\n\treturn n\n}\n"},
		{"week1/block/x.go", "body", "for n > 0 {\n\tn--\n\n\tn++\n}\n\nreturn n\n"},
		{"week1/block/x.go", "inner", "n--\n"},
		{"week1/block/x.go", "empty", ""},
		{"internal/kv/key.go", "seq", "// Seq counts.\ntype Seq uint64\n"},
	} {
		got, err := s.Excerpt(test.path, test.region)
		require.NoError(t, err)
		if diff := cmp.Diff(test.want, string(got)); diff != "" {
			t.Errorf("%s#%s (-want +got)\n%s", test.path, test.region, diff)
		}
	}
	for path, want := range map[string]string{
		"week1/block/x.go":   `week1/block/x.go has no region "nope"`,
		"week1/block/y.go":   "there is no solution/week1/block/y.go",
		"internal/kv/seq.go": "there is no internal/kv/seq.go",
		"../secrets.go":      "there is no solution/../secrets.go",
	} {
		_, err := s.Excerpt(path, "nope")
		require.EqualError(t, err, want)
	}
}

// Generating fills the fence below each mark, whatever is in it, and leaves the rest of the page as it is: fences without
// a mark, marks that are shown as an example, indented ones.
func TestGenerate_FillsExcerpts(t *testing.T) {
	root := lay(t, excerptLab)
	put(t, root, "book/week1/page.md", lines(
		"# Page", "",
		"<!-- excerpt: week1/block/x.go#inner -->", "```go", "old", "older", "```", "",
		"- a list", "",
		"  <!-- excerpt: week1/block/x.go#body -->", "  ```go", "  ```", "",
		"```go", "untouched()", "```", "",
		"````markdown", "<!-- excerpt: week1/block/x.go#inner -->", "```go", "example()", "```", "````",
	))
	require.Contains(t, generate(t, root, false), "wrote book/week1/page.md")
	want := lines(
		"# Page", "",
		"<!-- excerpt: week1/block/x.go#inner -->", "```go", "n--", "```", "",
		"- a list", "",
		"  <!-- excerpt: week1/block/x.go#body -->", "  ```go", "  for n > 0 {", "  \tn--", "", "  \tn++", "  }", "", "  return n", "  ```", "",
		"```go", "untouched()", "```", "",
		"````markdown", "<!-- excerpt: week1/block/x.go#inner -->", "```go", "example()", "```", "````",
	)
	if diff := cmp.Diff(want, get(t, root, "book/week1/page.md")); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	require.Empty(t, generate(t, root, false))
}

// A mark that cannot be filled is an error at its line, and then nothing is written.
func TestGenerate_ReportsBadMarks(t *testing.T) {
	for _, test := range []struct{ page, want string }{
		{"\n<!-- excerpt: week1/block/x.go#nope -->\n```go\n```\n", `book/p.md:2: week1/block/x.go has no region "nope"`},
		{"<!-- excerpt: week1/block/y.go#all -->\n```go\n```\n", "book/p.md:1: there is no solution/week1/block/y.go"},
		{"<!-- excerpt: week1/block/x.go#all -->\n\n```go\n```\n",
			"book/p.md:1: an excerpt's mark stands directly above a ```go fence that is closed by ```"},
		{"<!-- excerpt: week1/block/x.go#all -->\n```go\nnever closed\n",
			"book/p.md:1: an excerpt's mark stands directly above a ```go fence that is closed by ```"},
		{"<!-- excerpt: week1/block/x.go#all -->\n```\n```\n",
			"book/p.md:1: an excerpt's mark stands directly above a ```go fence that is closed by ```"},
		{"<!-- excerpt: week1/block/x.go -->\n", "book/p.md:1: write <!-- excerpt: week1/package/file.go#region -->"},
	} {
		root := lay(t, excerptLab)
		put(t, root, "book/p.md", test.page)
		_, err := load(t, root).Generate(false)
		require.EqualError(t, err, test.want)
		require.NoFileExists(t, root+"/week1/block/x.go")
	}
}
