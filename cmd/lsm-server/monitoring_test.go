//go:build reference

package main

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"lsmlab/internal/subject"
	"lsmlab/internal/vfs"
)

// The files of the book that speak of metrics.
const (
	chapterFile   = "../../book/week3/monitoring.md"
	alertsFile    = "../../book/week3/monitoring/alerts.yml"
	dashboardFile = "../../book/week3/monitoring/dashboard.json"
	configFile    = "../../book/week3/monitoring/prometheus.yml"
)

// rule is an alert of alerts.yml.
type rule struct {
	Alert       string
	Expr        string
	For         string
	Labels      map[string]string
	Annotations map[string]string
}

// alerts reads alerts.yml.
func alerts(t *testing.T) map[string]rule {
	t.Helper()
	text, err := os.ReadFile(alertsFile)
	require.NoError(t, err)
	var file struct {
		Groups []struct {
			Name  string
			Rules []rule
		}
	}
	d := yaml.NewDecoder(strings.NewReader(string(text)))
	d.KnownFields(true)
	require.NoError(t, d.Decode(&file))
	all := map[string]rule{}
	for _, g := range file.Groups {
		for _, r := range g.Rules {
			all[r.Alert] = r
		}
	}
	return all
}

// comparison is what an alert's expression may be.
var comparison = regexp.MustCompile(`^([a-z_]+) (==|>) ([0-9]+)$`)

// fires reports whether an alert's expression holds for something in a scrape.
func fires(t *testing.T, r rule, families map[string]*dto.MetricFamily) bool {
	t.Helper()
	part := comparison.FindStringSubmatch(r.Expr)
	require.NotNil(t, part, "%s: %s is no comparison", r.Alert, r.Expr)
	limit, err := strconv.ParseFloat(part[3], 64)
	require.NoError(t, err)
	family := families[part[1]]
	require.NotNil(t, family, "%s asks for %s, which is not there", r.Alert, part[1])
	return slices.ContainsFunc(family.Metric, func(m *dto.Metric) bool {
		value := m.GetGauge().GetValue() + m.GetCounter().GetValue()
		return part[2] == "==" && value == limit || part[2] == ">" && value > limit
	})
}

// everything returns a scrape of a server that has done everything once, so that every metric that can be there is.
func everything(t *testing.T) map[string]*dto.MetricFamily {
	c := serving(t, true)
	c.s.db.plugins = subject.NewPlugins(subject.PluginsOptions{})
	require.NoError(t, c.s.db.plugins.Register(subject.NewSlowLog(os.Stderr, time.Hour)))
	c.want(204, "PUT", "/kv/a", "1")
	return c.scrape()
}

// metricName matches what looks like the name of a metric of ours, or of the process's.
var metricName = regexp.MustCompile(`\b(?:lsm|go|process)_[a-z0-9_]*[a-z0-9]\b`)

// family returns the family that a name in an expression belongs to.
func family(name string, families map[string]*dto.MetricFamily) *dto.MetricFamily {
	for _, suffix := range []string{"", "_bucket", "_sum", "_count"} {
		base, ok := strings.CutSuffix(name, suffix)
		if f := families[base]; ok && f != nil && (suffix == "" || f.GetType() == dto.MetricType_HISTOGRAM) {
			return f
		}
	}
	return nil
}

// Every metric that the dashboard shows, or an alert asks for, is there. A panel over a name that was changed shows "no
// data", and an alert over one is silent for ever.
func TestMonitoring_NamesExist(t *testing.T) {
	families := everything(t)
	for name, r := range alerts(t) {
		require.False(t, fires(t, r, families), "%s fires though all is well", name)
		require.NotEmpty(t, r.For)
		require.NotEmpty(t, r.Labels["severity"])
		require.NotEmpty(t, r.Annotations["summary"])
		require.NotEmpty(t, r.Annotations["description"])
	}
	text, err := os.ReadFile(dashboardFile)
	require.NoError(t, err)
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	require.NoError(t, json.Unmarshal(text, &dashboard))
	require.NotEmpty(t, dashboard.Panels)
	for _, p := range dashboard.Panels {
		require.NotEmpty(t, p.Targets, p.Title)
		for _, target := range p.Targets {
			names := metricName.FindAllString(target.Expr, -1)
			require.NotEmpty(t, names, target.Expr)
			for _, name := range names {
				require.NotNil(t, family(name, families), "%s: %s is not there", p.Title, name)
				rated := strings.Contains(target.Expr, "rate("+name) || strings.Contains(target.Expr, "increase("+name)
				counts := family(name, families).GetType() != dto.MetricType_GAUGE
				require.Equal(t, counts, rated, "%s: rates are for counters, and counters for rates: %s", p.Title, target.Expr)
			}
		}
	}
}

// Prometheus finds the rules beside its configuration, and gives the server the name that the dashboard asks for.
func TestMonitoring_ConfigurationFits(t *testing.T) {
	text, err := os.ReadFile(configFile)
	require.NoError(t, err)
	var config struct {
		Rules []string `yaml:"rule_files"`
		Jobs  []struct {
			Name    string                       `yaml:"job_name"`
			Targets []struct{ Targets []string } `yaml:"static_configs"`
		} `yaml:"scrape_configs"`
	}
	require.NoError(t, yaml.Unmarshal(text, &config))
	require.Equal(t, []string{filepath.Base(alertsFile)}, config.Rules)
	require.Len(t, config.Jobs, 1)
	f, err := parse([]string{"--path", "db"})
	require.NoError(t, err)
	require.Equal(t, []string{f.Addr}, config.Jobs[0].Targets[0].Targets, "the default of --addr")
	text, err = os.ReadFile(dashboardFile)
	require.NoError(t, err)
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, `"expr"`) {
			require.Contains(t, line, `job=\"`+config.Jobs[0].Name+`\"`)
		}
	}
}

// The chapter speaks of every metric that there is, and of none that is not.
func TestMonitoring_ChapterKnowsAll(t *testing.T) {
	families := everything(t)
	text, err := os.ReadFile(chapterFile)
	require.NoError(t, err)
	var named []string
	for _, name := range metricName.FindAllString(string(text), -1) {
		f := family(name, families)
		require.NotNil(t, f, "the chapter speaks of %s, which is not there", name)
		named = append(named, f.GetName())
	}
	for name := range families {
		if strings.HasPrefix(name, "lsm_") {
			require.Contains(t, named, name, "the chapter does not speak of it")
		}
	}
	for name, r := range alerts(t) {
		require.Contains(t, string(text), name)
		require.Contains(t, string(text), r.Expr)
	}
}

// The first alert: a disk that takes nothing any more. It is silent before, it fires then, and goes on when the disk is
// well again, as the store does not know what has become of its last write.
func TestAlert_WritesRefused(t *testing.T) {
	r := alerts(t)["LSMWritesRefused"]
	fault := vfs.NewFault(vfs.NewMem())
	c := servingOn(t, fault, true)
	c.want(204, "PUT", "/kv/a", "1")
	require.False(t, fires(t, r, c.scrape()))
	fault.FailAlways(vfs.OpWrite, "*.log", errors.New("no space left on device"))
	c.want(503, "PUT", "/kv/b", "2")
	require.True(t, fires(t, r, c.scrape()))
	fault.Clear()
	require.True(t, fires(t, r, c.scrape()))
	require.NotZero(t, value(t, c.scrape(), "lsm_background_errors_total"))
}

// A flush that has failed can be tried again: when it succeeds writes are taken, and the alert ends without a restart.
func TestAlert_WritesRefusedEndsWithAFlush(t *testing.T) {
	r := alerts(t)["LSMWritesRefused"]
	fault := vfs.NewFault(vfs.NewMem())
	c := servingOn(t, fault, true)
	c.want(204, "PUT", "/kv/a", "1")
	fault.FailNext(vfs.OpCreate, "*.sst", errors.New("no space left on device"))
	c.want(503, "POST", "/flush", "")
	require.True(t, fires(t, r, c.scrape()))
	c.want(200, "POST", "/flush", "")
	require.False(t, fires(t, r, c.scrape()))
	c.want(204, "PUT", "/kv/a", "2")
}

// The second alert: a client has taken a snapshot and forgotten it. It fires when a quarter of an hour has gone, and
// ends when the snapshot is closed; so it does for a transaction.
func TestAlert_SnapshotHeld(t *testing.T) {
	r := alerts(t)["LSMSnapshotHeld"]
	c := serving(t, true)
	later := func(d time.Duration) bool {
		c.at(time.Now().Add(d))
		return fires(t, r, c.scrape())
	}
	require.False(t, later(time.Hour), "no snapshot is open")
	s := decode[snapshotReply](t, c.want(201, "POST", "/snapshots", ""))
	c.at(time.Now())
	require.False(t, later(14*time.Minute))
	require.True(t, later(16*time.Minute))
	require.Equal(t, 1.0, value(t, c.scrape(), "lsm_snapshots_open"))
	c.want(204, "DELETE", "/snapshots/"+s.ID, "")
	require.False(t, later(16*time.Minute))

	tx, err := c.s.db.txns.Begin(subject.Serializable)
	require.NoError(t, err)
	require.False(t, later(14*time.Minute))
	require.True(t, later(16*time.Minute))
	require.Greater(t, value(t, c.scrape(), "lsm_transaction_oldest_age_seconds"), 900.0)
	require.NoError(t, tx.Rollback())
	require.False(t, later(16*time.Minute))
}
