package grade

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"go/parser"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"lsmlab/internal/course"
)

// keys returns, for each package with tests, a digest of everything of the submission that its verdict depends on: its own
// files, and those of the student's packages that it or its tests import, directly or not.
func (b *bench) keys(s *submission) map[string]string {
	byPackage := map[string][]string{}
	for _, rel := range slices.Sorted(maps.Keys(s.files)) {
		byPackage[path.Dir(rel)] = append(byPackage[path.Dir(rel)], rel)
	}
	keys := map[string]string{}
	for _, pkg := range b.packages() {
		needed := map[string]bool{}
		s.need(byPackage, pkg, needed)
		for _, f := range b.files[pkg] {
			for _, imp := range studentImports(f.Data) {
				s.need(byPackage, imp, needed)
			}
		}
		sum := sha256.New()
		fmt.Fprintln(sum, pkg)
		for _, p := range slices.Sorted(maps.Keys(needed)) {
			for _, rel := range byPackage[p] {
				fmt.Fprintf(sum, "%s %d\n", rel, len(s.files[rel]))
				sum.Write(s.files[rel])
			}
		}
		keys[pkg] = hex.EncodeToString(sum.Sum(nil))
	}
	return keys
}

// need adds a package, and all of the student's packages below it, to needed.
func (s *submission) need(byPackage map[string][]string, pkg string, needed map[string]bool) {
	if needed[pkg] {
		return
	}
	needed[pkg] = true
	for _, rel := range byPackage[pkg] {
		for _, imp := range studentImports(s.files[rel]) {
			s.need(byPackage, imp, needed)
		}
	}
}

// studentImports returns the student's packages that a file imports, as paths below the root.
func studentImports(src []byte) []string {
	file, _ := parser.ParseFile(token.NewFileSet(), "", src, parser.ImportsOnly)
	if file == nil {
		return nil
	}
	var pkgs []string
	for _, imp := range file.Imports {
		name, _ := strconv.Unquote(imp.Path.Value)
		if rel, ok := strings.CutPrefix(name, course.Module+"/"); ok && strings.HasPrefix(rel, "week") {
			pkgs = append(pkgs, rel)
		}
	}
	return pkgs
}

// digest returns the digest of all that was taken of a submission.
func (s *submission) digest() string {
	sum := sha256.New()
	for _, rel := range slices.Sorted(maps.Keys(s.files)) {
		fmt.Fprintf(sum, "%s %d\n", rel, len(s.files[rel]))
		sum.Write(s.files[rel])
	}
	return hex.EncodeToString(sum.Sum(nil))
}
