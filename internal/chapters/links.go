package chapters

import (
	"net/url"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// checkLinks makes sure that relative links lead to files, and their fragments to anchors. get returns other pages.
func checkLinks(root string, p *page, get func(path string) *page) (faults []Fault) {
	for _, l := range p.links {
		u, err := url.Parse(l.to)
		if err != nil {
			faults = append(faults, p.fault(l.line, "not a link: %s", l.to))
			continue
		}
		if u.Scheme != "" || u.Host != "" {
			continue // the world outside changes without us
		}
		target := p.path
		if u.Path != "" {
			if path.IsAbs(u.Path) {
				faults = append(faults, p.fault(l.line, "a link is relative to its file: %s", l.to))
				continue
			}
			target = path.Join(path.Dir(p.path), u.Path)
		}
		if _, err := os.Stat(filepath.Join(root, filepath.FromSlash(target))); err != nil || strings.HasPrefix(target, "..") {
			faults = append(faults, p.fault(l.line, "the link %s leads nowhere", l.to))
			continue
		}
		if u.Fragment == "" || !strings.HasSuffix(target, ".md") {
			continue
		}
		if other := get(target); other == nil || !other.anchors[u.Fragment] {
			faults = append(faults, p.fault(l.line, "%s has no anchor %q", target, u.Fragment))
		}
	}
	return faults
}
