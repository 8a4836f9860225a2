package scheck

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What vet finds in one package is not hidden by what the compiler says of another, and the compiler's errors are no findings.
func TestFindings(t *testing.T) {
	for name, c := range map[string]struct {
		out  string
		want []string
	}{
		"without headings": {"week1/a/x.go:3:1: finding\n", []string{"week1/a/x.go:3:1: finding"}},
		"with two":         {"# lsmlab/week1/a\n# [lsmlab/week1/a]\n./week1/a/x.go:3:1: finding\n", []string{"week1/a/x.go:3:1: finding"}},
		"behind the compiler's": {
			"# lsmlab/week1/b [lsmlab/week1/b.test]\nweek1/b/y.go:1:1: undefined: z\n\thave int\nweek1/a/x.go:3:1: finding\n",
			[]string{"week1/a/x.go:3:1: finding"},
		},
		"of a test package": {"# lsmlab/week1/b_test\nweek1/b/y_test.go:1:1: undefined: z\n", nil},
		"vet's own words":   {"vet: week1/b/y.go:1:1: undefined: z\n", nil},
	} {
		if diff := cmp.Diff(c.want, findings(c.out)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
