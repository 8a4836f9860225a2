package scheck

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"time"

	"lsmlab/internal/report"
)

// Results is what earlier checks found, as .lab/results.json keeps it.
type Results struct {
	Days map[string]DayResult     `json:"days"` // by day ID
	Cold map[string]time.Duration `json:"cold"` // how long the first check of a choice of days took
}

// DayResult is how a day stood when it was checked last.
type DayResult struct {
	When   time.Time `json:"when"`
	Tests  int       `json:"tests"`
	Passed int       `json:"passed"`
	Points int       `json:"points"`
	Earned int       `json:"earned"`
	Tree   string    `json:"tree"` // digest of the student's tree
}

// Green reports whether all of the day's tests passed.
func (d DayResult) Green() bool { return d.Passed == d.Tests && d.Tests > 0 }

// resultsFile returns where the results are kept.
func resultsFile(root string) string { return filepath.Join(root, ".lab", "results.json") }

// LoadResults returns what earlier checks found; nothing, if there was none. A damaged file is as good as none: what stood in it
// is worth one more check, and no trouble.
func LoadResults(root string) (Results, error) {
	var r Results
	data, err := os.ReadFile(resultsFile(root))
	if os.IsNotExist(err) {
		err = nil
	} else if err == nil && json.Unmarshal(data, &r) != nil {
		r = Results{}
	}
	if r.Days == nil {
		r.Days = map[string]DayResult{}
	}
	if r.Cold == nil {
		r.Cold = map[string]time.Duration{}
	}
	return r, err
}

// remember adds a report to the results, and tells it how long the first check of the same days took.
func remember(root string, r *report.Report) error {
	results, err := LoadResults(root)
	if err != nil {
		return err
	}
	var ids []string
	for _, d := range r.Days {
		earned, all := d.Points()
		results.Days[d.Day.ID()] = DayResult{When: r.Began, Tests: len(d.Tests), Passed: d.Passed(), Points: all, Earned: earned, Tree: r.TreeDigest}
		ids = append(ids, d.Day.ID())
	}
	key := strings.Join(ids, " ")
	if r.Race {
		key += " race"
	}
	if cold, ok := results.Cold[key]; ok {
		r.Cold = cold
	} else {
		results.Cold[key] = r.Elapsed
	}
	data, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(resultsFile(root)), 0o777); err != nil {
		return err
	}
	return os.WriteFile(resultsFile(root), append(data, '\n'), 0o666)
}
